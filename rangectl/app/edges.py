"""Everything a use case may reach for, in one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from rangectl.ports import (
    Beside,
    Checker,
    Clock,
    Crosser,
    Each,
    Engine,
    Errands,
    Images,
    Node,
    Onlooker,
    Shelf,
    Stills,
    Traces,
)
from rangectl.progress import Progress, Tell


@dataclass(frozen=True, slots=True)
class Edges:
    """The outside world of one node; `hunt` are the files of the trainee's client.

    `hold(name, doing)` keeps others from working on the same, while it is entered; RangeError says
    who does already.
    """

    engine: Engine
    stills: Stills
    traces: Traces
    node: Node
    images: Images
    shelf: Shelf
    checker: Checker
    errands: Errands
    crosser: Crosser
    onlooker: Onlooker
    clock: Clock
    each: Each
    beside: Beside
    new_secret: Callable[[], str]
    hunt: Mapping[str, bytes]
    hold: Callable[[str, str], AbstractContextManager[None]]


class Stopwatch:
    """Times the phases of long work, and tells when each begins."""

    def __init__(self, clock: Clock, tell: Tell) -> None:
        self._clock = clock
        self._tell = tell
        self._began = clock.now()
        self._phase = ""
        self.seconds: dict[str, float] = {}

    def phase(self, name: str, text: str) -> None:
        """End the phase that runs, and begin another."""
        self.stop()
        self._phase = name
        self._began = self._clock.now()
        self._tell(Progress("phase", f"{name}: {text}"))

    def stop(self) -> None:
        """End the phase that runs."""
        if self._phase:
            spent = (self._clock.now() - self._began).total_seconds()
            self.seconds[self._phase] = self.seconds.get(self._phase, 0.0) + spent
        self._phase = ""
