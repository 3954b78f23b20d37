"""An exercise as something to draw: each actor's stages in time, what he keeps, how he reacts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from rangectl.model.base import show_duration
from rangectl.model.exercise import Actor, Exercise, Stage
from rangectl.model.reactions import Reaction


@dataclass(frozen=True, slots=True)
class Step:
    """One implant: its entry, where it stands, when it comes, and how long after the one before."""

    entry: str
    on: str
    when: str
    dwell: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One reaction in words; `plants` is the number of what is taken from the reserve."""

    when: str
    words: str
    bounds: str
    plants: int | None


@dataclass(frozen=True, slots=True)
class Lane:
    """One actor: his stages in the order in which they come, his reserve, and his reactions."""

    actor: str
    sinkhole: str
    steps: tuple[Step, ...]
    reserve: tuple[Step, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """All there is to draw of an exercise."""

    name: str
    description: str
    topology: str
    lanes: tuple[Lane, ...]
    moves: tuple[str, ...]


def chart(exercise: Exercise) -> Chart:
    """Return what a drawing of an exercise shows."""
    moves = [f"{_span(one.at)}: {one.inject}" for one in exercise.msel]
    moves += [f"harm of {one.impact:g}: {one.inject}" for one in exercise.threshold]
    return Chart(
        name=exercise.name,
        description=exercise.description,
        topology=exercise.topology,
        lanes=tuple(_lane(name, actor) for name, actor in exercise.actors.items()),
        moves=tuple(moves),
    )


def _lane(name: str, actor: Actor) -> Lane:
    ordered = sorted(actor.chain, key=lambda stage: stage.after)
    before = [timedelta(0), *(stage.after for stage in ordered)]
    names = [kept.name for kept in actor.reserve]
    return Lane(
        actor=name,
        sinkhole=actor.sinkhole,
        steps=tuple(
            _step(stage, _dwell(stage.after - earlier))
            for stage, earlier in zip(ordered, before, strict=False)
        ),
        reserve=tuple(_step(kept, "", kept.name) for kept in actor.reserve),
        answers=tuple(_answer(one, names) for one in actor.reactions),
    )


def _step(stage: Stage, dwell: str, kept: str = "") -> Step:
    notes = []
    if stage.started_by is not None:
        notes.append(f"by {stage.started_by}, every {_span(stage.period)}")
    if stage.sinkhole is not None:
        notes.append(f"calls {stage.sinkhole}")
    when = kept or (f"at {_span(stage.after)}" if stage.after else "before STARTEX")
    on = stage.on if stage.to is None else f"{stage.on} to {stage.to}"
    return Step(stage.implant, on, when, dwell, tuple(notes))


def _answer(one: Reaction, names: list[str]) -> Answer:
    words = one.do.replace("_", " ")
    if one.do == "go_quiet":
        words += f" for {_span(one.for_)}"
    if one.plant is not None:
        words += f": {one.plant}"
    times = "once" if one.times == 1 else f"at most {one.times} times"
    plants = names.index(one.plant) if one.plant in names else None
    return Answer(one.when.replace("_", " "), words, f"after {_span(one.wait)}, {times}", plants)


def _dwell(length: timedelta) -> str:
    return f"+{_span(length)}" if length else ""


def _span(length: timedelta) -> str:
    minutes = length.total_seconds() / 60
    if minutes >= 120 and minutes % 30 == 0:
        return f"{minutes / 60:g} h"
    return f"{minutes:g} min" if minutes >= 1 else show_duration(length)
