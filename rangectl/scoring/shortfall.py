"""Why a play missed its bound, for who writes the exercise: the dearest first, each with what to
look at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import assert_never

from rangectl.model.events import Event, ServiceChecked, Submitted
from rangectl.model.finding import (
    Evidence,
    FileEvidence,
    Finding,
    FlowEvidence,
    LineEvidence,
    ProcessEvidence,
)
from rangectl.scoring.claims import FalseClaim
from rangectl.scoring.fold import Board, ImplantLine, TeamBoard
from rangectl.scoring.plain import plain

_LEAST = 0.3
_FEW = 5
_Cost = tuple[float, str]


def shortfalls(board: Board, events: Sequence[Event], team: str) -> tuple[str, ...]:
    """Return what kept a team that hunts as it should from its points."""
    mine = board.team(team)
    found = {
        event.id: event.submission
        for event in events
        if isinstance(event, Submitted) and event.team == team
        if isinstance(event.submission, Finding)
    }
    lost: list[_Cost] = [
        *(one for line in mine.implants for one in _implant(board, line)),
        *_chains(board, mine),
        *_false(mine, found),
        *_services(mine, events),
        *((one.price, f"conduct: the team {one.words}") for one in mine.conduct or ()),
    ]
    dear = sorted((one for one in lost if one[0] >= _LEAST), reverse=True)
    return tuple(f"{cost:.1f} points: {text}" for cost, text in dear)


def windfalls(board: Board, team: str) -> tuple[str, ...]:
    """Return what gave points to a team that should have hardly any."""
    mine = board.team(team)
    got = [
        *((line.points.detection + line.points.speed, "found", line) for line in mine.implants),
        *((line.points.eviction, "evicted", line) for line in mine.implants),
    ]
    dear = sorted((one for one in got if one[0] >= _LEAST), key=lambda one: -one[0])
    told = [
        f"{points:.1f} points: {line.entry} on {line.host} was {what}"
        for points, what, line in dear[:_FEW]
    ]
    if mine.score.found and mine.score.precision > 0.1:
        told.append(
            f"one in {1 / mine.score.precision:.1f} of its findings is true: more noise"
            " (noise.edits_per_implant) and more decoys make guessing dearer"
        )
    if mine.rebuilt and mine.score.service_loss < len(mine.implants):
        told.append(
            f"{len(mine.rebuilt)} rebuilds took off {mine.score.service_loss:.1f} points only: the"
            " hosts that hold implants have too few services that are checked"
        )
    return tuple(told)


def _implant(board: Board, line: ImplantLine) -> Iterator[_Cost]:
    lost, what = line.possible, f"{line.entry} on {line.host}"
    detection = lost.detection - line.points.detection + lost.speed - line.points.speed
    if line.detection is None:
        yield (
            detection,
            (
                f"{what} was not found: is it where a hunter's seat may read, does anything there"
                " differ from what the partner's register explains, and was its evidence borne out?"
            ),
        )
    elif line.d < 1:
        claimed = line.detection.claimed or "no technique"
        yield detection, f"{what} was called {claimed}, but is {line.technique}"
    elif line.lacks:
        lacks = ", ".join(line.lacks)
        yield detection, f"{what} was found without the evidence that its entry asks for: {lacks}"
    elif line.late is not None and line.late > 0.1:
        late = _seconds(line.late * board.length)
        yield lost.speed - line.points.speed, f"{what} was found only after {late}"
    yield from _eviction(board, line, what)


def _eviction(board: Board, line: ImplantLine, what: str) -> Iterator[_Cost]:
    cost = line.possible.eviction - line.points.eviction
    if line.e is None or line.e == 1:
        return
    stands = ", ".join(line.stands)
    if line.holding:
        removed = line.removed or line.planted
        left = _seconds(board.at - removed)
        yield (
            cost,
            (
                f"{what}: {', '.join(line.holding)} went too late for the hold of"
                f" {_seconds(board.hold)} ({left} before ENDEX): is the clock long enough for"
                " the last stage, the last re-planting and a hold?"
            ),
        )
    elif line.state == "regressed":
        yield (
            cost,
            f"{what} came back ({stands} stands): what starts it was not removed, or not found",
        )
    elif stands and line.detection is not None:
        yield cost, f"{what} was found and not removed whole: {stands} stands at ENDEX"


def _chains(board: Board, mine: TeamBoard) -> Iterator[_Cost]:
    evicted = next((part.points for part in mine.score.parts if part.name == "eviction"), 0.0)
    for stroke in mine.score.strokes:
        if stroke.kappa < 1:
            yield (
                evicted * (1 / stroke.kappa - 1),
                (
                    f"only {100 * stroke.sigma:.0f} % of the chain {stroke.chain} went within"
                    f" {_seconds(board.stroke)} of its first removal: the rest was found, or"
                    " planted again, after that"
                ),
            )


def _false(mine: TeamBoard, found: Mapping[str, Finding]) -> Iterator[_Cost]:
    wrong = [one for one in mine.false if not one.repeated]
    weight = sum(2 if one.about == "decoy" else 1 for one in wrong)
    parts = (part for part in mine.score.parts if part.name in {"detection", "speed"})
    points = sum(part.points for part in parts)
    precision = mine.score.precision
    lost = points * (1 / precision - 1) if precision else 0.0
    for one in wrong[: 4 * _FEW]:
        cost = lost * (2 if one.about == "decoy" else 1) / weight
        yield cost, f"{_named(one, found)} was reported and is {_what(one)}"


def _named(one: FalseClaim, found: Mapping[str, Finding]) -> str:
    finding = found.get(one.finding)
    shown = " and ".join(_piece(piece) for piece in finding.evidence[:2]) if finding else ""
    return f"{one.host}: {shown}" if shown else f"{one.host}: finding {one.finding}"


def _piece(piece: Evidence) -> str:
    match piece:
        case FileEvidence():
            text = piece.path
        case LineEvidence():
            text = f"{piece.path} ({piece.line.strip()[:80]})"
        case ProcessEvidence():
            text = f"process {piece.pid}"
        case FlowEvidence():
            text = f"{piece.address} port {piece.port}"
        case _:
            assert_never(piece)
    return plain(text)


def _what(one: FalseClaim) -> str:
    match one.about:
        case "decoy":
            return "a decoy: do the register and the papers clear it?"
        case "noise":
            return "noise of the partner's: does the register explain such a change?"
        case "nothing":
            return (
                f"nothing that was planted ({one.because}): if a role or a package brings it, the"
                " partner's register must know it"
            )


def _services(mine: TeamBoard, events: Sequence[Event]) -> Iterator[_Cost]:
    missed = [
        event
        for event in events
        if isinstance(event, ServiceChecked) and event.team == mine.name
        if not event.up and not event.excused
    ]
    for name, count in Counter(_service(event) for event in missed).most_common(_FEW):
        reasons = Counter(event.why for event in missed if _service(event) == name and event.why)
        mostly = "".join(f": {plain(why)}" for why, _ in reasons.most_common(1))
        cost = mine.score.service_loss * count / len(missed)
        yield cost, f"{name} did not answer {count} checks{mostly}"


def _service(event: ServiceChecked) -> str:
    return f"{event.service} of {event.host}"


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.0f} s"
