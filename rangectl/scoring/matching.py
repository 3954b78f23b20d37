"""Which artefact a finding is about, and how much it says of it: pure, over the answer key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from rangectl.model.finding import (
    Evidence,
    FileEvidence,
    Finding,
    FlowEvidence,
    LineEvidence,
    ProcessEvidence,
)
from rangectl.model.plain import plain_path, plain_text
from rangectl.model.planting import Artefact, Component, EvidenceKind, Technique

Level = Literal["none", "telemetry", "general", "tactic", "parent", "exact"]
LEVELS: dict[Level, float] = {
    "none": 0.0,
    "telemetry": 0.2,
    "general": 0.5,
    "tactic": 0.7,
    "parent": 0.85,
    "exact": 1.0,
}
TACTICS = {
    "reconnaissance": "TA0043",
    "resource-development": "TA0042",
    "initial-access": "TA0001",
    "execution": "TA0002",
    "persistence": "TA0003",
    "privilege-escalation": "TA0004",
    "defense-evasion": "TA0005",
    "stealth": "TA0005",
    "defense-impairment": "TA0005",
    "credential-access": "TA0006",
    "discovery": "TA0007",
    "lateral-movement": "TA0008",
    "collection": "TA0009",
    "exfiltration": "TA0010",
    "command-and-control": "TA0011",
    "impact": "TA0040",
}

Processes = Mapping[str, frozenset[tuple[int, int]]]
"""By artefact id: every (pid, start) its process was seen with, on its own host or another."""

# How strongly one piece of evidence names an artefact.
_NOT, _FILE_ONLY, _BY_CONTENT, _EXACTLY = range(4)
_HEDGED = {"decoy": 2, "noise": 1, "implant": 0}


@dataclass(frozen=True, slots=True)
class Match:
    """What a finding is about: an artefact or nothing, how well it is judged, and the kinds of its
    verified evidence that bear on that artefact.
    """

    artefact: Artefact | None
    level: Level = "none"
    kinds: frozenset[EvidenceKind] = frozenset()
    because: str = ""

    @property
    def d(self) -> float:
        """The detection level as the formula counts it."""
        return LEVELS[self.level]

    @property
    def q(self) -> float:
        """The share of the evidence which the artefact's entry requires."""
        wanted = set(self.artefact.evidence) if self.artefact else set()
        return len(wanted & self.kinds) / len(wanted) if wanted else 1.0


def match(
    finding: Finding,
    checks: Sequence[bool],
    artefacts: Sequence[Artefact],
    processes: Processes,
) -> Match:
    """Return what a finding's verified evidence identifies among the artefacts of its host.

    Evidence names an artefact by a file's path (else by its content), by a line that holds its
    needle, by a process that was seen to be its own, or by its address and port. A file that merely
    holds an artefact's line names it weakly, and strongly together with its key's fingerprint.
    Named best is named most strongly, then most often; a tie between an implant and a decoy is the
    decoy's, and a finding of which more evidence is beside any implant than of this one is about
    nothing: else one finding with a bag of evidence would find all.

    The level is `telemetry` when a shared file is all that was shown and no technique is named,
    `general` when an artefact is called malicious with no or a wrong technique, then `tactic`,
    `parent` and `exact` (an older or newer number of the technique is exact).
    """
    here = [on_host(one, finding.host) for one in artefacts if finding.host in one.hosts]
    shown = [item for item, ok in zip(finding.evidence, checks, strict=False) if ok]
    if not shown:
        return Match(None, because="no evidence that the range bears out")
    namings = [_namings(item, here, processes, finding.fingerprint) for item in shown]
    chosen = _best(here, namings)
    if chosen is None:
        return Match(None, because="the evidence names nothing, or not which of several things")
    if chosen.nature != "implant":
        return Match(chosen, because=f"the evidence names a {chosen.nature}")
    if _is_a_bag(chosen, here, namings):
        return Match(None, because="most of the evidence has nothing to do with any implant")
    kinds = frozenset(
        item.kind for item, named in zip(shown, namings, strict=True) if chosen.id in named
    )
    strong = any(named.get(chosen.id, _NOT) > _FILE_ONLY for named in namings)
    return Match(chosen, _level(finding.technique, chosen.technique, strong=strong), kinds)


MOUNT_TABLES = ("/proc/self/mountinfo", "/proc/self/mounts", "/proc/mounts")
"""Where a host tells what is mounted in it."""


def is_over(item: LineEvidence, pid: int) -> bool:
    """Say whether a line of a table of mounts is about a process."""
    return f" /proc/{pid} " in item.line


def on_host(artefact: Artefact, host: str) -> Artefact:
    """Return an artefact as far as it stands on one of its hosts."""
    if artefact.hosts == (host,):
        return artefact
    return artefact.model_copy(update={"host": host, "components": artefact.on(host)})


def _namings(
    item: Evidence, artefacts: Sequence[Artefact], processes: Processes, fingerprint: str
) -> dict[str, int]:
    """Return how strongly one piece of evidence names which artefacts, by id."""
    ranks = {a.id: _rank(item, a, processes, fingerprint) for a in artefacts}
    if _EXACTLY in ranks.values():
        ranks = {key: _NOT if rank == _BY_CONTENT else rank for key, rank in ranks.items()}
    natures = {a.nature for a in artefacts if ranks[a.id] > _FILE_ONLY}
    if natures >= {"implant", "decoy"}:
        ranks = {key: min(rank, _FILE_ONLY) for key, rank in ranks.items()}
    return {key: rank for key, rank in ranks.items() if rank != _NOT}


def _rank(item: Evidence, artefact: Artefact, processes: Processes, fingerprint: str) -> int:
    rank = max((_part_rank(item, c) for c in artefact.components), default=_NOT)
    if isinstance(item, ProcessEvidence):
        own = processes.get(artefact.id, frozenset())
        return _EXACTLY if (item.pid, item.start) in own else _NOT
    if isinstance(item, LineEvidence) and item.path in MOUNT_TABLES:
        covers = any(one.kind == "mount" for one in artefact.components)
        mine = processes.get(artefact.id, frozenset())
        return _EXACTLY if covers and any(is_over(item, pid) for pid, _ in mine) else _NOT
    if rank == _FILE_ONLY and _same_key(fingerprint, artefact.fingerprint):
        return _EXACTLY
    return rank


def _part_rank(item: Evidence, component: Component) -> int:
    match item:
        case FileEvidence():
            return _file_rank(item, component)
        case LineEvidence():
            return _line_rank(item, component)
        case FlowEvidence():
            flow = (component.kind, component.address, component.port)
            return _EXACTLY if flow == ("traffic", item.address, item.port) else _NOT
        case ProcessEvidence():
            return _NOT


def _file_rank(item: FileEvidence, component: Component) -> int:
    path = plain_path(item.path)
    if component.is_whole:
        if path == plain_path(component.path or ""):
            return _EXACTLY
        return _BY_CONTENT if item.sha256 == component.sha256 else _NOT
    return _FILE_ONLY if component.kind == "line" and _may_hold(component, path) else _NOT


def _line_rank(item: LineEvidence, component: Component) -> int:
    path = plain_path(item.path)
    if component.is_whole:
        return _EXACTLY if path == plain_path(component.path or "") else _NOT
    needle = plain_text(component.needle or "")
    if component.kind != "line" or not needle or needle not in plain_text(item.line):
        return _NOT
    return _EXACTLY if _may_hold(component, path, moved=True) else _NOT


def _may_hold(component: Component, path: str, *, moved: bool = False) -> bool:
    """Say whether a line component is kept in this file, or in one it may have been `moved` to."""
    if path == plain_path(component.path or ""):
        return True
    patterns = component.look_in if moved or component.path is None else ()
    return any(PurePosixPath(path).match(pattern) for pattern in patterns)


def _same_key(claimed: str, known: str | None) -> bool:
    return known is not None and plain_text(claimed).rstrip("=") == plain_text(known).rstrip("=")


def _best(artefacts: Sequence[Artefact], namings: Sequence[dict[str, int]]) -> Artefact | None:
    """Return what is named best. Weak naming must be clear: of implants and decoys, one kind."""
    strength = {a.id: [n[a.id] for n in namings if a.id in n] for a in artefacts}
    strong = [a for a in artefacts if max(strength[a.id], default=_NOT) > _FILE_ONLY]
    weak = [a for a in artefacts if strength[a.id]]
    if strong:
        return max(strong, key=lambda a: _order(a, strength[a.id]))
    meant = [a for a in weak if a.nature != "noise"] or weak
    if len({a.nature for a in meant}) != 1:
        return None
    return max(meant, key=lambda a: len(strength[a.id]))


def _order(artefact: Artefact, ranks: Sequence[int]) -> tuple[int, int]:
    return sum(rank > _FILE_ONLY for rank in ranks), _HEDGED[artefact.nature]


def _is_a_bag(
    chosen: Artefact, artefacts: Sequence[Artefact], namings: Sequence[dict[str, int]]
) -> bool:
    implants = {a.id for a in artefacts if a.nature == "implant"}
    of_it = sum(chosen.id in named for named in namings)
    beside = sum(not implants & named.keys() for named in namings)
    return beside > of_it


def _level(claimed: str, technique: Technique | None, *, strong: bool) -> Level:
    if not claimed:
        return "general" if strong else "telemetry"
    if technique is None:
        return "general"
    numbers = {technique.id, *technique.aliases}
    if claimed in numbers:
        return "exact"
    if claimed in {number.partition(".")[0] for number in numbers}:
        return "parent"
    tactic = technique.tactic.lower()
    return "tactic" if claimed in (technique.tactic, TACTICS.get(tactic)) else "general"
