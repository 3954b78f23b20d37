"""What happens in a range: actors, decoys, noise, clock and scoring."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from rangectl.model.base import Duration, Model, Name

_PATTERN = re.compile(r"[a-z0-9*?-]{1,63}")
_PLACE = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*")


def _positive(value: timedelta) -> timedelta:
    if not value:
        message = "must be more than nothing"
        raise ValueError(message)
    return value


def _pattern(text: str) -> str:
    if not _PATTERN.fullmatch(text):
        message = f"not a pattern of host names: {text[:40]!r} (write web01, desk-* or desk-?)"
        raise ValueError(message)
    return text


def _place(text: str) -> str:
    if len(text) > 200 or not _PLACE.fullmatch(text):
        message = f"not a relative path without ..: {text[:40]!r} (write first-light.md)"
        raise ValueError(message)
    return text


Positive = Annotated[Duration, AfterValidator(_positive)]
Entry = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class Clock(Model):
    """How long the exercise lasts, and how much faster its clock runs than the wall's."""

    length: Positive
    compression: Annotated[float, Field(ge=1, le=100)] = 1.0


class Stage(Model):
    """One implant of a chain."""

    implant: Entry
    on: Annotated[str, AfterValidator(_pattern)]
    after: Duration = timedelta(0)
    started_by: Entry | None = None
    period: Positive = timedelta(seconds=60)
    jitter: Annotated[float, Field(ge=0, le=0.9)] = 0.0


class Actor(Model):
    """An adversary: where his implants call, and what he left behind."""

    sinkhole: Name
    chain: Annotated[tuple[Stage, ...], Field(min_length=1, max_length=50)]


class Decoys(Model):
    """How many benign look-alikes stand beside each implant."""

    per_implant: Annotated[int, Field(ge=0, le=5)] = 1


class Noise(Model):
    """How many background edits are planted for each implant."""

    edits_per_implant: Annotated[int, Field(ge=0, le=100)] = 20


class Scoring(Model):
    """Which formula prices the run, and how long a removal must hold (wall time)."""

    profile: Literal["hunt-forward"] = "hunt-forward"
    hold: Positive = timedelta(seconds=150)


class Exercise(Model):
    """An exercise, as its file says it."""

    version: Literal[1]
    name: Name
    description: Annotated[str, StringConstraints(max_length=2000)] = ""
    topology: Name
    briefing: Annotated[str, AfterValidator(_place)]
    clock: Clock
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    actors: Annotated[dict[Name, Actor], Field(min_length=1, max_length=10)]
    decoys: Decoys = Decoys()
    noise: Noise = Noise()
    approval: Literal["automatic"] = "automatic"
    scoring: Scoring = Scoring()
