"""How well the partner's services were kept up: checks in, availability out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from rangectl.model.events import Event, ServiceChecked
from rangectl.scoring.formula import streak_surcharge


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks of a team's services that count, and those excused; `longest` misses in a row."""

    ok: int = 0
    recovering: int = 0
    missed: int = 0
    excused: int = 0
    longest: int = 0
    surcharge: float = 0.0

    @property
    def counted(self) -> int:
        """All checks but the excused ones."""
        return self.ok + self.recovering + self.missed

    @property
    def availability(self) -> float | None:
        """A: a good check counts one, a recovering one a half; None when no check counts."""
        return (self.ok + 0.5 * self.recovering) / self.counted if self.counted else None


@dataclass
class _Service:
    ok: int = 0
    recovering: int = 0
    missed: int = 0
    streak: int = 0
    longest: int = 0

    @property
    def lost(self) -> float:
        return self.missed + 0.5 * self.recovering

    def take(self, *, up: bool) -> None:
        if not up:
            self.missed += 1
            self.streak += 1
            self.longest = max(self.longest, self.streak)
        elif self.streak:
            self.recovering += 1
            self.streak = 0
        else:
            self.ok += 1


@dataclass
class _Tally:
    services: dict[tuple[str, str], _Service] = field(default_factory=lambda: defaultdict(_Service))
    excused: int = 0


def checks(events: Iterable[Event], team: str) -> Checks:
    """Count a team's checks.

    A service is *recovering* at the first good check after a miss: it is back, but was away for
    part of the round. Excused checks are as if they had not been made.
    """
    tally = _Tally()
    for event in events:
        if not isinstance(event, ServiceChecked) or event.team != team:
            continue
        if event.excused:
            tally.excused += 1
        else:
            tally.services[event.host, event.service].take(up=event.up)
    return _sum(tally)


def _sum(tally: _Tally) -> Checks:
    services = tuple(tally.services.values())
    lost = sum(one.lost for one in services)
    more = sum(one.lost * streak_surcharge(one.longest) for one in services)
    return Checks(
        ok=sum(one.ok for one in services),
        recovering=sum(one.recovering for one in services),
        missed=sum(one.missed for one in services),
        excused=tally.excused,
        longest=max((one.longest for one in services), default=0),
        surcharge=more / lost if lost else 0.0,
    )
