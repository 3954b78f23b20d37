"""A run as the director holds it: its exercise, its ranges, what is to be planted, its ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rangectl.app.edges import Edges
from rangectl.app.ledger import Ledger
from rangectl.app.ranges import Live
from rangectl.app.ready import Checked
from rangectl.implants.item import Item, Share
from rangectl.model.exercise import Exercise
from rangectl.model.traffic import Profile
from rangectl.plan.personal import is_seat
from rangectl.plan.traffic import Visit
from rangectl.progress import Tell

_REST = timedelta(seconds=10)


@dataclass
class Round:
    """Checks of one team's services: when they began, their `results` once there are any, and
    whether these were `recorded`.
    """

    began: datetime
    results: Callable[[], Sequence[Checked] | None]
    recorded: bool = False


@dataclass
class Run:
    """One execution of an exercise; `items` by team, in the order they are planted.

    `profile` is what the staff does all day, `visits` what of it is yet to come in each range.
    `hidden` is what was covered from outside, `fresh` what was put since this director began.
    `rests` says until when what went wrong is left alone, `failing` since when each duty of the
    director fails. `rounds` are the last checks of each team's services.
    """

    name: str
    exercise: Exercise
    edges: Edges
    tell: Tell
    ledger: Ledger
    ranges: dict[str, Live]
    items: dict[str, tuple[Item, ...]]
    on_startex: Callable[[Run], None] | None = None
    profile: Profile | None = None
    visits: dict[str, Iterator[Visit]] = field(default_factory=dict)
    hidden: set[tuple[str, str]] = field(default_factory=set)
    fresh: set[tuple[str, str]] = field(default_factory=set)
    rests: dict[str, datetime] = field(default_factory=dict)
    failing: dict[str, datetime] = field(default_factory=dict)
    rounds: dict[str, Round] = field(default_factory=dict)

    @property
    def length(self) -> timedelta:
        """How long the exercise lasts by the clock on the wall."""
        return (self.exercise.clock.length + self.ledger.more) / self.exercise.clock.compression

    def elapsed(self, now: datetime) -> timedelta:
        """Return how long ago STARTEX was, in wall time without pauses; nothing before it."""
        started = self.ledger.started
        return self.ledger.own(now) - self.ledger.own(started) if started else timedelta(0)

    def rest(self, work: str, began: datetime) -> None:
        """Leave work alone that went wrong, the longer the more time it took since it began: what a
        team does to its own hosts must not hold up the others.
        """
        now = self.edges.clock.now()
        self.rests[work] = now + max(_REST, 9 * (now - began))

    def rested(self, work: str) -> bool:
        """Say whether work that went wrong may be tried again."""
        now = self.edges.clock.now()
        return now >= self.rests.get(work, now)

    def due(self, team: str, now: datetime) -> tuple[Item, ...]:
        """Return what should stand in a team's range by now and was not planted yet."""
        planted = self.ledger.planted.get(team, {})
        elapsed = self.elapsed(now) * self.exercise.clock.compression
        return tuple(
            item
            for item in self.items[team]
            if not item.reserve and item.after <= elapsed and item.artefact.id not in planted
        )

    def reserved(self, team: str, reserve: str) -> tuple[Item, ...]:
        """Return what is planted when a reaction calls for it by this name (ACTOR/NAME)."""
        return tuple(item for item in self.items[team] if item.reserve == reserve)

    def kits(self) -> list[tuple[str, str]]:
        """Return every kit as (team, container id)."""
        return [
            (team, seen.id)
            for team, range_ in self.ranges.items()
            for host, seen in range_.hosts()
            if host.kind == "kit"
        ]

    def seats(self, team: str) -> list[tuple[str, str]]:
        """Return the hosts that the partner owns, as (name, container id)."""
        range_ = self.ranges[team]
        return [(host.name, seen.id) for host, seen in range_.hosts() if is_seat(range_.spec, host)]


def by_host(items: Sequence[Item]) -> dict[str, list[tuple[Item, Share]]]:
    """Group what items put on hosts by host, each group in the order they came."""
    groups: dict[str, list[tuple[Item, Share]]] = {}
    for item in items:
        for share in item.shares:
            groups.setdefault(share.host, []).append((item, share))
    return groups
