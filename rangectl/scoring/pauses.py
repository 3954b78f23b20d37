"""Pauses stop every clock of a run: its own time is the wall's without them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar, cast

from rangectl.model.events import Event, Paused, Reacted, Resumed

_Value = TypeVar("_Value")


@dataclass
class Pauses:
    """When a run stood still: moments at which pauses began and ended; None while one lasts."""

    spans: list[tuple[datetime, datetime | None]] = field(default_factory=list)

    @classmethod
    def of(cls, events: Iterable[Event]) -> Pauses:
        """Read them from a log."""
        found = cls()
        for event in events:
            found.take(event)
        return found

    @property
    def since(self) -> datetime | None:
        """Since when the run stands still; None while it moves."""
        return self.spans[-1][0] if self.spans and self.spans[-1][1] is None else None

    def take(self, event: Event) -> None:
        """Take in one more event."""
        match event:
            case Paused() if self.since is None:
                self.spans.append((event.at, None))
            case Resumed() if self.since is not None:
                self.spans[-1] = (self.since, event.at)
            case _:
                pass

    def own(self, wall: datetime) -> datetime:
        """Return a moment on the run's own time; all of a pause is the moment at which it began."""
        lost = (min(end or wall, wall) - start for start, end in self.spans if start < wall)
        return wall - sum(lost, timedelta(0))

    def own_epoch(self, wall: float) -> float:
        """Return a moment that is given in seconds since 1970 on the run's own time."""
        spans = [(start.timestamp(), end.timestamp() if end else wall) for start, end in self.spans]
        return wall - sum(max(0.0, min(end, wall) - start) for start, end in spans)

    def wall(self, own: datetime) -> datetime:
        """Return when that was by the clock on the wall: of a pause, when it began."""
        for start, end in self.spans:
            if own <= start or end is None:
                break
            own += end - start
        return own

    def shifted(self, event: Event) -> Event:
        """Return an event with its moments on the run's own time."""
        if not self.spans:
            return event
        moved: dict[str, object] = {"at": self.own(event.at)}
        if isinstance(event, Reacted) and event.until is not None:
            moved["until"] = self.own(event.at) + (event.until - event.at)
        return event.model_copy(update=moved)


def on_own_time(events: Sequence[Event]) -> list[Event]:
    """Return a log as if it had never been paused."""
    pauses = Pauses.of(events)
    return [pauses.shifted(event) for event in events]


def on_the_wall(value: _Value, pauses: Pauses) -> _Value:
    """Return a value, made on a run's own time, with all its moments by the clock on the wall."""
    return cast("_Value", _moved(value, pauses.wall)) if pauses.spans else value


def _moved(value: object, move: Callable[[datetime], datetime]) -> object:
    if isinstance(value, datetime):
        return move(value)
    if isinstance(value, tuple):
        return tuple(_moved(one, move) for one in value)
    if isinstance(value, dict):
        return {key: _moved(one, move) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{one.name: _moved(getattr(value, one.name), move) for one in fields(value)}
        )
    return value
