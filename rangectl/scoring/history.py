"""A log folded into what the director decides by: as it grows, not from its beginning each time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rangectl.model.events import (
    Ended,
    Event,
    Extended,
    Injected,
    Ordered,
    Reacted,
    RunCreated,
    Started,
    Submitted,
    Tipped,
)
from rangectl.model.finding import Done
from rangectl.scoring.lives import Life, Site
from rangectl.scoring.pauses import Pauses


@dataclass
class History:
    """What of a log the director decides by; one more event is one step more.

    Its moments are on the run's own time, which `pauses` tells: ask it with `pauses.own(now)`.
    """

    created: RunCreated | None = None
    started: datetime | None = None
    ended: bool = False
    more: timedelta = timedelta(0)
    reacted: list[Reacted] = field(default_factory=list)
    tipped: list[Tipped] = field(default_factory=list)
    injected: list[Injected] = field(default_factory=list)
    ordered: list[Ordered] = field(default_factory=list)
    done_at: dict[str, datetime] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    pauses: Pauses = field(default_factory=Pauses)

    @classmethod
    def of(cls, events: Iterable[Event]) -> History:
        """Fold a log."""
        history = cls()
        for event in events:
            history.take(event)
        return history

    def take(self, event: Event) -> None:
        """Take in one more event: a log may be folded as it grows."""
        self.pauses.take(event)
        event = self.pauses.shifted(event)
        team = getattr(event, "team", None)
        if team is not None:
            self.sites.setdefault(team, Site()).take(event)
        match event:
            case RunCreated():
                self.created = event
            case Started():
                self.started = event.at
            case Ended():
                self.ended = True
            case Submitted(submission=Done()):
                self.done_at[event.team] = event.at
            case _:
                self._take_move(event)

    def _take_move(self, event: Event) -> None:
        match event:
            case Extended():
                self.more += event.by
            case Reacted():
                self.reacted.append(event)
            case Tipped():
                self.tipped.append(event)
            case Injected():
                self.injected.append(event)
            case Ordered():
                self.ordered.append(event)
            case _:
                pass

    def of_actor(self, team: str, actor: str) -> list[Life]:
        """Return what an actor left in a team's range."""
        site = self.sites.get(team, Site())
        return [life for life in site.implants.values() if life.artefact.actor == actor]

    def done(self, team: str, actor: str) -> list[Reacted]:
        """Return what an actor did in a team's range so far."""
        return [one for one in self.reacted if (one.team, one.actor) == (team, actor)]
