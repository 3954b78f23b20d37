"""What happens in a range: actors, decoys, noise, clock and scoring."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from rangectl.model.base import Duration, Model, Name
from rangectl.model.injects import COMMON, Inject, Threshold, Timed
from rangectl.model.reactions import Reaction
from rangectl.model.roe import Roe

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
    """One implant of a chain; `after` STARTEX, on the exercise clock, if it is not there before.

    It calls the actor's `sinkhole`, if none is named here. `to` is where its other half stands,
    if its kind needs a second host.
    """

    implant: Entry
    on: Annotated[str, AfterValidator(_pattern)]
    after: Duration = timedelta(0)
    started_by: Entry | None = None
    period: Positive = timedelta(seconds=60)
    jitter: Annotated[float, Field(ge=0, le=0.9)] = 0.0
    sinkhole: Name | None = None
    to: Annotated[str, AfterValidator(_pattern)] | None = None

    @property
    def reserve(self) -> str:
        """The name under which a reaction plants it; none where it comes by itself."""
        return ""


class Reserve(Stage):
    """An implant that only a reaction plants, by its name."""

    name: Name

    @property
    def reserve(self) -> str:
        """Its name."""
        return self.name


class Actor(Model):
    """An adversary: where his implants call, what he left behind, in the order of his stages, what
    he keeps in reserve, and what he does when something happens to him.
    """

    sinkhole: Name
    chain: Annotated[tuple[Stage, ...], Field(min_length=1, max_length=50)]
    reserve: Annotated[tuple[Reserve, ...], Field(max_length=10)] = ()
    reactions: Annotated[tuple[Reaction, ...], Field(max_length=20)] = ()

    @property
    def stages(self) -> tuple[Stage, ...]:
        """All that may ever be planted of his: the chain, then the reserve."""
        return (*self.chain, *self.reserve)


class Decoys(Model):
    """How many benign look-alikes stand beside each implant."""

    per_implant: Annotated[int, Field(ge=0, le=5)] = 1


class Noise(Model):
    """How many background edits are planted for each implant, and which profile of traffic the
    partner's people follow; without one they do nothing.
    """

    edits_per_implant: Annotated[int, Field(ge=0, le=100)] = 20
    traffic: Name | None = None


class Hypothesis(Model):
    """What a good team would suspect before it looks: for the instructor, never told to teams."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    techniques: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^T\d{4}(\.\d{3})?$")], ...],
        Field(max_length=10),
    ] = ()


class Scoring(Model):
    """Which formula prices the run, and how long a removal must hold (wall time)."""

    profile: Literal["hunt-forward"] = "hunt-forward"
    hold: Positive = timedelta(seconds=150)


class Exercise(Model):
    """An exercise, as its file says it; `opt_in` names kinds that are planted only where they are
    asked for by name.
    """

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
    opt_in: Annotated[tuple[Entry, ...], Field(max_length=20)] = ()
    same_for_all: bool = False
    approval: Literal["automatic"] = "automatic"
    scoring: Scoring = Scoring()
    hypotheses: Annotated[tuple[Hypothesis, ...], Field(max_length=20)] = ()
    injects: Annotated[dict[Name, Inject], Field(max_length=50)] = Field(default_factory=dict)
    msel: Annotated[tuple[Timed, ...], Field(max_length=100)] = ()
    threshold: Annotated[tuple[Threshold, ...], Field(max_length=20)] = ()
    roe: Roe | None = None

    def inject(self, name: str) -> Inject:
        """Return an inject of that name, the file's own before the common ones; else KeyError."""
        return self.injects.get(name) or COMMON[name]

    @property
    def sinkholes(self) -> tuple[str, ...]:
        """Every host that something of an actor's may call, sorted."""
        actors = self.actors.values()
        named = {stage.sinkhole for actor in actors for stage in actor.stages if stage.sinkhole}
        return tuple(sorted(named | {actor.sinkhole for actor in actors}))
