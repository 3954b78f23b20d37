"""What happens in a range: actors, decoys, noise, clock and scoring."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from rangectl.model.base import Duration, Model, Name


class Clock(Model):
    """How long the exercise lasts, and how much faster its clock runs than the wall's."""

    length: Duration
    compression: Annotated[float, Field(ge=1, le=100)] = 1.0


class Stage(Model):
    """One implant of a chain."""

    implant: str
    on: str
    after: Duration = timedelta(0)
    started_by: str | None = None
    period: Duration = timedelta(seconds=60)
    jitter: Annotated[float, Field(ge=0, le=0.9)] = 0.0


class Actor(Model):
    """An adversary: where his implants call, and what he left behind."""

    sinkhole: Name
    chain: Annotated[tuple[Stage, ...], Field(min_length=1)]


class Decoys(Model):
    """How many benign look-alikes stand beside each implant."""

    per_implant: Annotated[int, Field(ge=0, le=5)] = 1


class Noise(Model):
    """How many background edits are planted for each implant."""

    edits_per_implant: Annotated[int, Field(ge=0, le=100)] = 20


class Scoring(Model):
    """Which formula prices the run, and how long a removal must hold (wall time)."""

    profile: Literal["hunt-forward"] = "hunt-forward"
    hold: Duration = timedelta(seconds=150)


class Exercise(Model):
    """An exercise, as its file says it."""

    version: Literal[1]
    name: Name
    description: str = ""
    topology: Name
    briefing: str
    clock: Clock
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    actors: Annotated[dict[Name, Actor], Field(min_length=1)]
    decoys: Decoys = Decoys()
    noise: Noise = Noise()
    approval: Literal["automatic"] = "automatic"
    scoring: Scoring = Scoring()
