"""What became of every implant: which components are gone, since when, and whether it holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from rangectl.model.events import Event, Observed, Planted, RunCreated, Submitted
from rangectl.model.finding import Done
from rangectl.model.planting import Artefact, Component

State = Literal["planted", "detected", "partial", "removed", "ejected", "regressed"]
SURVIVOR_CAP = 0.4
SETTLING = timedelta(seconds=10)


@dataclass
class Part:
    """A component over time: since when it is `gone`, or None while it is there."""

    component: Component
    gone: datetime | None = None

    def held(self, hold: timedelta, now: datetime) -> bool:
        """Say whether it has been gone, without a break, for the whole hold."""
        return self.gone is not None and now - self.gone >= hold

    def holding(self, hold: timedelta, now: datetime) -> bool:
        """Say whether it is gone and its hold still runs."""
        return self.gone is not None and now - self.gone < hold


@dataclass
class Life:
    """An implant from its planting on; `was_gone` once all that is required was gone at a time."""

    artefact: Artefact
    planted: datetime
    parts: dict[str, Part] = field(default_factory=dict)
    was_gone: bool = False

    @property
    def required(self) -> list[Part]:
        """The parts that must go."""
        return [part for part in self.parts.values() if part.component.required]

    def observe(self, event: Observed) -> None:
        """Take in what was seen of a component; one that is back starts anew.

        Traffic is missed only when it was not seen for as long as `lately` says: it ended then.
        """
        part = self.parts.get(event.component)
        if part is None:
            return
        if event.present:
            part.gone = None
        elif part.gone is None:
            part.gone = max(self.planted, event.at - part.component.lately)
        self.was_gone |= bool(self.required) and all(p.gone for p in self.required)


def lives(events: Iterable[Event]) -> dict[str, dict[str, Life]]:
    """Return every team's implants, by id, as the events leave them. A component is taken to be
    there from the planting on, until it is seen to be gone.
    """
    teams: dict[str, dict[str, Life]] = {}
    for event in events:
        if isinstance(event, Planted) and event.artefact.nature == "implant":
            team = teams.setdefault(event.team, {})
            team.setdefault(event.artefact.id, _planted(event))
        elif isinstance(event, Observed):
            life = teams.get(event.team, {}).get(event.artefact)
            if life is not None:
                life.observe(event)
    return teams


def share_gone(life: Life, hold: timedelta, now: datetime) -> float | None:
    """Return e: the share of the required components gone through the hold, at most 0.4 while one
    that persists survives. None when nothing is required.
    """
    if not life.required:
        return None
    share = sum(part.held(hold, now) for part in life.required) / len(life.required)
    persists = [part for part in life.parts.values() if part.component.persistence]
    return share if all(p.held(hold, now) for p in persists) else min(SURVIVOR_CAP, share)


def removed_at(life: Life, hold: timedelta, now: datetime) -> datetime | None:
    """Return when the last of what is held gone was removed. Traffic says nothing of that moment
    where there is more to remove: it is missed only some time after its source went.
    """
    gone = [part for part in life.required if part.held(hold, now)]
    solid = [part for part in gone if part.component.kind != "traffic"] or gone
    return max((part.gone for part in solid if part.gone is not None), default=None)


def state(life: Life, hold: timedelta, now: datetime, *, detected: bool) -> State:
    """Return the state of an implant.

    `ejected`: all that is required (and what persists) was gone through the hold. `regressed`: all
    that is required was gone once and something of it is back. `removed`: all is gone, the hold
    runs. `partial`: some is gone. Else `detected` when a finding of it was accepted, or `planted`.
    """
    gone = [part.gone is not None for part in life.required]
    if share_gone(life, hold, now) == 1.0:
        return "ejected"
    if gone and all(gone):
        return "removed" if _is_holding(life, hold, now) else "partial"
    if life.was_gone:
        return "regressed"
    if any(gone):
        return "partial"
    return "detected" if detected else "planted"


def decided(events: Sequence[Event], now: datetime) -> bool:
    """Say whether waiting can change nothing more: every team has said `done`, and no component of
    an implant is gone whose hold still runs.

    A component that is there is not waited for, as nobody is expected to remove it after `done`;
    but the last `done` must be some seconds old, so that the probes had time to see what was
    removed just before it, and traffic gets the time to be missed once its source is gone.
    """
    created = next((event for event in events if isinstance(event, RunCreated)), None)
    if created is None:
        return False
    done = _done(events)
    if not set(created.teams) <= done.keys() or now - max(done.values()) < SETTLING:
        return False
    return not any(
        _is_holding(life, created.hold, now)
        for team in lives(events).values()
        for life in team.values()
    )


def _done(events: Iterable[Event]) -> dict[str, datetime]:
    return {
        event.team: event.at
        for event in events
        if isinstance(event, Submitted) and isinstance(event.submission, Done)
    }


def _is_holding(life: Life, hold: timedelta, now: datetime) -> bool:
    return _awaits_silence(life, hold, now) or any(
        part.holding(hold, now)
        for part in life.parts.values()
        if part.component.required or part.component.persistence
    )


def _awaits_silence(life: Life, hold: timedelta, now: datetime) -> bool:
    """Say whether all that must go is gone but traffic, which may only not be missed yet."""
    gone = [p.gone for p in life.required if p.component.kind != "traffic" and p.gone is not None]
    loud = [part for part in life.required if part.gone is None]
    if not gone or not loud or any(part.component.kind != "traffic" for part in loud):
        return False
    return now - max(gone) < hold + max(part.component.lately for part in loud)


def _planted(event: Planted) -> Life:
    parts = {component.id: Part(component) for component in event.artefact.components}
    return Life(event.artefact, event.at, parts)
