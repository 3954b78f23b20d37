"""Players in memory that know the answers, or act as if they needed none: for bounds of scores."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from rangectl.engine.memory import Box
from rangectl.model.events import Event, Observed, Planted
from rangectl.model.planting import Artefact, Component, EvidenceKind
from tests.app.hunter import Kit, Piece
from tests.app.play import Play

SETTLED = 25
PATIENCE = 200


@dataclass
class Player:
    """One team's play, called every second."""

    play: Play
    team: str
    kit: Kit = field(init=False)
    ticks: int = 0
    read: int = 0
    planted: dict[str, Artefact] = field(default_factory=dict)
    running: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.kit = self.play.kit(self.team)

    def __call__(self, now: datetime) -> None:  # noqa: ARG002 - the clock's words
        self.ticks += 1
        for event in self.play.log.read(after=self.read):
            self.read += 1
            self.take(event)
        self.step()

    def take(self, event: Event) -> None:
        if isinstance(event, Planted) and event.team == self.team:
            self.planted[event.artefact.id] = event.artefact
        if isinstance(event, Observed) and event.team == self.team and event.pid and event.start:
            self.running[event.artefact, event.component] = (event.pid, event.start)

    def step(self) -> None:
        """Do what there is to do this second."""

    def say_done(self) -> None:
        self.kit.hand_in({"kind": "done"})


class Idle(Player):
    """Does nothing and says so."""

    def step(self) -> None:
        if self.ticks == 1:
            self.say_done()


class Rebuild(Player):
    """Has every host rebuilt."""

    def step(self) -> None:
        hosts = [name for name, _ in self.kit.hosts()] if self.ticks == 1 else []
        for host in hosts:
            self.kit.hand_in({"kind": "request", "action": "rebuild", "host": host})
        if self.ticks == 2:
            self.say_done()


class Everything(Player):
    """Reports whatever was planted, of any nature, without a technique."""

    told: bool = False

    def step(self) -> None:
        if self.ticks == 5:
            for artefact in self.planted.values():
                for part in artefact.components:
                    host = artefact.host_of(part)
                    if (piece := whole(self.play.world.box(host, self.team), part)) is not None:
                        told = {"kind": "finding", "host": host, "evidence": [piece]}
                        self.kit.hand_in(told)
        if self.ticks == 6:
            self.say_done()


class Knowing(Player):
    """Reports every implant with the evidence it takes, then removes all of them at once."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.reported: set[str] = set()
        self.good: dict[tuple[str, str], bytes] = {}
        self.struck = 0

    @property
    def implants(self) -> list[Artefact]:
        return [one for one in self.planted.values() if one.nature == "implant"]

    def step(self) -> None:
        if self.ticks == 1:
            self.kit.hand_in({"kind": "request", "action": "partner-seat"})
        for artefact in self.implants:
            if artefact.id not in self.reported and self.report(artefact):
                self.reported.add(artefact.id)
        ready = len(self.reported) == len(self.implants) or self.ticks > PATIENCE
        if not self.struck and ready and self.ticks >= self.latest():
            self.struck = self.ticks
            for artefact in self.implants:
                self.remove(artefact)
        if self.struck and self.ticks == self.struck + SETTLED:
            self.say_done()

    def latest(self) -> float:
        """Return when the last stage is planted, in seconds."""
        exercise = self.play.exercise
        stages = (one for actor in exercise.actors.values() for one in actor.chain)
        last = max(stage.after.total_seconds() for stage in stages)
        return last / exercise.clock.compression + 2

    def box(self, artefact: Artefact) -> Box:
        return self.play.world.box(artefact.host, self.team)

    def report(self, artefact: Artefact) -> bool:
        """Hand in a finding; False where its evidence is not to be had yet."""
        evidence = [self.evidence(artefact, kind) for kind in dict.fromkeys(artefact.evidence)]
        pieces = [piece for piece in evidence if piece is not None]
        if len(pieces) < len(evidence) or artefact.technique is None:
            return False
        told = {"kind": "finding", "host": artefact.host, "evidence": pieces}
        about = {"technique": artefact.technique.id, "fingerprint": artefact.fingerprint or ""}
        self.kit.hand_in(told | about)
        return True

    def evidence(self, artefact: Artefact, kind: EvidenceKind) -> Piece | None:
        box, here = self.box(artefact), artefact.on(artefact.host)
        match kind:
            case "file":
                return next(_some(whole(box, part) for part in here), None)
            case "line":
                return next(_some(line(box, part) for part in here), None)
            case "process":
                mine = [(artefact.id, one.id) for one in here]
                pid, start = next((self.running[k] for k in mine if k in self.running), (0, 0))
                return {"kind": "process", "pid": pid, "start": start} if pid else None
            case "flow":
                loud = (part for part in artefact.components if part.kind == "traffic")
                part = next(loud)
                return {"kind": "flow", "address": str(part.address), "port": part.port}

    def remove(self, artefact: Artefact) -> None:
        kept = {part.path for part in artefact.components if part.kind == "lost"}
        for part in sorted(artefact.components, key=lambda one: one.kind == "process"):
            if part.path in kept and part.kind != "lost":
                continue
            box = self.play.world.box(artefact.host_of(part), self.team)
            match part.kind:
                case "process":
                    self.end(box, part)
                case "traffic" | "mount":
                    pass
                case "lost":
                    self.restore(box, artefact, part)
                case "line" if not part.is_whole:
                    strike(box, part)
                case _:
                    box.files.pop(part.path or "", None)

    def end(self, box: Box, part: Component) -> None:
        cron = self.play.world.node.cron
        for one in cron.processes(box.seen.id):
            if part.path in (*one.command, one.exe) or part.needle in one.command:
                cron.kill(box.seen.id, one.pid)

    def restore(self, box: Box, artefact: Artefact, part: Component) -> None:
        """Put back the good copy of a file in which a line was changed."""
        needle = (part.needle or "").encode()
        own = {one.path for one in artefact.components}
        copies = (
            entry.content
            for path, entry in box.files.items()
            if path not in own and needle in entry.content.split(b"\n")
        )
        path = part.path or ""
        if path in box.files:
            box.files[path] = replace(box.files[path], content=next(copies))


def whole(box: Box, part: Component) -> Piece | None:
    """Return a component's file as evidence; None where it has none."""
    entry = box.files.get(part.path or "")
    if entry is None or part.kind in {"process", "traffic", "mount"}:
        return None
    digest = part.sha256 if part.kind == "link" else hashlib.sha256(entry.content).hexdigest()
    return {"kind": "file", "path": part.path, "sha256": digest}


def line(box: Box, part: Component) -> Piece | None:
    """Return a component's line as evidence; None where it has none."""
    entry = box.files.get(part.path or "")
    if entry is None or part.kind not in {"line", "lost"}:
        return None
    lines = entry.content.decode(errors="replace").splitlines()
    needle = (part.needle or "").strip("\n") if part.kind == "line" else lines[-1]
    found = next((one for one in lines if needle and needle in one), None)
    return None if found is None else {"kind": "line", "path": part.path, "line": found}


def strike(box: Box, part: Component) -> None:
    """Remove the lines that hold a component's needle."""
    entry = box.files.get(part.path or "")
    if entry is not None:
        needle = re.escape((part.needle or "").encode().strip(b"\n"))
        content = re.sub(rb"(?m)^.*" + needle + rb".*\n?", b"", entry.content)
        box.files[part.path or ""] = replace(entry, content=content)


def _some(pieces: Iterator[Piece | None]) -> Iterator[Piece]:
    return (piece for piece in pieces if piece is not None)
