"""What happened, as an append-only union of facts; the score is a fold over these alone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from rangectl.model.base import Duration, Model
from rangectl.model.finding import Done, Finding, Request
from rangectl.model.planting import Artefact


class Fact(Model):
    """Something that happened at a moment (UTC, wall time)."""

    at: datetime


class RunCreated(Fact):
    """A run began to exist; everything the score needs to know of its files is here."""

    kind: Literal["run-created"] = "run-created"
    run: str
    exercise: str
    teams: tuple[str, ...]
    seed: int
    length: Duration
    compression: float
    hold: Duration
    formula: Literal["hunt-forward/1"] = "hunt-forward/1"


class RangeReady(Fact):
    """A team's range is up, checked and proven to be contained."""

    kind: Literal["range-ready"] = "range-ready"
    team: str
    attempts: int


class Planted(Fact):
    """An implant, decoy or noise edit stands in a team's range; `at` is when it was first
    observable.
    """

    kind: Literal["planted"] = "planted"
    team: str
    artefact: Artefact


class Started(Fact):
    """STARTEX."""

    kind: Literal["started"] = "started"


class Observed(Fact):
    """A component was seen to be present or gone; recorded when that changes."""

    kind: Literal["observed"] = "observed"
    team: str
    artefact: str
    component: str
    present: bool
    pid: int | None = None
    start: int | None = None


class Submitted(Fact):
    """A team handed something in; `checks` says of each piece of a finding's evidence whether the
    range bears it out.
    """

    kind: Literal["submitted"] = "submitted"
    team: str
    id: str
    submission: Annotated[Finding | Request | Done, Field(discriminator="kind")]
    checks: tuple[bool, ...] = ()


class Answered(Fact):
    """The partner answered a request."""

    kind: Literal["answered"] = "answered"
    team: str
    request: str
    approved: bool


class Rebuilt(Fact):
    """A host was replaced by a clean one, at the team's request or by the instructor (`by`)."""

    kind: Literal["rebuilt"] = "rebuilt"
    team: str
    host: str
    by: Literal["partner", "instructor"]


class ServiceChecked(Fact):
    """A check ran against a service; recorded every round. `excused` when the engine or the
    director caused a failure.
    """

    kind: Literal["service-checked"] = "service-checked"
    team: str
    host: str
    service: str
    up: bool
    excused: bool = False


class Ended(Fact):
    """ENDEX; nothing after it counts."""

    kind: Literal["ended"] = "ended"
    why: Literal["decided", "time", "stopped"]


Event = Annotated[
    RunCreated
    | RangeReady
    | Planted
    | Started
    | Observed
    | Submitted
    | Answered
    | Rebuilt
    | ServiceChecked
    | Ended,
    Field(discriminator="kind"),
]
event_adapter: TypeAdapter[Event] = TypeAdapter(Event, config=ConfigDict(defer_build=True))
