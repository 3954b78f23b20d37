"""How long a director's rounds take, and what takes that long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rangectl.ports import Clock

_LONG = timedelta(seconds=5)
_REST = timedelta(minutes=1)
_MOST = 3


@dataclass
class Pace:
    """Times the works of each round."""

    clock: Clock
    spent: dict[str, timedelta] = field(default_factory=dict)
    told: datetime | None = None

    @contextmanager
    def time(self, work: str) -> Iterator[None]:
        """Count the time that is spent within as this work's."""
        began = self.clock.now()
        try:
            yield
        finally:
            self.spent[work] = self.spent.get(work, timedelta(0)) + self.clock.now() - began

    def round(self) -> str | None:
        """End a round; return what to say of it if it was long, now and then only."""
        whole = sum(self.spent.values(), timedelta(0))
        most = sorted(self.spent.items(), key=lambda one: one[1], reverse=True)[:_MOST]
        self.spent = {}
        now = self.clock.now()
        if whole < _LONG or (self.told is not None and now - self.told < _REST):
            return None
        self.told = now
        works = ", ".join(f"{name} {spent.total_seconds():.1f}" for name, spent in most)
        return f"a round of the director took {whole.total_seconds():.1f} s: {works}"
