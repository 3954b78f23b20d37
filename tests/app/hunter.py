"""Teams in memory: what a trainee can do, done to dictionaries while the clock moves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rangectl.engine.memory import Box, Entry
from rangectl.implants.words import HOMES
from rangectl.plan.keys import fingerprint
from tests.app.world import World

OUTBOX = "/var/spool/hunt/outbox"
RECEIPTS = "/var/spool/hunt/receipts"
JOBS = ("/etc/cron.d/", "/var/spool/cron/crontabs/")
QUIET = 60
Piece = dict[str, Any]


@dataclass
class Kit:
    """One team's seat: its outbox, its receipts, its partner's hosts."""

    world: World
    team: str
    sent: int = 0

    @property
    def files(self) -> dict[str, Entry]:
        return self.world.box("hunt01", self.team).files

    def hand_in(self, content: object, name: str | None = None) -> str:
        """Put something into the outbox and return its id."""
        self.sent += 1
        name = name or f"{self.sent:04d}"
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.files[f"{OUTBOX}/{name}.json"] = Entry(text, 0o644, "trainee", 0.0)
        return name

    def receipt(self, name: str) -> Piece | None:
        entry = self.files.get(f"{RECEIPTS}/{name}.json")
        return json.loads(entry.content) if entry else None

    @property
    def register(self) -> Piece:
        found: Piece = json.loads(self.files["/srv/briefing/register.json"].content)
        return found

    def hosts(self) -> Iterator[tuple[str, Box]]:
        """Yield the partner's hosts that run."""
        for host in self.register["hosts"]:
            if host["segment"] != "kit":
                box = self.world.box(host["name"], self.team)
                if box.seen.running:
                    yield host["name"], box


@dataclass(frozen=True)
class Lead:
    """Something that acts and that the register does not know."""

    host: str
    technique: str
    evidence: tuple[Piece, ...]
    lines: tuple[tuple[str, str], ...] = ()
    paths: tuple[str, ...] = ()
    fingerprint: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        return self.host, self.lines, self.paths


@dataclass
class Hunter:
    """Reports what the register does not explain, asks for the seat, removes all, says done."""

    kit: Kit
    known: dict[tuple[object, ...], Lead] = field(default_factory=dict)
    asked: bool = False
    done: bool = False
    news: datetime | None = None

    def __call__(self, now: datetime) -> None:
        """Do what there is to do at this moment."""
        if self.done:
            return
        fresh = [lead for lead in self.leads() if lead.key not in self.known]
        for lead in fresh:
            self.report(lead)
            self.news = now
        if not self.asked:
            self.kit.hand_in({"kind": "request", "action": "partner-seat"})
            self.asked = True
        elif not fresh and "/home/trainee/.ssh/partner" in self.kit.files:
            self.evict()
        if self.news is not None and (now - self.news).total_seconds() > QUIET:
            self.kit.hand_in({"kind": "done"})
            self.done = True

    def report(self, lead: Lead) -> None:
        self.known[lead.key] = lead
        finding = {"kind": "finding", "host": lead.host, "evidence": lead.evidence}
        facts = {"technique": lead.technique, "fingerprint": lead.fingerprint}
        self.kit.hand_in(finding | facts)

    def leads(self) -> Iterator[Lead]:
        register = self.kit.register
        for host, box in self.kit.hosts():
            yield from self.jobs(register, host, box)
            yield from self.keys(register, host, box)
            yield from self.programs(register, host, box)

    def jobs(self, register: Piece, host: str, box: Box) -> Iterator[Lead]:
        known = {(job["host"], job["path"], job["command"]) for job in register["jobs"]}
        for path, line in _lines(box, JOBS):
            command = "/" + line.rpartition(" /")[2] if " /" in line else ""
            if not command or (host, path, command) in known:
                continue
            program = command.split()[0]
            content = box.files[program].content
            evidence: list[Piece] = [{"kind": "line", "path": path, "line": line}]
            digest = hashlib.sha256(content).hexdigest()
            evidence.append({"kind": "file", "path": program, "sha256": digest})
            technique = "T1053.003"
            if b"LEASE = " in content:
                technique = "T1071.001"
                evidence += list(self.process(box, program))
                if len(evidence) == 2:
                    continue  # it will be better proven once it runs
            yield Lead(host, technique, tuple(evidence), ((path, line),), (program,))

    def process(self, box: Box, program: str) -> Iterator[Piece]:
        for one in self.kit.world.node.cron.processes(box.seen.id):
            if program in one.command:
                yield {"kind": "process", "pid": one.pid, "start": one.start}

    def keys(self, register: Piece, host: str, box: Box) -> Iterator[Lead]:
        known = {(key["host"], key["account"], key["fingerprint"]) for key in register["keys"]}
        for account, home in HOMES.items():
            for path, line in _lines(box, (f"{home}/.ssh/authorized_keys",)):
                mark = fingerprint(line)
                if (host, account, mark) not in known:
                    evidence = {"kind": "line", "path": path, "line": line}
                    yield Lead(host, "T1098.004", (evidence,), ((path, line),), (), mark)

    def programs(self, register: Piece, host: str, box: Box) -> Iterator[Lead]:
        known = {(one["host"], one["path"]) for one in register["programs"]}
        for path, entry in box.files.items():
            if entry.mode & 0o4000 and (host, path) not in known:
                digest = hashlib.sha256(entry.content).hexdigest()
                evidence = {"kind": "file", "path": path, "sha256": digest}
                yield Lead(host, "T1548.001", (evidence,), (), (path,))

    def evict(self) -> None:
        """Remove every known lead: starters first, then what they run, then the files."""
        boxes = dict(self.kit.hosts())
        for lead in self.known.values():
            box = boxes[lead.host]
            for path, line in lead.lines:
                if path in box.files:
                    old = box.files[path]
                    kept = [one for one in old.content.decode().splitlines() if one != line]
                    text = "".join(f"{one}\n" for one in kept).encode()
                    box.files[path] = Entry(text, old.mode, old.owner, old.mtime)
            for piece in lead.evidence:
                if piece["kind"] == "process":
                    self.kit.world.node.cron.kill(box.seen.id, piece["pid"])
            for path in lead.paths:
                box.files.pop(path, None)


def _lines(box: Box, beginnings: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for path, entry in list(box.files.items()):
        if path.startswith(beginnings):
            for line in entry.content.decode().splitlines():
                if line and not line.startswith("#"):
                    yield path, line
