"""Every team's score with all that led to it: a fold of the event log, the same for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rangectl.errors import RangeError, UsageError
from rangectl.model.events import Ended, Event, Rebuilt, RunCreated, Started, Submitted
from rangectl.model.finding import Done
from rangectl.model.planting import EvidenceKind
from rangectl.scoring.claims import Detection, FalseClaim, claims, detections, false_claims
from rangectl.scoring.conduct import Breach, breaches
from rangectl.scoring.formula import ImplantTerms, Score, Terms, detected, evicted, sped
from rangectl.scoring.formula import score as price
from rangectl.scoring.lives import Life, Site
from rangectl.scoring.marks import MarkLine, marks, share
from rangectl.scoring.matching import LEVELS, Level
from rangectl.scoring.pauses import Pauses, on_own_time, on_the_wall
from rangectl.scoring.service import Checks, checks
from rangectl.scoring.states import State, over_ejected, removed_at, share_gone, sites, state

STROKE_AT_LEAST = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class Points:
    """What an implant brought to each part of the score, in points after rescaling."""

    detection: float
    eviction: float
    speed: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.detection + self.eviction + self.speed


@dataclass(frozen=True, slots=True)
class ImplantLine:
    """One implant of a team: what was found of it, what became of it, what it brought.

    `late` is the time to the first finding as a share of the window T_i; `lacks` the required
    evidence that never came; `stands` the components that are there, `holding` those that are gone
    while their hold runs; `broken` what went beside it and belongs to the partner.
    """

    artefact: str
    entry: str
    host: str
    actor: str
    weight: int
    technique: str
    state: State
    planted: datetime
    level: Level
    d: float
    q: float
    e: float | None
    saved: bool
    detection: Detection | None = None
    late: float | None = None
    lacks: tuple[EvidenceKind, ...] = ()
    removed: datetime | None = None
    stands: tuple[str, ...] = ()
    holding: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    points: Points = Points(0, 0, 0)
    possible: Points = Points(0, 0, 0)


@dataclass(frozen=True, slots=True)
class TeamBoard:
    """One team's score, its terms and their reasons."""

    name: str
    score: Score
    implants: tuple[ImplantLine, ...]
    false: tuple[FalseClaim, ...]
    checks: Checks
    rebuilt: tuple[str, ...]
    done: datetime | None
    conduct: tuple[Breach, ...] | None = None
    marks: tuple[MarkLine, ...] = ()

    @property
    def removable(self) -> int:
        """How many implants have anything that can be removed."""
        return sum(line.e is not None for line in self.implants)

    @property
    def gone(self) -> int:
        """How many implants are gone, and it held."""
        return sum(line.state in ("ejected", "over-ejected") for line in self.implants)

    def counted(self, *, decoys: bool) -> int:
        """Return how many false findings count: those on decoys, or all others."""
        return _wrong(self.false, decoys=decoys)


@dataclass(frozen=True, slots=True)
class Board:
    """The board of a run at a moment; `paused` since when it stands still, if it does."""

    run: str
    exercise: str
    formula: str
    at: datetime
    started: datetime | None
    ended: datetime | None
    why: str | None
    length: timedelta
    hold: timedelta
    stroke: timedelta
    teams: tuple[TeamBoard, ...]
    paused: datetime | None = None

    def team(self, name: str) -> TeamBoard:
        """Return one team's board; UsageError when it takes no part in the run."""
        for team in self.teams:
            if team.name == name:
                return team
        known = ", ".join(team.name for team in self.teams)
        message = f"{self.run}: no team {name!r}"
        raise UsageError(message, hint=f"its teams: {known}")

    def score(self, team: str) -> float:
        """Return one team's score; UsageError when it takes no part in the run."""
        return self.team(team).score.score


@dataclass(frozen=True, slots=True)
class _Frame:
    """What is the same for all teams; times by the clock on the wall."""

    created: RunCreated
    started: datetime | None
    ended: Ended | None
    at: datetime

    @property
    def length(self) -> timedelta:
        return self.created.length / self.created.compression

    @property
    def stroke(self) -> timedelta:
        return max(self.length / 10, STROKE_AT_LEAST)


def board(events: Sequence[Event], at: datetime | None = None) -> Board:
    """Return the board as it stood at a moment: at ENDEX, else at the last event, if none is given.

    What the log tells of later moments, and all that follows ENDEX, has no influence.
    """
    counted, ended = _until(events, at)
    created = next((event for event in counted if isinstance(event, RunCreated)), None)
    if created is None:
        message = "the log does not say how the run began"
        raise RangeError(message, hint="it is empty, or the moment asked for is before the run")
    started = next((event.at for event in counted if isinstance(event, Started)), None)
    moment = ended.at if ended else at or max(event.at for event in counted)
    pauses, own = Pauses.of(counted), on_own_time(counted)
    began = None if started is None else pauses.own(started)
    frame = _Frame(created, began, ended, pauses.own(moment))
    return Board(
        run=created.run,
        exercise=created.exercise,
        formula=created.formula,
        at=moment,
        started=started,
        ended=ended.at if ended else None,
        why=ended.why if ended else None,
        length=frame.length,
        hold=created.hold,
        stroke=frame.stroke,
        teams=tuple(
            on_the_wall(_team(own, frame, team, marks(events, team, at)), pauses)
            for team in created.teams
        ),
        paused=None if ended else pauses.since,
    )


def _until(events: Sequence[Event], at: datetime | None) -> tuple[list[Event], Ended | None]:
    """Return the events that count at a moment, and ENDEX if it had come."""
    counted: list[Event] = []
    for event in events:
        if at is not None and event.at > at:
            continue
        if isinstance(event, Ended):
            return [e for e in counted if e.at <= event.at], event
        counted.append(event)
    return counted, None


def _team(
    events: Sequence[Event], frame: _Frame, team: str, given: tuple[MarkLine, ...]
) -> TeamBoard:
    made = claims(events, team)
    found, wrong = detections(made), false_claims(made)
    site = sites(events).get(team, Site())
    lines = tuple(_line(frame, site, life, found.get(key)) for key, life in site.implants.items())
    broken = None
    if frame.created.conduct:
        collateral = frame.created.formula != "hunt-forward/1"
        broken = breaches(events, team, site, collateral=collateral)
    tally = checks(_since_startex(events, frame), team)
    rebuilt = tuple(_rebuilt(events, team))
    implants = tuple(_terms(line) for line in lines)
    result = price(
        Terms(
            implants=implants,
            unmatched=_wrong(wrong, decoys=False),
            decoys=_wrong(wrong, decoys=True),
            window=frame.stroke.total_seconds(),
            availability=tally.availability,
            surcharge=tally.surcharge,
            rebuilds=len(rebuilt),
            conduct=None if broken is None else sum(one.price for one in broken),
            report=share(given),
        )
    )
    return TeamBoard(
        name=team,
        score=result,
        implants=_with_points(lines, implants, result),
        false=wrong,
        checks=tally,
        rebuilt=rebuilt,
        done=_done(events, team),
        conduct=broken,
        marks=given,
    )


def _line(frame: _Frame, site: Site, life: Life, found: Detection | None) -> ImplantLine:
    artefact, hold = life.artefact, frame.created.hold
    removed = removed_at(life, hold, frame.at)
    broken = over_ejected(life, site)
    wanted = dict.fromkeys(artefact.evidence)
    lacks = tuple(kind for kind in wanted if found is None or kind not in found.kinds)
    return ImplantLine(
        artefact=artefact.id,
        entry=artefact.entry or artefact.id,
        host=" + ".join(artefact.hosts),
        actor=artefact.actor or "",
        weight=artefact.weight,
        technique=artefact.technique.id if artefact.technique else "",
        state=state(life, hold, frame.at, detected=found is not None, over=broken),
        planted=life.planted,
        level=found.level if found else "none",
        d=LEVELS[found.level] if found else 0.0,
        q=_quality(len(wanted), len(lacks)) if found else 0.0,
        e=share_gone(life, hold, frame.at),
        saved=found is not None and (removed is None or found.at <= removed),
        detection=found,
        late=_late(frame, life, found) if found else None,
        lacks=lacks,
        removed=removed,
        stands=tuple(key for key, part in life.parts.items() if part.gone is None),
        holding=tuple(key for key, part in life.parts.items() if part.holding(hold, frame.at)),
        broken=broken,
    )


def _quality(wanted: int, lacking: int) -> float:
    return (wanted - lacking) / wanted if wanted else 1.0


def _late(frame: _Frame, life: Life, found: Detection) -> float:
    """Return t_i / T_i. The time runs from when a team could first see the implant."""
    visible = max(life.planted, frame.started or life.planted)
    return max(0.0, (found.at - visible) / frame.length)


def _terms(line: ImplantLine) -> ImplantTerms:
    return ImplantTerms(
        weight=line.weight,
        chain=line.actor,
        d=line.d,
        q=line.q,
        t=1.0 if line.late is None else line.late,
        e=line.e,
        saved=1.0 if line.saved else 0.0,
        removed=line.removed.timestamp() if line.removed else None,
    )


def _with_points(
    lines: Sequence[ImplantLine], terms: Sequence[ImplantTerms], result: Score
) -> tuple[ImplantLine, ...]:
    weight = sum(one.weight for one in terms) or 1.0
    removable = sum(one.weight for one in terms if one.e is not None) or 1.0
    full = {part.name: part.weight * result.scale for part in result.parts}
    kappa = {stroke.chain: stroke.kappa for stroke in result.strokes}
    priced = []
    for line, one in zip(lines, terms, strict=True):
        share, gone = one.weight / weight, one.weight / removable if one.e is not None else 0.0
        possible = Points(full["detection"] * share, full["eviction"] * gone, full["speed"] * share)
        points = Points(
            possible.detection * detected(one) * result.precision,
            possible.eviction * evicted(one) * kappa.get(one.chain, 0.0),
            possible.speed * sped(one) * result.precision,
        )
        priced.append(replace(line, points=points, possible=possible))
    return tuple(priced)


def _wrong(false: Sequence[FalseClaim], *, decoys: bool) -> int:
    return sum(not one.repeated and (one.about == "decoy") is decoys for one in false)


def _rebuilt(events: Sequence[Event], team: str) -> list[str]:
    return [
        event.host
        for event in events
        if isinstance(event, Rebuilt) and event.team == team and event.by == "partner"
    ]


def _since_startex(events: Sequence[Event], frame: _Frame) -> list[Event]:
    return [event for event in events if frame.started is None or event.at >= frame.started]


def _done(events: Sequence[Event], team: str) -> datetime | None:
    moments = (
        event.at
        for event in events
        if isinstance(event, Submitted)
        and event.team == team
        and isinstance(event.submission, Done)
    )
    return next(moments, None)
