"""The gate: where a machine's first process waits until its cables and files are there."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from contextlib import suppress

from rangectl.node import files, inits, people, plant, spaces
from rangectl.node.inits import Init
from rangectl.node.values import File, Machine, NodeError

GATE = "/run/gate"
_SETTLED = 3.0
_CGROUPS = b"/sys/fs/cgroup"
# Nobody waits at it, or somebody who does not read: a host that will not come through.
_NOBODY_YET = {errno.ENOENT, errno.ENXIO, errno.EAGAIN, errno.EPIPE}


def waits(init: Init) -> bool:
    """Whether the process stands in its gate, or is on the way to it."""
    with init.folder() as folder:
        return GATE.encode() in inits.read(folder, "cmdline", 4096)


def settled(init: Init) -> bool:
    """Whether a process not seen at a gate has run for so long that it cannot be before it."""
    return inits.age(init) > _SETTLED


def furnish(init: Init, wanted: Sequence[File]) -> None:
    """Put files in place."""
    with init.root() as root:
        for file in wanted:
            look = plant.Look(file.mode, file.owner, file.mtime)
            plant.write(root, file.path, file.content, look)


def settle(init: Init, packed: bytes) -> int:
    """Put the people of a host in place; return how many files and folders they have there."""
    with init.root() as root:
        return people.settle(root, packed)


def prepare(init: Init, machine: Machine) -> None:
    """Free init's own cgroup tree, and hide the engine's mark."""
    with init.root() as root, suppress(FileNotFoundError):
        os.unlink(".dockerenv", dir_fd=root)
    if machine.init == "systemd":
        free_cgroup(init)


def open_gate(init: Init) -> bool:
    """Let the process go on; return False when it does not wait for it (yet)."""
    with init.root() as root:
        try:
            with files.place(root, GATE, follow=False) as spot:
                if not stat.S_ISFIFO(os.fstat(spot).st_mode):
                    msg = f"{GATE} is not a FIFO"
                    raise NodeError(msg)
                flags = os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC
                with files.held(os.open(f"/proc/self/fd/{spot}", flags)) as gate:
                    os.write(gate, b"\n")
        except OSError as error:
            if error.errno in _NOBODY_YET:
                return False
            raise
    return True


def free_cgroup(init: Init) -> None:
    """Make the machine's own cgroup tree (and no controller beside it) writable for its init."""
    with init.folder() as folder:
        target = _own_cgroup(inits.whole(folder, "mountinfo", 1 << 18))
    if target is None:
        msg = "the container has no cgroup tree that its init could use"
        raise NodeError(msg)
    with init.open("ns/mnt") as mounts, init.open("ns/cgroup") as cgroups:
        spaces.apart(lambda: spaces.remount_writable(mounts, cgroups, target))


def _own_cgroup(mountinfo: bytes) -> bytes | None:
    """Return where the systemd hierarchy (v1) or the only one (v2) is mounted.

    Only where the engine puts them: a first process with a root of its own would be shown other
    paths, and could let a link there lead to a controller.
    """
    found: bytes | None = None
    for line in mountinfo.splitlines():
        before, _, after = line.partition(b" - ")
        kind, _, options = ([*after.split(b" "), b"", b""])[:3]
        point = before.split(b" ")[4]
        if not point.startswith(_CGROUPS):
            continue
        if kind == b"cgroup" and b"name=systemd" in options.split(b","):
            return point
        if kind == b"cgroup2" and point == _CGROUPS:
            found = point
    return found
