"""What happened, as an append-only union of facts; the score is a fold over these alone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from rangectl.model.base import Duration, Model
from rangectl.model.finding import Done, Finding, Reply, Request
from rangectl.model.planting import Artefact
from rangectl.model.reactions import Do


class Fact(Model):
    """Something that happened at a moment (UTC, wall time)."""

    at: datetime


class RunCreated(Fact):
    """A run began to exist; everything the score needs to know of its files is here.

    `conduct`: the files have rules of engagement, and what breaks them has its price.
    """

    kind: Literal["run-created"] = "run-created"
    run: str
    exercise: str
    teams: tuple[str, ...]
    seed: int
    length: Duration
    compression: float
    hold: Duration
    formula: Literal["hunt-forward/1", "hunt-forward/2"] = "hunt-forward/1"
    conduct: bool = False


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
    submission: Annotated[Finding | Request | Reply | Done, Field(discriminator="kind")]
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
    """A check ran against a service; recorded every round, with `why` it failed. `excused` when the
    engine or the director caused that.
    """

    kind: Literal["service-checked"] = "service-checked"
    team: str
    host: str
    service: str
    up: bool
    excused: bool = False
    why: str = ""


class Tipped(Fact):
    """An actor saw that he is hunted: the router's log or his sinkhole's shows it, or his channel
    went silent before anything of his was removed. All actors, where none is named.
    """

    kind: Literal["tipped"] = "tipped"
    team: str
    actor: str | None = None
    why: Literal["scan", "contact", "early_block"]
    cause: str


class Reacted(Fact):
    """An actor did something, because of `cause`; `rule` is the number of the reaction in his list.

    `artefacts` is what was planted or put back; quiet lasts `until`; `return` is its end.
    """

    kind: Literal["reacted"] = "reacted"
    team: str
    actor: str
    rule: int
    do: Do | Literal["return"]
    cause: str
    plant: str = ""
    artefacts: tuple[str, ...] = ()
    until: datetime | None = None


class Ordered(Fact):
    """An instructor wants an inject sent to a team, or to all."""

    kind: Literal["ordered"] = "ordered"
    inject: str
    team: str | None = None


class Injected(Fact):
    """An inject was put into the kit of a team, or of all."""

    kind: Literal["injected"] = "injected"
    inject: str
    cause: str
    team: str | None = None


class Marked(Fact):
    """An instructor marked what a team did with an inject, from 0 to 5; the last mark of one
    counts, also after ENDEX.
    """

    kind: Literal["marked"] = "marked"
    team: str
    inject: str
    mark: Annotated[int, Field(ge=0, le=5)]
    why: str = ""


class Extended(Fact):
    """An instructor made the exercise longer, on the exercise clock."""

    kind: Literal["extended"] = "extended"
    by: Duration


class Halt(Fact):
    """An instructor wants a run that somebody directs to pause, or to go on."""

    kind: Literal["halt"] = "halt"
    do: Literal["pause", "resume"]


class Paused(Fact):
    """Every host was frozen; all clocks, holds and leases stand still from now on."""

    kind: Literal["paused"] = "paused"


class Resumed(Fact):
    """The hosts go on, and all clocks with them."""

    kind: Literal["resumed"] = "resumed"


class Ended(Fact):
    """ENDEX; nothing after it counts."""

    kind: Literal["ended"] = "ended"
    why: Literal["decided", "time", "stopped", "killed"]


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
    | Tipped
    | Reacted
    | Ordered
    | Injected
    | Marked
    | Extended
    | Halt
    | Paused
    | Resumed
    | Ended,
    Field(discriminator="kind"),
]
event_adapter: TypeAdapter[Event] = TypeAdapter(Event, config=ConfigDict(defer_build=True))
