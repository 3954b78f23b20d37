"""Playing a whole exercise in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from rangectl.app.contain import Aim
from rangectl.app.exercise import Order, start
from rangectl.app.run import Run
from rangectl.implants.lease import LEASE_PATH
from rangectl.model.events import Event, Fact, Started
from rangectl.model.exercise import Clock, Exercise, Noise
from rangectl.model.topology import Topology
from rangectl.model.traffic import Profile
from rangectl.scoring.board import Board, board
from rangectl.store.memory import MemoryLog
from tests.app.hunter import Kit
from tests.app.world import EXERCISE, TOPOLOGY, World, material

Script = Callable[[datetime], None]
_Fact = TypeVar("_Fact", bound=Fact)
SHORT = EXERCISE.model_copy(
    update={
        "clock": Clock(length=timedelta(minutes=15), compression=10),
        "noise": Noise(edits_per_implant=2),
    }
)
"""An exercise of a minute and a half."""


class Killed(BaseException):
    """The director's process was killed."""


@dataclass
class Play:
    """One run in a world in memory; `scripts` are called every second from STARTEX on."""

    teams: Sequence[str] = ("alder",)
    exercise: Exercise = EXERCISE
    world: World = field(default_factory=World)
    log: MemoryLog = field(default_factory=MemoryLog)
    scripts: list[Script] = field(default_factory=list)
    profile: Profile | None = None
    topology: Topology = TOPOLOGY

    def start(self, exercise: Exercise | None = None) -> Run:
        order = Order("first-light", tuple(self.teams), Aim(), self._begin)
        files = replace(material(exercise or self.exercise, self.topology), profile=self.profile)
        return start(files, order, self.world.edges, self.log, self.world.said.append)

    def at(self, second: int, do: Callable[[], object]) -> None:
        """Do something so many seconds after STARTEX."""
        self.scripts.append(Once(second, do))

    def kit(self, team: str = "alder") -> Kit:
        return Kit(self.world, team)

    def _begin(self, run: Run) -> None:
        for script in self.scripts:
            self.world.clock.alarms.append(script)
            if isinstance(script, Once):
                script.started = run.edges.clock.now()

    @property
    def events(self) -> tuple[Event, ...]:
        return self.log.read()

    def of(self, kind: type[_Fact]) -> list[_Fact]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def started(self) -> datetime:
        (event,) = self.of(Started)
        return event.at

    def lease(self, host: str) -> float:
        """Return until when the lease of a host lasts."""
        return float(json.loads(self.world.text(host, LEASE_PATH, self.teams[0]))["not_after"])

    def board(self) -> Board:
        return board(self.events)


@dataclass
class Once:
    """Something to be done at one moment."""

    second: int
    do: Callable[[], object]
    started: datetime | None = None
    did: bool = False

    def __call__(self, now: datetime) -> None:
        if self.started is None or self.did:
            return
        if (now - self.started).total_seconds() >= self.second:
            self.did = True
            self.do()
