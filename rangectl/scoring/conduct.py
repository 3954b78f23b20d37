"""What a team did against the rules of engagement, each with its price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rangectl.model.events import Answered, Event, Tipped
from rangectl.scoring.lives import Site

PRICES: Mapping[str, float] = {
    "scan": 5.0,
    "contact": 5.0,
    "early_block": 4.0,
    "unapproved": 3.0,
}
_WORDS = {
    "scan": "reached for what the rules close to it, again and again",
    "contact": "reached for the adversary's servers",
    "early_block": "silenced a channel before anything was removed",
    "unapproved": "removed something before the partner had approved any change",
}


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing done against the rules: when, in words, and what it costs."""

    at: datetime
    what: str
    words: str
    price: float


def breaches(events: Sequence[Event], team: str, site: Site) -> tuple[Breach, ...]:
    """Return what a team did against the rules, in the order in which it did it."""
    found = [
        _breach(event.at, event.why)
        for event in events
        if isinstance(event, Tipped) and event.team == team
    ]
    found += _unapproved(events, team, site)
    return tuple(sorted(found, key=lambda one: one.at))


def _unapproved(events: Sequence[Event], team: str, site: Site) -> Iterator[Breach]:
    approvals = (
        event.at
        for event in events
        if isinstance(event, Answered) and event.team == team and event.approved
    )
    first = next(approvals, None)
    for life in site.implants.values():
        if life.removed is not None and (first is None or life.removed < first):
            yield _breach(life.removed, "unapproved")


def _breach(at: datetime, what: str) -> Breach:
    return Breach(at, what, _WORDS[what], PRICES[what])
