"""What the findings of a team come to: which implants they found, and which are false."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rangectl.model.events import Event, Observed, Planted, Submitted
from rangectl.model.finding import Finding
from rangectl.model.planting import Artefact, EvidenceKind
from rangectl.scoring.matching import LEVELS, Level, Match, Processes, match

False_ = Literal["decoy", "noise", "nothing"]
GUESSES = 3
"""So many different techniques are heard for one implant: who names all of them knows none."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A finding that calls something malicious, and what it is about."""

    id: str
    at: datetime
    finding: Finding
    match: Match


@dataclass(frozen=True, slots=True)
class Detection:
    """All findings of one implant as one: the best level, all their evidence, the first moment.

    Of different techniques the first three count.
    """

    at: datetime
    finding: str
    claimed: str
    level: Level
    kinds: frozenset[EvidenceKind]
    findings: int


@dataclass(frozen=True, slots=True)
class FalseClaim:
    """A finding of something that is no implant; the same mistake made again is `repeated` and
    costs nothing more.
    """

    finding: str
    at: datetime
    host: str
    about: False_
    artefact: str | None
    because: str
    repeated: bool


def claims(events: Sequence[Event], team: str) -> tuple[Claim, ...]:
    """Match each malicious finding of a team with what stood in its range when it came.

    A process counts as an implant's own whenever it was seen to be, also after the finding.
    """
    processes = _processes(events, team)
    planted: dict[str, Artefact] = {}
    found: dict[str, Claim] = {}
    for event in events:
        if isinstance(event, Planted) and event.team == team:
            planted[event.artefact.id] = event.artefact
        elif isinstance(event, Submitted) and event.team == team and event.id not in found:
            claim = _claim(event, tuple(planted.values()), processes)
            found |= {event.id: claim} if claim else {}
    return tuple(found.values())


def detections(made: Iterable[Claim]) -> dict[str, Detection]:
    """Merge claims into one detection for each implant, by its id."""
    by_implant: dict[str, list[Claim]] = defaultdict(list)
    for claim in made:
        artefact = claim.match.artefact
        if artefact is not None and artefact.nature == "implant":
            by_implant[artefact.id].append(claim)
    return {key: _merged(same) for key, same in by_implant.items()}


def false_claims(made: Iterable[Claim]) -> tuple[FalseClaim, ...]:
    """Return the findings that are about no implant, in the order they came."""
    seen: set[object] = set()
    wrong: list[FalseClaim] = []
    for claim in made:
        about = _about(claim.match)
        if about is None:
            continue
        mistake = _mistake(claim)
        wrong.append(_false(claim, about, repeated=mistake in seen))
        seen.add(mistake)
    return tuple(wrong)


def _claim(event: Submitted, planted: Sequence[Artefact], processes: Processes) -> Claim | None:
    finding = event.submission
    if not isinstance(finding, Finding) or not finding.malicious:
        return None
    return Claim(event.id, event.at, finding, match(finding, event.checks, planted, processes))


def _processes(events: Iterable[Event], team: str) -> Processes:
    seen: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for event in events:
        if isinstance(event, Observed) and event.team == team and event.pid and event.start:
            seen[event.artefact].add((event.pid, event.start))
    return {artefact: frozenset(processes) for artefact, processes in seen.items()}


def _merged(same: Sequence[Claim]) -> Detection:
    """Merge claims of one implant, in the order they came; techniques named too late are no help,
    their evidence is.
    """
    named = dict.fromkeys(claim.finding.technique for claim in same if claim.finding.technique)
    heard = {"", *[*named][:GUESSES]}
    best = max(
        (claim for claim in same if claim.finding.technique in heard),
        key=lambda claim: LEVELS[claim.match.level],
    )
    return Detection(
        at=min(claim.at for claim in same),
        finding=best.id,
        claimed=best.finding.technique,
        level=best.match.level,
        kinds=frozenset(kind for claim in same for kind in claim.match.kinds),
        findings=len(same),
    )


def _about(found: Match) -> False_ | None:
    if found.artefact is None:
        return "nothing"
    return None if found.artefact.nature == "implant" else found.artefact.nature


def _mistake(claim: Claim) -> object:
    """Return what two claims share exactly when they are the same mistake."""
    if claim.match.artefact is not None:
        return claim.match.artefact.id
    return claim.finding.host, frozenset(item.model_dump_json() for item in claim.finding.evidence)


def _false(claim: Claim, about: False_, *, repeated: bool) -> FalseClaim:
    artefact = claim.match.artefact
    return FalseClaim(
        finding=claim.id,
        at=claim.at,
        host=claim.finding.host,
        about=about,
        artefact=artefact.id if artefact else None,
        because=claim.match.because,
        repeated=repeated,
    )
