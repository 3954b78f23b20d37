"""Which process is the first one of which container, found in /proc alone."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from rangectl.node import spaces

_ID = re.compile(rb"[0-9a-f]{64}")
_NAMES = re.compile(rb"^NSpid:\s+(.*)$", re.MULTILINE)


class GoneError(Exception):
    """A container that does not run."""


@dataclass(frozen=True, slots=True)
class Init:
    """The first process of a container; `start` tells it from a later one of the same id."""

    pid: int
    start: int

    @contextmanager
    def folder(self) -> Iterator[int]:
        """Hold the process's own folder in /proc, which never comes to mean another process."""
        try:
            folder = os.open(f"/proc/{self.pid}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise GoneError from error
        try:
            if start_of(folder) != self.start:
                raise GoneError
            yield folder
        finally:
            os.close(folder)

    @contextmanager
    def open(self, what: str, flags: int = os.O_RDONLY) -> Iterator[int]:
        """Hold something of the process's folder open, such as `ns/net` or `root`."""
        with self.folder() as folder:
            try:
                held = os.open(what, flags | os.O_CLOEXEC, dir_fd=folder)
            except (FileNotFoundError, ProcessLookupError) as error:
                raise GoneError from error
        try:
            yield held
        finally:
            os.close(held)

    @contextmanager
    def root(self) -> Iterator[int]:
        """Hold the container's root: that of its mounts, whatever a process in it calls its own.

        A first process that moved its root into an empty folder would else hide all files.
        """
        with self.open("ns/mnt") as mounts:
            held = spaces.apart(lambda: spaces.root_of(mounts))
        try:
            yield held
        finally:
            os.close(held)

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        try:
            with self.folder():
                return True
        except GoneError:
            return False


def read(folder: int, name: str, size: int = 65536) -> bytes:
    """Read the beginning of a file of a process's folder."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        raise GoneError from error
    try:
        return os.read(file, size)
    except OSError as error:
        raise GoneError from error
    finally:
        os.close(file)


def whole(folder: int, name: str, size: int) -> bytes:
    """Read a file of a process's folder to its end, in bounds: one read gives only a page of it."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        raise GoneError from error
    parts: list[bytes] = []
    with os.fdopen(file, "rb", buffering=0) as stream:
        while sum(map(len, parts)) < size and (part := stream.read(1 << 16)):
            parts.append(part)
    return b"".join(parts)


def status(folder: int) -> bytes:
    """Read a process's status; its list of groups alone may be 700 KiB long."""
    text = read(folder, "status", 8192)
    return text if len(text) < 8192 else read(folder, "status", 1 << 20)


def start_of(folder: int) -> int:
    """Return when a process began, in clock ticks since boot."""
    return int(read(folder, "stat", 4096).rpartition(b")")[2].split()[19])


def age(init: Init) -> float:
    """Return for how many seconds a process has lived."""
    uptime = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
    return uptime - init.start / os.sysconf("SC_CLK_TCK")


class Inits:
    """A memory of inits by container id, refreshed with what is new in /proc."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Init] = {}
        self._news: dict[str, Init] = {}
        self._passed_over: set[str] = set()

    def scan(self, *, afresh: bool = False) -> None:
        """Look at processes not looked at before (or at all)."""
        with self._lock:
            pids = {name for name in os.listdir("/proc") if name.isdigit()}  # noqa: PTH208 - names only
            self._passed_over &= set() if afresh else pids
            found: dict[str, Init] = {}
            for pid in pids - self._passed_over:
                with suppress(GoneError):
                    self._consider(pid, found)
            new = {c: init for c, init in found.items() if self._known.get(c) != init}
            self._known.update(found)
            self._news.update(new)

    def news(self) -> dict[str, Init]:
        """Return, once, the inits that were met since this was asked the last time.

        Whoever asks for a container may be the first to meet its new init; the news of it still
        comes here.
        """
        with self._lock:
            news, self._news = self._news, {}
            return news

    def _consider(self, pid: str, found: dict[str, Init]) -> None:
        container, depth, start = _identity(pid)
        if depth and container is None:
            return  # the first of its namespace, but in no container's cgroup yet: look again
        self._passed_over.add(pid)
        if container and (container not in found or found[container].start > start):
            found[container] = Init(int(pid), start)

    def find(self, container: str) -> Init:
        """Return the running init of a container; raise GoneError when there is none."""
        for afresh in (False, True):
            init = self._known.get(container)
            if init is not None and init.alive:
                return init
            self.scan(afresh=afresh)
        init = self._known.get(container)
        if init is None or not init.alive:
            self._known.pop(container, None)
            raise GoneError(container)
        return init


def _identity(pid: str) -> tuple[str | None, bool, int]:
    try:
        folder = os.open(f"/proc/{pid}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise GoneError from error
    try:
        names = _NAMES.search(status(folder))
        numbers = names[1].split() if names else []
        if len(numbers) < 2 or numbers[-1] != b"1":
            return None, False, 0
        match = _ID.search(read(folder, "cgroup"))
        inside = match is not None and _has_own_root(folder)
        return (match[0].decode() if match and inside else None), True, start_of(folder)
    finally:
        os.close(folder)


def _has_own_root(folder: int) -> bool:
    """Whether a container's first process has left the root of those who start it.

    The engine's runtime is already in the container's cgroup and namespaces while `/` still is the
    machine's own: who took it for an init then would read and write the machine's files.
    """
    parent = read(folder, "stat", 4096).rpartition(b")")[2].split()[1].decode()
    try:
        mine, outside = os.stat("root/", dir_fd=folder), Path(f"/proc/{parent}/root/").stat()
        return not os.path.samestat(mine, outside)
    except OSError:
        return False
