"""A node agent that wires, plants and probes hosts which are dictionaries."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from ipaddress import IPv4Address
from typing import assert_never

from rangectl.engine.memory import Box, Entry, MemoryClock, MemoryEngine
from rangectl.engine.memory_cron import MemoryCron
from rangectl.errors import RangeError
from rangectl.plan import matrix
from rangectl.plan.fabric import (
    Attempt,
    Difference,
    Fabric,
    Link,
    Machine,
    Namespace,
    Structure,
    Wired,
)
from rangectl.plan.matrix import Crossed, Try
from rangectl.plan.pack import unpack
from rangectl.plan.probing import (
    Answer,
    AppendLine,
    Copy,
    Edit,
    FileEdit,
    FileFact,
    FindContent,
    FolderFact,
    Grant,
    Grep,
    Hide,
    LineFact,
    MakeFolder,
    Mounts,
    Processes,
    Query,
    ReadFolder,
    ReadTail,
    Refresh,
    Remove,
    Stat,
    Symlink,
    Write,
)
from rangectl.plan.spec import File

_WAYS = ("tcp", "udp", "dns", "icmp", "ipv6", "raw", "broadcast")
LINK = 0o777
"""The mode of a symbolic link, whose content is what it says."""
_SUID = 0o4000
_STILL = "the host does not run"
_LOOPBACK = Link(1, "lo", "loopback", "", up=True)


class MemoryNode:
    """Implements the Node port on the boxes of a MemoryEngine.

    `cron` starts programs as the clock moves. `leaks` are attempts that a proof finds beside its
    controls, `proofs` how many were asked for, `kept` the ranges that are kept wired, by name;
    while `open` is true, its routers let everything pass.
    """

    def __init__(self, engine: MemoryEngine, clock: MemoryClock) -> None:
        self._boxes = engine.boxes
        self._clock = clock
        self.cron = MemoryCron(engine, clock)
        self.leaks: list[Attempt] = []
        self.proofs = 0
        self.kept: set[str] = set()
        self.removed = False
        self.open = False

    def wire(self, fabric: Fabric, timeout: float = 15.0) -> Wired:  # noqa: ARG002 - none is late
        """Note every machine that runs as wired and give it its files."""
        if self._running(fabric.switch) is None:
            msg = f"node: wire: the switch of {fabric.range} does not run"
            raise RangeError(msg)
        self.kept.add(str(fabric.range))
        self.removed = False
        there = [one for one in fabric.machines if self._running(one.container) is not None]
        opened = [one.spec.name for one in there if not self._boxes[one.container].wired]
        changed = [what for machine in there for what in self._wire(machine)]
        missing = [one.spec.name for one in fabric.machines if one not in there]
        return Wired(tuple(changed), tuple(opened), tuple(missing), 0.0)

    def differences(self, fabric: Fabric) -> tuple[Difference, ...] | None:
        """Return what wiring would change; nobody can tell while no range is kept wired."""
        if self.removed or not self.kept:
            return None
        there = [one for one in fabric.machines if self._running(one.container) is not None]
        return tuple(one for machine in there for one in self._differences(machine))

    def _differences(self, machine: Machine) -> Iterator[Difference]:
        box, name = self._boxes[machine.container], machine.spec.name
        for nic in () if box.wired else machine.spec.nics:
            yield Difference(name, f"{nic.name}.cable: none -> {nic.segment}")
        for file in self._lacks(machine):
            known = any(one.path == file.path for one in box.personal)
            what = "given in another form" if known else "not given yet"
            yield Difference(name, f"{file.path}: {what}")

    def _lacks(self, machine: Machine) -> list[File]:
        box = self._boxes[machine.container]
        given = machine.files if machine.kept and not box.personal else box.personal
        return [file for file in machine.files if file not in given]

    def _wire(self, machine: Machine) -> list[str]:
        box, name = self._boxes[machine.container], machine.spec.name
        cables = [] if box.wired else [f"{name}: plugged {nic.name}" for nic in machine.spec.nics]
        fresh = self._lacks(machine)
        for file in fresh:
            entry = Entry(file.content, file.mode, file.owner, self._clock.now().timestamp())
            box.files[file.path] = entry
        if machine.pack is not None and box.pack != machine.pack.digest:
            box.pack = machine.pack.digest
            for path, mode, owner, mtime, content in unpack(machine.pack):
                if content is not None:
                    box.files[path] = Entry(content, mode, owner, mtime)
        box.wired, box.personal = True, machine.files
        return cables + [f"{name}: put {file.path} in place" for file in fresh]

    def _running(self, container: str) -> Box | None:
        box = self._boxes.get(container)
        return box if box is not None and box.seen.running else None

    def release(self) -> None:
        """Forget ranges that are gone, and end with the last."""
        self.kept &= {str(box.seen.range) for box in self._boxes.values()}
        self.removed = not self.kept

    def structure(self, fabric: Fabric) -> Structure:
        """Return the structure of a fabric that is wired as wanted."""
        count = itertools.count(2)
        bridges = {name: next(count) for name in fabric.bridges}
        links = [Link(index, name, "bridge", "", up=True) for name, index in bridges.items()]
        machines = []
        for machine in fabric.machines:
            nics = []
            for nic in machine.spec.nics:
                near, far = next(count), next(count)
                master = bridges[nic.segment]
                links.append(Link(far, f"p{far}", "veth", "", up=True, peer=near, master=master))
                nics.append(Link(near, nic.name, "veth", nic.mac, up=True, peer=far))
            addresses = tuple((nic.name, str(nic.address)) for nic in machine.spec.nics)
            forward = machine.spec.kind == "router"
            space = Namespace((_LOOPBACK, *nics), addresses, (), _sysctls(forward=forward))
            machines.append((machine.spec.name, space))
        switch = Namespace((_LOOPBACK, *links), (), (), _sysctls(forward=False))
        return Structure(switch, tuple(machines))

    def attempts(
        self,
        fabric: Fabric,
        other: Fabric | None,  # noqa: ARG002 - the port's words
        outside: str,
        name: str,  # noqa: ARG002 - the port's words
    ) -> tuple[Attempt, ...]:
        """Return controls that succeed and attempts that do not, and the leaks that were set."""
        self.proofs += 1
        machines = [one.spec for one in fabric.machines if one.spec.kind != "client"]
        tried = [
            Attempt(
                host.name, nic.segment, way, "witness" if control else outside, control, control
            )
            for host in machines
            for nic in host.nics
            for way in _WAYS
            for control in (True, False)
        ]
        return (*tried, *self.leaks)

    def cross(self, tries: Sequence[Try]) -> tuple[Crossed, ...]:
        """Let through what policies of running routers say, between machines that are wired."""
        return tuple(self._cross(one) for one in tries)

    def _cross(self, one: Try) -> Crossed:
        source, target = self._running(one.source), self._running(one.target)
        if source is None or target is None or not (source.wired and target.wired):
            return Crossed(reached=False, arrived=False, detail=_STILL)
        mine, theirs = source.seen.spec, target.seen.spec
        if mine is None or theirs is None:
            return Crossed(reached=False, arrived=False, detail="it is nobody")
        near = {nic.segment for nic in mine.nics} & {nic.segment for nic in theirs.nics}
        boxes = (box for box in self._boxes.values() if box.seen.running)
        routers = [
            spec
            for box in boxes
            if box.seen.range == source.seen.range
            and (spec := box.seen.spec) is not None
            and spec.kind == "router"
        ]
        term = matrix.term(one.protocol, one.port)
        through = matrix.allowed(routers, mine, IPv4Address(one.address), term)
        passes = bool(near) or self.open or through
        return Crossed(reached=passes, arrived=passes)

    def plant(
        self, edits: Sequence[tuple[str, Sequence[Edit]]]
    ) -> tuple[tuple[str | None, ...], ...]:
        """Make edits in dictionaries."""
        return tuple(
            tuple(self._edit(self._running(container), edit) for edit in mine)
            for container, mine in edits
        )

    def _edit(self, box: Box | None, edit: Edit) -> str | None:
        if box is None:
            return _STILL
        return self._hide(box, edit.program) if isinstance(edit, Hide) else self._put(box, edit)

    def _put(self, box: Box, edit: FileEdit) -> str | None:
        now = self._clock.now().timestamp()
        match edit:
            case Write(path, content, mode, owner, mtime):
                box.files[path] = Entry(content, mode, owner, mtime or now)
            case Copy(source, path, mode, owner, mtime):
                if source not in box.files:
                    return f"{source}: no such file"
                content = box.files[source].content
                box.files[path] = Entry(content, mode, owner, mtime or now)
            case AppendLine(path, line, mode, owner, mtime):
                old = box.files.get(path, Entry(b"", mode, owner, now))
                cut = b"" if old.content.endswith(b"\n") or not old.content else b"\n"
                there = f"\n{line}\n".encode() in b"\n" + old.content + b"\n"
                content = old.content if there else old.content + cut + line.encode() + b"\n"
                box.files[path] = Entry(content, old.mode, old.owner, mtime or now)
            case Symlink(path, target, mtime):
                box.files[path] = Entry(target.encode(), LINK, "root", mtime or now)
            case Grant(path):
                box.files[path] = replace(box.files[path], cap=True)
            case Remove(path):
                box.files.pop(path, None)
            case MakeFolder() | Refresh():
                pass
            case _:
                assert_never(edit)
        return None

    def _hide(self, box: Box, program: str) -> str | None:
        for one in self.cron.processes(box.seen.id):
            if program in (one.exe, *one.command):
                box.covered.add(one.pid)
                return None
        return f"no process runs {program}"

    def probe(
        self, queries: Sequence[tuple[str, Sequence[Query]]]
    ) -> tuple[tuple[Answer, ...], ...]:
        """Answer queries from dictionaries."""
        return tuple(
            tuple(self._answer(container, query) for query in mine) for container, mine in queries
        )

    def _answer(self, container: str, query: Query) -> Answer:
        box = self._running(container)
        return Answer(error=_STILL) if box is None else self._found(container, box, query)

    def _found(self, container: str, box: Box, query: Query) -> Answer:
        match query:
            case Stat(path):
                return Answer(stat=_fact(box, path) if path in box.files else None)
            case Grep(patterns, needles):
                return Answer(lines=tuple(_lines(box, patterns, needles)))
            case FindContent():
                return Answer(files=tuple(_found(box, query)))
            case Mounts() | Processes():
                running = self.cron.processes(container)
                covered = sorted(box.covered & {one.pid for one in running})
                wants = isinstance(query, Mounts)
                return Answer(covered=tuple(covered)) if wants else Answer(processes=running)
            case ReadFolder(path, entries, size):
                return Answer(folder=_folder(box, path, entries, size))
            case ReadTail(path, size):
                return _tail(box, path, size)
            case _:
                assert_never(query)


def _sysctls(*, forward: bool) -> tuple[tuple[str, str], ...]:
    return (
        ("net.ipv4.ip_forward", "1" if forward else "0"),
        ("net.ipv6.conf.all.disable_ipv6", "1"),
    )


def _fact(box: Box, path: str) -> FileFact:
    entry = box.files[path]
    return FileFact(
        path=path,
        type="link" if entry.mode == LINK else "file",
        mode=entry.mode,
        uid=0,
        gid=0,
        size=len(entry.content),
        mtime=entry.mtime,
        ctime=entry.mtime,
        sha256=None if entry.mode == LINK else hashlib.sha256(entry.content).hexdigest(),
        cap=entry.cap,
    )


@cache
def _glob(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return what matches the paths that these patterns mean; `*` stays within one name."""
    each = (re.escape(one).replace(r"\*", "[^/]*").replace(r"\?", "[^/]") for one in patterns)
    return re.compile(rf"(?s:{'|'.join(each)})\Z")


def _matching(box: Box, patterns: Sequence[str]) -> Iterator[tuple[str, Entry]]:
    if not patterns:
        return
    for path in sorted(filter(_glob(tuple(patterns)).match, box.files)):
        yield path, box.files[path]


def _lines(box: Box, patterns: Sequence[str], needles: Sequence[str]) -> Iterator[LineFact]:
    for path, entry in _matching(box, patterns):
        for number, line in enumerate(entry.content.decode(errors="replace").splitlines(), 1):
            for needle in needles:
                if needle in line:
                    yield LineFact(path, number, line[:4096], needle)


def _found(box: Box, query: FindContent) -> Iterator[FileFact]:
    below = tuple(root.rstrip("/") + "/" for root in query.roots)
    for path in sorted(path for path in box.files if path.startswith(below)):
        entry = box.files[path]
        if query.suid and not entry.mode & _SUID:
            continue
        if query.sha256 and query.sizes and len(entry.content) not in query.sizes:
            continue
        fact = _fact(box, path)
        if not query.sha256 or fact.sha256 in query.sha256:
            yield fact


def _tail(box: Box, path: str, size: int) -> Answer:
    if path not in box.files:
        return Answer(error=f"{path}: no such file")
    return Answer(data=box.files[path].content[-size:])


def _folder(box: Box, path: str, entries: int, size: int) -> FolderFact:
    names = sorted(name for name in box.files if name.rpartition("/")[0] == path)
    files = [(name.rpartition("/")[2], box.files[name].content) for name in names]
    whole = tuple((name, content) for name, content in files if len(content) <= size)
    return FolderFact(whole[:entries], cut=len(whole) > entries or len(whole) < len(files))
