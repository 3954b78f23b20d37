"""Files of a container, reached so that nothing in it can lead out of its root."""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Protocol

from rangectl.node import spaces
from rangectl.node.values import NodeError

_IN_ROOT, _NO_MAGICLINKS, _NO_SYMLINKS = 0x10, 0x02, 0x04
_HOW = struct.Struct("=QQQ")
KERNEL_TREES = ("/proc", "/sys")
"""Trees of the kernel's own: endless, and never anything's place of rest."""
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NONBLOCK | os.O_NOATIME | os.O_CLOEXEC
_INTO = FOLDER | os.O_NOFOLLOW
USED_UP = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""The agent itself had nothing left to look with: that says nothing of what is there."""


def open_in(root: int, path: str, flags: int, mode: int = 0, *, plain: bool = False) -> int:
    """Open a path below a root; symlinks lead where they would lead inside it, or, where the path
    has to be `plain`, are an OSError (ELOOP).
    """
    name = os.fsencode(path)
    if b"\0" in name:
        raise OSError(errno.EINVAL, "a zero byte in a path")
    for _ in range(16):
        try:
            return spaces.openat2(root, name, _how(flags, mode, plain))
        except OSError as error:
            # Something was renamed while the kernel walked: it asks to be asked again.
            if error.errno != errno.EAGAIN:
                raise
    raise OSError(errno.EAGAIN, "the path keeps changing")


@cache
def _how(flags: int, mode: int, plain: bool) -> bytes:  # noqa: FBT001 - as `open_in` has it
    no_links = _NO_SYMLINKS if plain else 0
    return _HOW.pack(flags | os.O_CLOEXEC, mode, _IN_ROOT | _NO_MAGICLINKS | no_links)


def is_plain(root: int, path: str) -> bool:
    """Whether no part of a path below a root is a symlink."""
    try:
        with held(open_in(root, path, os.O_PATH, plain=True)):
            return True
    except OSError as error:
        return error.errno != errno.ELOOP


@contextmanager
def held(descriptor: int) -> Iterator[int]:
    """Close a descriptor at the end of a block."""
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def place(root: int, path: str, *, follow: bool = True) -> Iterator[int]:
    """Hold the place a path names, without opening what is there."""
    found = open_in(root, path, os.O_PATH | (0 if follow else os.O_NOFOLLOW))
    try:
        yield found
    finally:
        os.close(found)


@contextmanager
def reading(spot: int) -> Iterator[int]:
    """Open for reading what is at a held place; only a regular file is ever opened."""
    if not stat.S_ISREG(os.fstat(spot).st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOATIME | os.O_CLOEXEC
    with held(os.open(f"/proc/self/fd/{spot}", flags)) as file:
        yield file


def read_up_to(file: int, size: int) -> bytes:
    """Read at most `size` bytes."""
    parts = []
    while size > 0 and (part := os.read(file, min(size, 1 << 20))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


@dataclass(slots=True)
class Entry:
    """Something met in a folder that is held open while it is looked at; `above` is its path."""

    folder: int
    above: str
    found: os.DirEntry[str]

    @property
    def name(self) -> str:
        """Its name."""
        return self.found.name

    @property
    def path(self) -> str:
        """Its path below the root."""
        return f"{self.above}/{self.found.name}"

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder itself, not a symlink to one."""
        return self.found.is_dir(follow_symlinks=False)

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file itself."""
        return self.found.is_file(follow_symlinks=False)

    @contextmanager
    def held(self) -> Iterator[int]:
        """Hold it, without opening what it is."""
        flags = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
        with held(os.open(self.found.name, flags, dir_fd=self.folder)) as spot:
            yield spot


def names_in(folder: int, limit: int) -> list[Entry]:
    """List at most `limit` entries of a held folder."""
    with os.scandir(folder) as listing:
        return [Entry(folder, "", one) for one in islice(listing, limit)]


def walk(root: int, top: str, limit: int = 100_000) -> Iterator[Entry]:
    """Yield what is below a folder, following no symlink and entering no kernel tree.

    Every folder is opened by name from its parent's descriptor, so that renames on the way lead
    nowhere, and read bit by bit: no number of entries fills the agent's memory. NodeError at the
    end when not all of it was met: what lies too deep or is too much.
    """
    left = _Left(limit)
    with held(open_in(root, top, FOLDER)) as folder:
        yield from _below(folder, top.rstrip("/"), left, 128)
    if left.cut:
        msg = f"gave up: {top} is too deep, or holds more than {limit} files"
        raise NodeError(msg)


@dataclass(slots=True)
class _Left:
    """How many entries a walk may still meet; `cut` once there were more, or some too deep."""

    entries: int
    cut: bool = False


class _Listing(Protocol):
    def __next__(self) -> os.DirEntry[str]: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class _Level:
    """A folder that is being read; `own` says whether the walk itself opened it."""

    folder: int
    path: str
    listing: _Listing
    own: bool = True


def _below(folder: int, path: str, left: _Left, depth: int) -> Iterator[Entry]:
    """Yield what is below a held folder, each folder's content right after the folder itself."""
    levels = [_Level(folder, path, os.scandir(folder), own=False)] if _may_enter(path) else []
    try:
        while levels:
            level = levels[-1]
            one = _next(level, left)
            if one is None:
                _leave(levels.pop())
                continue
            if not left.entries:
                left.cut = True
                return
            left.entries -= 1
            entry = Entry(level.folder, level.path, one)
            yield entry
            if entry.is_folder and _may_enter(entry.path):
                if len(levels) < depth:
                    _enter(levels, entry, left)
                else:
                    left.cut = True
    finally:
        while levels:
            _leave(levels.pop())


def _next(level: _Level, left: _Left) -> os.DirEntry[str] | None:
    """Return a folder's next entry; one below the first that cannot be read is passed over."""
    try:
        return level.listing.__next__()
    except StopIteration:
        return None
    except OSError as error:
        if not level.own:
            raise
        left.cut |= error.errno in USED_UP
        return None


def _may_enter(path: str) -> bool:
    return path not in KERNEL_TREES


def _enter(levels: list[_Level], entry: Entry, left: _Left) -> None:
    try:
        below = os.open(entry.name, _INTO, dir_fd=entry.folder)
    except OSError as error:
        left.cut |= error.errno in USED_UP
        return
    try:
        levels.append(_Level(below, entry.path, os.scandir(below)))
    except OSError as error:
        os.close(below)
        left.cut |= error.errno in USED_UP


def _leave(level: _Level) -> None:
    level.listing.close()
    if level.own:
        os.close(level.folder)
