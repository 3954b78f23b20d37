"""What is mounted over a process of a host: told from its table of mounts, and done there."""

from __future__ import annotations

import os
import re

from rangectl.node import inits, processes, spaces
from rangectl.node.inits import Init
from rangectl.node.values import Json, NodeError

_TABLE_BYTES = 4 << 20
_MOST = 1000
_PROCESS = re.compile(r"^\d+ \d+ \S+ \S+ /proc/(\d{1,9}) ", re.MULTILINE)


def covered(init: Init) -> list[int]:
    """Return the processes, by their ids in the host, that something is mounted over."""
    with init.folder() as folder:
        table = inits.whole(folder, "mountinfo", _TABLE_BYTES)
    return sorted({int(pid) for pid in _PROCESS.findall(table.decode(errors="replace"))})[:_MOST]


def cover(init: Init, edit: Json, groups: processes.Groups) -> None:
    """Mount a folder of a host over the oldest process that runs a program."""
    running = [row for row in processes.of(init, groups) if _is_meant(row, edit["program"])]
    if not running:
        msg = f"no process runs {edit['program']}"
        raise NodeError(msg)
    oldest = min(running, key=lambda row: (row["start"], row["pid"]))
    if oldest["pid"] in covered(init):
        return
    source, target = os.fsencode(edit["folder"]), f"/proc/{oldest['pid']}".encode()
    with init.open("ns/mnt") as mounts:
        spaces.apart(lambda: spaces.bind(mounts, source, target))


def _is_meant(row: Json, program: str) -> bool:
    """Whether a process runs a program; the first of a host is never covered."""
    return row["pid"] != 1 and program in (row["exe"], *row["command"][:3])
