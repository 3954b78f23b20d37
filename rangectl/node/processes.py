"""The processes of hosts, from one pass over /proc: cgroups can be left, pid namespaces cannot."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from ipaddress import IPv4Address
from itertools import islice
from struct import pack

from rangectl.node import inits
from rangectl.node.inits import GoneError, Init
from rangectl.node.values import Json, NodeError

Groups = dict[str, list[int]]
_STATUS = re.compile(rb"^(PPid|Uid|NSpid):\s+(.*)$", re.MULTILINE)
_SOCKET = re.compile(r"socket:\[(\d+)\]")
_DESCRIPTORS = 2048
_COMMAND = 2048
_SECONDS = 5.0
_WORK = 0.5
_MAPPED = "0000000000000000FFFF0000"
_TALKING = {"01", "02"}  # established, or on the way to it
Talks = dict[str, tuple[str, int]]


def by_namespace() -> Groups:
    """Group all processes of the node by the pid namespace they live in."""
    groups: Groups = {}
    for pid in os.listdir("/proc"):  # noqa: PTH208 - names only
        if pid.isdigit():
            with suppress(OSError):
                space = os.readlink(f"/proc/{pid}/ns/pid")  # noqa: PTH115 - it names no path
                groups.setdefault(space, []).append(int(pid))
    return groups


def of(init: Init, groups: Groups) -> list[Json]:
    """Describe the processes of the host whose first process this is."""
    with init.folder() as folder:
        try:
            mine = groups.get(os.readlink("ns/pid", dir_fd=folder), [])
        except OSError as error:
            raise GoneError from error
        talks = _talks(folder)
    rows = []
    end, worked = time.monotonic() + _SECONDS, time.thread_time() + _WORK
    for pid in mine:
        if time.monotonic() > end or time.thread_time() > worked:
            msg = "gave up: too many processes, or with too many files"
            raise NodeError(msg)
        with suppress(GoneError, OSError):
            rows.append((pid, _process(pid, talks)))
    inner = {pid: row["pid"] for pid, row in rows}
    for _, row in rows:
        row["ppid"] = inner.get(row["ppid"], 0)
    return sorted((row for _, row in rows), key=lambda row: int(row["pid"]))


def _process(pid: int, talks: Talks) -> Json:
    folder = os.open(f"/proc/{pid}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        status = dict(_STATUS.findall(inits.status(folder)))
        exe = ""
        with suppress(OSError):
            exe = os.readlink("exe", dir_fd=folder)
        words = inits.read(folder, "cmdline", _COMMAND).rstrip(b"\0")
        return {
            "pid": int(status[b"NSpid"].split()[-1]),
            "ppid": int(status[b"PPid"]),
            "start": inits.start_of(folder),
            "uid": int(status[b"Uid"].split()[0]),
            "exe": exe,
            "command": [os.fsdecode(word) for word in words.split(b"\0")] if words else [],
            "connections": _connections(folder, talks) if talks else [],
        }
    finally:
        os.close(folder)


def _connections(folder: int, talks: Talks) -> list[tuple[str, int]]:
    found = set()
    with suppress(OSError):
        descriptors = os.open("fd", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
        try:
            with os.scandir(descriptors) as listing:  # a process may have a million of them
                names = [one.name for one in islice(listing, _DESCRIPTORS)]
            for name in names:
                with suppress(OSError):
                    match = _SOCKET.match(os.readlink(name, dir_fd=descriptors))
                    if match and match[1] in talks:
                        found.add(talks[match[1]])
        finally:
            os.close(descriptors)
    return sorted(found)


def _talks(folder: int) -> Talks:
    """Return the remote end of every TCP connection of the host, by the number of its socket."""
    talks: Talks = {}
    for table in ("net/tcp", "net/tcp6"):
        with suppress(GoneError):
            for line in _whole(folder, table).splitlines()[1:]:
                fields = line.split()
                if len(fields) > 9 and fields[3] in _TALKING:
                    remote = _remote(fields[2])
                    if remote:
                        talks[fields[9]] = remote
    return talks


def _whole(folder: int, name: str) -> str:
    try:
        file = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        raise GoneError from error
    with os.fdopen(file, encoding="ascii") as text:
        return text.read(4 << 20)


def _remote(field: str) -> tuple[str, int] | None:
    address, _, port = field.partition(":")
    if len(address) == 32:
        if not address.startswith(_MAPPED):
            return None
        address = address[24:]
    return str(IPv4Address(pack("=I", int(address, 16)))), int(port, 16)
