"""What an instructor gave a team for what it did with the messages that reached it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rangectl.model.events import Event, Injected, Marked, RunCreated, Submitted
from rangectl.model.finding import Reply
from rangectl.scoring.plain import plain

BEST = 5


@dataclass(frozen=True, slots=True)
class MarkLine:
    """The mark of one inject, 0 to 5, and why it is that."""

    inject: str
    mark: int
    why: str


def marks(events: Sequence[Event], team: str, at: datetime | None) -> tuple[MarkLine, ...]:
    """Return a team's marks as they stood at a moment, by inject: the last of each counts. They are
    given by people, who take their time: what comes after ENDEX counts, too.
    """
    given = {
        event.inject: MarkLine(event.inject, event.mark, event.why)
        for event in events
        if isinstance(event, Marked) and event.team == team and (at is None or event.at <= at)
    }
    return tuple(given[name] for name in sorted(given))


def share(given: Sequence[MarkLine]) -> float | None:
    """Return R, their mean as a share of the best; None where nothing was marked."""
    return sum(one.mark for one in given) / (BEST * len(given)) if given else None


@dataclass(frozen=True, slots=True)
class Replied:
    """An inject that reached a team, what the team said to it, and its mark, if it has one."""

    team: str
    inject: str
    sent: datetime
    said: tuple[str, ...]
    mark: MarkLine | None


def replied(events: Sequence[Event]) -> tuple[Replied, ...]:
    """Return all that was sent to each team, with what it said, in the order it was sent."""
    teams = next((one.teams for one in events if isinstance(one, RunCreated)), ())
    return tuple(one for team in teams for one in _replied(events, team))


def as_lines(found: Iterable[Replied], expected: Mapping[str, str]) -> Iterator[str]:
    """Tell them line by line, with what a good team does; no text steers a terminal."""
    for one in found:
        given = "not marked" if one.mark is None else f"{one.mark.mark} of {BEST}"
        yield f"{one.team}: {one.inject}, sent {one.sent:%H:%M:%S}Z: {given}"
        yield f"  expected: {expected.get(one.inject, 'nobody wrote it down')}"
        yield from (f"  said: {plain(text, ' ')}" for text in one.said or ("nothing",))


def _replied(events: Sequence[Event], team: str) -> Iterator[Replied]:
    given = {one.inject: one for one in marks(events, team, None)}
    sent: dict[str, datetime] = {}
    said: dict[str, list[str]] = {}
    for event in events:
        if isinstance(event, Injected) and event.team in {None, team}:
            sent.setdefault(event.inject, event.at)
        elif isinstance(event, Submitted) and event.team == team:
            match event.submission:
                case Reply(message=name, text=text):
                    said.setdefault(name, []).append(text)
                case _:
                    pass
    for name, at in sent.items():
        yield Replied(team, name, at, tuple(said.get(name, ())), given.get(name))
