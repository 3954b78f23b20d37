"""What the adversary does, and which injects are due: a pure function of log, clock and files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Literal

from rangectl.model.events import Event, Reacted
from rangectl.model.exercise import Actor, Exercise
from rangectl.model.reactions import PLANTING, Do, Reaction, When
from rangectl.scoring.history import History
from rangectl.scoring.lives import Life, Site

INSTRUCTOR = "instructor"
_SURE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class React:
    """An actor does something in a team's range: `subject` is what is put back, `plant` what is
    taken from the reserve, `until` when a quiet ends.
    """

    team: str
    actor: str
    rule: int
    do: Do | Literal["return"]
    cause: str
    subject: str = ""
    plant: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tip:
    """An actor notices that his channel was silenced before anything of his was removed."""

    team: str
    actor: str
    cause: str


@dataclass(frozen=True, slots=True)
class Send:
    """An inject is due in a team's kit, or in all."""

    inject: str
    cause: str
    team: str | None = None


Action = React | Tip | Send


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that may make an actor react: what, to which implant, and when: on the run's own
    time, and by the clock on the wall.
    """

    when: When
    subject: str
    at: datetime
    wall: datetime

    def __str__(self) -> str:
        """Write it so that the same cause is always the same text."""
        moment = self.wall.isoformat(timespec="seconds")
        return f"{self.when} {self.subject} {moment}" if self.subject else f"{self.when} {moment}"


def decide(events: Sequence[Event], now: datetime, exercise: Exercise) -> tuple[Action, ...]:
    """Return what is to be done now. The same log, moment and exercise give the same; once what is
    done is in the log, it is not asked for again. While a run is paused, nothing is.
    """
    history = History.of(events)
    return () if history.pauses.since else due(history, history.pauses.own(now), exercise)


def due(history: History, now: datetime, exercise: Exercise) -> tuple[Action, ...]:
    """Return what `decide` returns of the log that was folded into this history; `now`, and all
    moments of what is returned, are on the run's own time.
    """
    if history.started is None or history.created is None or history.ended:
        return ()
    actions: list[Action] = [*_injects(history, history.started, now, exercise)]
    for team in history.created.teams:
        for name, actor in exercise.actors.items():
            actions += _tips(history, team, name, now)
            actions += _reactions(history, (team, name, actor), now)
    return tuple(actions)


def impact(site: Site, started: datetime, now: datetime, compression: float) -> float:
    """Return the harm done so far: each implant adds its weight with every minute of the exercise
    clock in which all of it was at work, from STARTEX on.
    """
    return sum(
        life.artefact.weight * _worked(life, started, now).total_seconds() * compression / 60
        for life in site.implants.values()
    )


def quiet(history: History, team: str, actor: str) -> Reacted | None:
    """Return the reaction by which an actor is quiet in a team's range; None when he is not."""
    last = None
    for one in history.done(team, actor):
        if one.do in {"go_quiet", "return"}:
            last = one
    return last if last is not None and last.do == "go_quiet" else None


def causes(history: History, team: str, actor: str, when: When) -> tuple[Cause, ...]:
    """Return all that happened to an actor of one kind, the earliest first."""
    found = (
        Cause(when, subject, at, history.pauses.wall(at))
        for subject, at in _causes(history, team, actor, when)
    )
    return tuple(sorted(found, key=lambda one: (one.at, one.subject)))


def _causes(history: History, team: str, actor: str, when: When) -> Iterator[tuple[str, datetime]]:
    lives = history.of_actor(team, actor)
    match when:
        case "tipped_off":
            yield from (
                (one.why, one.at)
                for one in history.tipped
                if one.team == team and one.actor in {None, actor}
            )
        case "blocked":
            for life in lives:
                if life.blocked is not None:
                    yield life.artefact.id, life.blocked
        case "removed":
            for life in lives:
                if life.removed is not None:
                    yield life.artefact.id, life.removed
        case "killed":
            for life in lives:
                yield from ((life.artefact.id, moment) for moment in life.kills)


def _reactions(history: History, who: tuple[str, str, Actor], now: datetime) -> Iterator[React]:
    """Yield what an actor does now: one thing at most, as each changes what the next is about."""
    team, name, actor = who
    hushed = quiet(history, team, name)
    if hushed is not None and hushed.until is not None and now >= hushed.until:
        yield React(team, name, hushed.rule, "return", hushed.cause)
        return
    if not any(life.stands for life in history.of_actor(team, name)):
        return  # nothing is left through which he could do anything
    done = history.done(team, name)
    spent = {one.plant for one in done if one.plant}
    for rule, reaction in enumerate(actor.reactions):
        for cause in _due(history, (team, name, rule, reaction), now):
            react = _react(history, (team, name, rule, reaction), cause, now)
            if react is None or react.plant in spent or (react.until and hushed):
                continue
            yield react
            return


def _due(history: History, what: tuple[str, str, int, Reaction], now: datetime) -> Iterator[Cause]:
    """Yield what an actor may react to by a rule that is not used up, and did not yet."""
    team, actor, rule, reaction = what
    done = history.done(team, actor)
    mine = [one.cause for one in done if one.rule == rule and one.do != "return"]
    if len(mine) >= reaction.times:
        return
    for cause in causes(history, team, actor, reaction.when):
        if now >= cause.at + reaction.wait and str(cause) not in mine:
            yield cause


def _react(
    history: History, what: tuple[str, str, int, Reaction], cause: Cause, now: datetime
) -> React | None:
    """Return what a reaction does about a cause; None where it can do nothing."""
    team, actor, rule, reaction = what
    others = [one for one in history.of_actor(team, actor) if one.artefact.id != cause.subject]
    if reaction.do == "replant":
        if not any(life.stands for life in others):
            return None
        return React(team, actor, rule, "replant", str(cause), subject=cause.subject)
    if reaction.do in PLANTING:
        return React(team, actor, rule, reaction.do, str(cause), plant=reaction.plant or "")
    return React(team, actor, rule, "go_quiet", str(cause), until=now + reaction.for_)


def _tips(history: History, team: str, actor: str, now: datetime) -> Iterator[Tip]:
    """Yield the channels that went silent before anything of the actor's was removed."""
    removed = [life.removed for life in history.of_actor(team, actor) if life.removed is not None]
    known = {one.cause for one in history.tipped if one.team == team}
    for cause in causes(history, team, actor, "blocked"):
        early = not any(moment <= cause.at for moment in removed)
        lasting = now - cause.at >= _SURE
        if early and lasting and f"early {cause}" not in known:
            yield Tip(team, actor, f"early {cause}")


def _injects(
    history: History, started: datetime, now: datetime, exercise: Exercise
) -> Iterator[Send]:
    known = {(one.team, one.cause) for one in history.injected}
    clock = exercise.clock
    wanted = chain(
        (
            Send(move.inject, f"msel {index}")
            for index, move in enumerate(exercise.msel)
            if (now - started) * clock.compression >= move.at
        ),
        _thresholds(history, started, now, exercise),
        (
            Send(one.inject, f"{INSTRUCTOR} {index}", one.team)
            for index, one in enumerate(history.ordered)
        ),
    )
    yield from (one for one in wanted if (one.team, one.cause) not in known)


def _thresholds(
    history: History, started: datetime, now: datetime, exercise: Exercise
) -> Iterator[Send]:
    if not exercise.threshold:
        return
    for team, site in history.sites.items():
        harm = impact(site, started, now, exercise.clock.compression)
        for index, threshold in enumerate(exercise.threshold):
            if harm >= threshold.impact:
                yield Send(threshold.inject, f"threshold {index}", team)


def _worked(life: Life, started: datetime, now: datetime) -> timedelta:
    spells = [*life.spells, *([(life.working, now)] if life.working is not None else [])]
    lengths = (min(end, now) - max(begin, started) for begin, end in spells)
    return sum((one for one in lengths if one > timedelta(0)), timedelta(0))
