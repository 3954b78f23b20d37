"""What a machine is, and whether ranges can live on it: from facts to findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Grade = Literal["good", "warning", "prevents"]

MIB, GIB = 2**20, 2**30
_OLDEST_API = (1, 41)
_HOST_MEMORY, _HOST_DISK = 48 * MIB, 32 * MIB
_IMAGES_DISK = 3 * GIB
_IMAGES_FILES, _HOST_FILES = 200_000, 5_000
_SKEW = 5.0

# The version that mends the known holes of the engine's own networks, which a fabric does not use.
_ENGINE_FLOOR = (29, 4, 3)
_CONTAINERD_FLOOR = (2, 2, 5)
_NO_DEADLOCK = (23,)
_QUIET_LOOKS = (6, 10)

# What the engine's filter of system calls lets through, and since which version no more.
_LET_THROUGH = {"AF_ALG": (29, 4, 2), "io_uring": (25, 0), "AF_VSOCK": (23, 0)}

_CONFINED = {
    "rootless": (
        "the engine runs without root: no node agent can enter the networks of its hosts",
        "use an engine that runs as root, on a machine or in a virtual machine of its own",
    ),
    "userns": (
        "the engine gives containers user ids of their own: no node agent can see the processes",
        "take userns-remap out of the engine's daemon.json",
    ),
}

LIMITS: Mapping[str, tuple[int, int, str]] = {
    "fs.inotify.max_user_instances": (16, 3, "what hosts' inits watch files with"),
    "fs.inotify.max_user_watches": (1024, 32, "files that hosts' inits watch"),
    "kernel.pid_max": (4096, 200, "process ids"),
    "kernel.threads-max": (4096, 200, "threads"),
    "kernel.keys.root_maxkeys": (200, 2, "keyrings of sessions"),
    "net.ipv4.neigh.default.gc_thresh3": (256, 8, "neighbours of all hosts"),
    "fs.file-max": (8192, 512, "open files"),
    "user.max_net_namespaces": (16, 2, "network namespaces"),
}
"""Kernel settings that a range uses up: what the machine needs itself, what each host adds, of
what.
"""


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that a crashed command left, and how to be rid of it."""

    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read of an engine and of the machine that it runs on; bytes and seconds.

    `here`: the engine runs on this machine, so that `limits`, `features` and disk are its own.
    `features` says of each kernel feature whether it was seen to work; None: could not be tried.
    `unlimited` names what the engine cannot hold a container to, `confined` what it withholds from
    all of them: it is `rootless`, or gives them user ids of its own (`userns`). `inodes` are those
    free beside `disk`; None where the file system has no such bound.
    """

    engine: str
    api: str
    runc: str
    cgroups: str
    storage: str
    kernel: str
    cores: int
    memory: int
    here: bool
    skew: float
    limits: Mapping[str, int | None] = field(default_factory=dict)
    features: Mapping[str, bool | None] = field(default_factory=dict)
    disk: int | None = None
    free_memory: int | None = None
    containerd: str = ""
    home: str | None = None
    tools: Mapping[str, bool] = field(default_factory=dict)
    leftovers: tuple[Leftover, ...] = ()
    unlimited: tuple[str, ...] = ()
    confined: tuple[str, ...] = ()
    inodes: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `mend` says what to do about what is not good."""

    subject: str
    grade: Grade
    text: str
    mend: str | None = None


def findings(facts: Facts, hosts: int) -> tuple[Finding, ...]:
    """Judge a machine for ranges of so many hosts in all; every finding that is not good has a
    mend.
    """
    rules: tuple[Callable[[Facts, int], Iterator[Finding]], ...] = (
        _engine, _cgroups, _held, _kernel, _limits, _room, _clock, _rights, _leftovers,
    )  # fmt: skip
    return tuple(found for rule in rules for found in rule(facts, hosts))


def _engine(facts: Facts, hosts: int) -> Iterator[Finding]:
    del hosts
    if _version(facts.api) < _OLDEST_API:
        text = f"Docker Engine {facts.engine} speaks API {facts.api}: cgroup namespaces need 1.41"
        yield Finding("engine", "prevents", text, "install Docker Engine 20.10 or later")
        return
    yield Finding("engine", "good", f"Docker Engine {facts.engine}, API {facts.api}")
    if _version(facts.engine) < _ENGINE_FLOOR:
        floor = ".".join(map(str, _ENGINE_FLOOR))
        text = (
            f"engines before {floor} leak through networks of their own; ranges use none of them,"
            " so that the fabric closes these holes (rangectl contain proves it)"
        )
        yield Finding("engine age", "warning", text, f"upgrade to {floor} where it can be had")
    if _version(facts.engine) < _NO_DEADLOCK:
        text = (
            f"engines before {_NO_DEADLOCK[0]}.0 may hang when containers leave networks at the"
            " same moment; hosts are on none, but other people's containers may be"
        )
        mend = "restart an engine that hangs, then give the same command again; or upgrade it"
        yield Finding("engine hangs", "warning", text, mend)
    yield from _seccomp(facts)
    if facts.containerd and _version(facts.containerd) < _CONTAINERD_FLOOR:
        floor = ".".join(map(str, _CONTAINERD_FLOOR))
        text = f"containerd {facts.containerd} lacks mends that came until {floor}"
        yield Finding("containerd", "warning", text, f"upgrade containerd to {floor} or later")
    if facts.runc and _is_old_runc(_version(facts.runc)):
        text = (
            f"runc {facts.runc} has known ways out of containers by mounts raced with their start;"
            " hosts of a range mount nothing and are not started by trainees, which closes most"
        )
        yield Finding("runc", "warning", text, "upgrade runc to 1.2.8, 1.3.3 or later")
    if facts.storage not in {"overlay2", "overlayfs", "fuse-overlayfs", "btrfs", "zfs"}:
        text = f"the storage driver {facts.storage} copies whole images for every host"
        yield Finding("storage", "warning", text, "use overlay2: see the engine's daemon.json")


def _seccomp(facts: Facts) -> Iterator[Finding]:
    """Tell what the engine's own filter of system calls lets hosts do: no fabric prevents it."""
    calls = [name for name, since in _LET_THROUGH.items() if _version(facts.engine) < since]
    if calls:
        text = (
            f"hosts may use {', '.join(calls)}: this engine's filter of system calls lets them, and"
            " the fabric does not close it; on a kernel without the mend of CVE-2026-31431 one team"
            " could spoil files of images that others share"
        )
        floor = ".".join(map(str, _ENGINE_FLOOR))
        mend = f"run a kernel with that mend; upgrade the engine to {floor} where it can be had"
        yield Finding("system calls", "warning", text, mend)


def _cgroups(facts: Facts, hosts: int) -> Iterator[Finding]:
    del hosts
    if facts.cgroups == "2":
        yield Finding("cgroups", "good", "version 2: systemd up to 257 runs in hosts")
    else:
        text = "version 1: systemd of Debian 12 runs in hosts, that of Debian 13 is not at its best"
        mend = "boot with systemd.unified_cgroup_hierarchy=1 for hosts of Debian 13"
        yield Finding("cgroups", "warning", text, mend)


def _held(facts: Facts, hosts: int) -> Iterator[Finding]:
    del hosts
    if facts.unlimited:
        what = ", ".join(facts.unlimited)
        text = f"this engine holds no container to limits of {what}: one host may take them all"
        mend = "boot with the cgroup controllers of these, and see that the engine has them"
        yield Finding("container limits", "warning", text, mend)


def _kernel(facts: Facts, hosts: int) -> Iterator[Finding]:
    del hosts
    lacking = sorted(name for name, works in facts.features.items() if works is False)
    for name in lacking:
        text = f"the kernel has no {name}, which the fabric is made of"
        yield Finding("kernel", "prevents", text, f"load or build the kernel's {name}")
    untried = sorted(name for name, works in facts.features.items() if works is None)
    if untried:
        text = f"not tried, for lack of rights: {', '.join(untried)}"
        yield Finding("kernel", "warning", text, "run rangectl doctor as root")
    if _version(facts.kernel) < _QUIET_LOOKS:
        text = (
            f"{facts.kernel}: without the fix 'do not generate events for O_PATH', who watches a"
            " file on a host sees when its place is looked at by its path"
        )
        yield Finding("kernel age", "warning", text, "run a kernel from 6.10 on, or one with that")
    if not lacking and not untried:
        known = f": {', '.join(sorted(facts.features))} work" if facts.features else ""
        yield Finding("kernel", "good", f"{facts.kernel}{known}")


def _limits(facts: Facts, hosts: int) -> Iterator[Finding]:
    short = False
    for name, (machine, each, what) in LIMITS.items():
        wanted = machine + each * hosts
        found = facts.limits.get(name)
        if found is not None and found < wanted:
            short = True
            text = f"{name} is {found}; {hosts} hosts want {wanted} ({what})"
            yield Finding("limits", "warning", text, f"sysctl -w {name}={_rounded(wanted)}")
    if not short and facts.limits:
        yield Finding("limits", "good", f"kernel settings suffice for {hosts} hosts")


def _room(facts: Facts, hosts: int) -> Iterator[Finding]:
    wanted = hosts * _HOST_MEMORY
    free = facts.memory if facts.free_memory is None else facts.free_memory
    if free < wanted:
        text = f"{_size(free)} of memory are free; {hosts} hosts want about {_size(wanted)}"
        yield Finding("memory", "warning", text, "end what is not needed, or run fewer hosts")
    else:
        yield Finding("memory", "good", f"{_size(free)} free for {hosts} hosts")
    if facts.disk is not None:
        wanted = _IMAGES_DISK + hosts * _HOST_DISK
        if facts.disk < GIB // 2:
            text = f"{_size(facts.disk)} of disk are free where the engine keeps images"
            yield Finding("disk", "prevents", text, "free some: rangectl down --all, docker prune")
        elif facts.disk < wanted:
            text = f"{_size(facts.disk)} of disk are free; images and {hosts} hosts may want more"
            yield Finding("disk", "warning", text, f"have {_size(wanted)} free")
        else:
            yield Finding("disk", "good", f"{_size(facts.disk)} free where the engine keeps images")
    files = _IMAGES_FILES + hosts * _HOST_FILES
    if facts.inodes is not None and facts.inodes < files:
        text = f"{facts.inodes} inodes are free; images and {hosts} hosts may want {files}"
        mend = "free some: rangectl image prune; or keep images on a file system with more"
        yield Finding("inodes", "warning", text, mend)
    if facts.cores < 2:
        text = "one core: hosts boot one after the other"
        yield Finding("cores", "warning", text, "give the machine two")


def _clock(facts: Facts, hosts: int) -> Iterator[Finding]:
    del hosts
    if abs(facts.skew) > _SKEW:
        text = f"the engine's clock is {facts.skew:+.0f} s off this machine's"
        mend = "synchronise both: leases and evidence compare times"
        yield Finding("clock", "warning", text, mend)
    else:
        yield Finding("clock", "good", "the engine's clock is this machine's")


def _rights(facts: Facts, hosts: int) -> Iterator[Finding]:
    del hosts
    for what in facts.confined:
        yield Finding("rights", "prevents", *_CONFINED[what])
    if facts.home is not None:
        mend = "set RANGECTL_HOME to a folder that you may write"
        yield Finding("state", "prevents", facts.home, mend)
    for tool, there in sorted(facts.tools.items()):
        if not there:
            text = f"{tool} is missing: a base image can only be pulled, not bootstrapped"
            yield Finding("tools", "warning", text, f"apt install {tool}")


def _leftovers(facts: Facts, hosts: int) -> Iterator[Finding]:
    del hosts
    for one in facts.leftovers:
        yield Finding("leftovers", "warning", one.what, one.mend)
    if not facts.leftovers:
        yield Finding("leftovers", "good", "none of crashed commands")


def _is_old_runc(version: tuple[int, ...]) -> bool:
    """Say whether a runc lacks the mends of November 2025."""
    return version < (1, 2, 8) or (1, 3) <= version < (1, 3, 3)


def _version(text: str) -> tuple[int, ...]:
    """Read the numbers at the beginning of a version; none where there are none."""
    match = re.match(r"v?(\d+(?:\.\d+)*)", text)
    return tuple(int(part) for part in match[1].split(".")) if match else ()


def _rounded(number: int) -> int:
    """Return the next power of two."""
    return 1 << (number - 1).bit_length()


def _size(number: int) -> str:
    return f"{number / GIB:.1f} GiB" if number >= GIB else f"{number / MIB:.0f} MiB"
