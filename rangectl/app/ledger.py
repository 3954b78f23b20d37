"""What the director needs to know of a run, folded from its log: nothing lives in memory alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from rangectl.model.events import (
    Answered,
    Ended,
    Event,
    Extended,
    Halt,
    Injected,
    Observed,
    Paused,
    Planted,
    Reacted,
    Resumed,
    RunCreated,
    Started,
    Submitted,
    Tipped,
)
from rangectl.model.finding import Request
from rangectl.model.planting import Artefact
from rangectl.ports import EventLog
from rangectl.scoring.history import History

Sight = tuple[bool, int | None, int | None]


@dataclass
class Ledger:
    """A run's log, with the answers the director asks it for every second.

    `pending` are requests, by team and id, that were recorded and not answered yet; `quiet` the
    actors, by team and name, who keep quiet; `tips` when something was noticed last, by team and
    what; `more` by how much the exercise was made longer; `halt` what an instructor wants of it
    that was not done yet.
    """

    log: EventLog
    events: list[Event] = field(default_factory=list)
    planted: dict[str, dict[str, Artefact]] = field(default_factory=dict)
    sights: dict[tuple[str, str, str], Sight] = field(default_factory=dict)
    submitted: dict[str, set[str]] = field(default_factory=dict)
    pending: dict[tuple[str, str], Request] = field(default_factory=dict)
    history: History = field(default_factory=History)
    quiet: set[tuple[str, str]] = field(default_factory=set)
    tips: dict[tuple[str, str], datetime] = field(default_factory=dict)
    injected: list[Injected] = field(default_factory=list)
    more: timedelta = timedelta(0)
    halt: Literal["pause", "resume"] | None = None
    created: RunCreated | None = None
    started: datetime | None = None
    ended: Ended | None = None

    @classmethod
    def open(cls, log: EventLog) -> Ledger:
        """Read a log from its beginning."""
        ledger = cls(log)
        ledger.refresh()
        return ledger

    @property
    def paused(self) -> datetime | None:
        """Since when the run stands still; None while it moves."""
        return self.history.pauses.since

    @property
    def stands_still(self) -> bool:
        """Whether the run is paused, or to be paused, and not over."""
        return self.ended is None and (self.paused is not None or self.halt == "pause")

    def own(self, now: datetime) -> datetime:
        """Return a moment on the run's own time, which pauses stop."""
        return self.history.pauses.own(now)

    def add(self, events: Sequence[Event]) -> None:
        """Write events to the log, then know them."""
        if events:
            self.log.append(events)
            self.refresh()

    def refresh(self) -> None:
        """Take in what others wrote to the log since."""
        self._take(self.log.read(after=len(self.events)))

    def _take(self, events: Iterable[Event]) -> None:
        for event in events:
            self.events.append(event)
            self.history.take(event)
            match event:
                case RunCreated():
                    self.created = event
                case Started():
                    self.started = event.at
                case Ended():
                    self.ended = event
                case Planted():
                    team = self.planted.setdefault(event.team, {})
                    team[event.artefact.id] = event.artefact
                case Observed():
                    key = (event.team, event.artefact, event.component)
                    self.sights[key] = (event.present, event.pid, event.start)
                case Submitted():
                    self.submitted.setdefault(event.team, set()).add(event.id)
                    if isinstance(event.submission, Request):
                        self.pending[event.team, event.id] = event.submission
                case Answered():
                    self.pending.pop((event.team, event.request), None)
                case _:
                    self._take_move(event)

    def _take_move(self, event: Event) -> None:
        match event:
            case Reacted(do="go_quiet"):
                self.quiet.add((event.team, event.actor))
            case Reacted(do="return"):
                self.quiet.discard((event.team, event.actor))
            case Tipped():
                self.tips[event.team, event.why] = event.at
            case Injected():
                self.injected.append(event)
            case Extended():
                self.more += event.by
            case Halt():
                self.halt = event.do
            case Paused() | Resumed():
                self.halt = None
            case _:
                pass

    def messages(self, team: str) -> int:
        """Return how many injects a team was sent."""
        return sum(one.team in {None, team} for one in self.injected)

    def watched(self, team: str) -> tuple[Artefact, ...]:
        """Return the implants and decoys that were planted in a team's range so far."""
        planted = self.planted.get(team, {}).values()
        return tuple(artefact for artefact in planted if artefact.nature != "noise")

    def implants(self, team: str) -> tuple[Artefact, ...]:
        """Return the implants that were planted in a team's range so far."""
        planted = self.planted.get(team, {}).values()
        return tuple(artefact for artefact in planted if artefact.nature == "implant")

    def standing(self, team: str) -> bool:
        """Say whether every required component of every implant was seen to be there."""
        return all(
            self.sights.get((team, artefact.id, component.id), (False, None, None))[0]
            for artefact in self.implants(team)
            for component in artefact.components
            if component.required
        )
