"""What a team did against the rules of engagement, each with its price.

What of the partner's own was removed costs since the second version of the formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rangectl.model.events import Answered, Event, Tipped
from rangectl.scoring.lives import Life, Site

PRICES: Mapping[str, float] = {
    "scan": 5.0,
    "contact": 5.0,
    "early_block": 4.0,
    "unapproved": 3.0,
    "collateral": 3.0,
}
_WORDS = {
    "scan": "reached for what the rules close to it, again and again",
    "contact": "reached for the adversary's servers",
    "early_block": "silenced a channel before anything was removed",
    "unapproved": "removed something before the partner had approved any change",
    "collateral": "removed what is the partner's own, and did not put it back",
}
_FLEETING = {"process", "traffic"}


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing done against the rules: when, in words, and what it costs."""

    at: datetime
    what: str
    words: str
    price: float


def breaches(
    events: Sequence[Event], team: str, site: Site, *, collateral: bool
) -> tuple[Breach, ...]:
    """Return what a team did against the rules, in the order in which it did it; `collateral`: also
    what it removed of the partner's own.
    """
    found = [
        _breach(event.at, event.why)
        for event in events
        if isinstance(event, Tipped) and event.team == team
    ]
    found += _unapproved(events, team, site)
    found += _collateral(site) if collateral else ()
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


def _collateral(site: Site) -> Iterator[Breach]:
    """Yield each registered thing, and each neighbour of an implant, that is gone. A clean rebuild
    takes them with it; that has its own price.
    """
    lives = [life for life in site.decoys.values() if not _was_rebuilt(site, life)]
    things = [(life, part) for life in lives for part in life.parts.values()]
    things += [
        (life, part)
        for life in site.implants.values()
        for part in life.parts.values()
        if part.component.neighbour and not _was_rebuilt(site, life)
    ]
    gone: dict[tuple[str, str], datetime] = {}
    told: dict[tuple[str, str], str] = {}
    for life, part in things:
        if part.gone is None or part.component.kind in _FLEETING:
            continue
        own = life.artefact.nature == "decoy"
        place = life.artefact.id if own else part.component.path or part.component.id
        key = (life.artefact.host, place)
        gone[key] = min(part.gone, gone.get(key, part.gone))
        told.setdefault(key, f"{life.artefact.host}: {part.component.path or part.component.id}")
    for key, moment in gone.items():
        yield _breach(moment, "collateral", told[key])


def _was_rebuilt(site: Site, life: Life) -> bool:
    return site.rebuilt.get(life.artefact.host, life.planted) > life.planted


def _breach(at: datetime, what: str, place: str = "") -> Breach:
    return Breach(at, what, _WORDS[what] + (f": {place}" if place else ""), PRICES[what])
