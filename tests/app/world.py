"""A whole world in memory: engine, node agent, images, checker and clock, and files to run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from rangectl.app.contain import Aim
from rangectl.app.edges import Edges
from rangectl.app.exercise import Material
from rangectl.app.up import Upped, up
from rangectl.engine.memory import Box, MemoryClock, MemoryEngine
from rangectl.engine.memory_node import MemoryNode
from rangectl.engine.memory_stills import MemoryStills, MemoryTraces
from rangectl.errors import RangeError
from rangectl.implants import compose
from rangectl.implants.speaking import variants
from rangectl.model import catalogue
from rangectl.model.exercise import Exercise
from rangectl.model.parse.exercises import parse_exercise
from rangectl.model.parse.topologies import parse_topology
from rangectl.model.topology import Service, Topology
from rangectl.plan.containers import Seen
from rangectl.plan.errands import Errand
from rangectl.ports import Beside
from rangectl.progress import Progress
from rangectl.provision.memory import MemoryImages, MemoryShelf
from rangectl.provision.rolebook import Rolebook
from rangectl.store.library import shipped

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "topologies/minimal.yaml").read_text()
TOPOLOGY = parse_topology(TEXT, "minimal.yaml")
EXERCISE = parse_exercise((ROOT / "exercises/first-light.yaml").read_text(), "first-light.yaml")
_IMPLANTS = Path(compose.__file__).parent
ENTRIES = catalogue.load(
    {path.name: path.read_text() for path in sorted((_IMPLANTS / "catalogue").glob("*.yaml"))}
)
PROGRAM = (_IMPLANTS / "activity" / "poll.py.txt").read_text()
PROGRAMS = variants(
    {path.name: path.read_text() for path in (_IMPLANTS / "activity").glob("*.txt")}
)

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def one_by_one(work: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
    return [work(item) for item in items]


def topology(*changes: tuple[str, str]) -> Topology:
    """Read the smallest topology, with some of its text replaced."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse_topology(text, "minimal.yaml")


def at_once(work: Callable[[], _Result]) -> Callable[[], _Result | None]:
    """Do beside-work here and now, so that its results are there when they are first asked for."""
    result = work()
    return lambda: result


class FakeChecker:
    """A service is up when its host runs and is wired, unless it was told to be down, or `slow` so
    many seconds; none can be asked while it is `mute`.
    """

    def __init__(self, engine: MemoryEngine) -> None:
        self._engine = engine
        self.down: set[str] = set()
        self.asked = 0
        self.mute = False
        self.slow: dict[str, float] = {}

    def check(
        self, client: str, address: str, service: Service, seconds: float | None = None
    ) -> str | None:
        self.asked += 1
        if self.mute:
            message = "the node agent does not answer"
            raise RangeError(message)
        mine = self._engine.boxes[client].seen.range
        for box in self._engine.boxes.values():
            spec = box.seen.spec
            if box.seen.range == mine and spec and str(spec.nics[0].address.ip) == address:
                works = box.seen.running and box.wired and service.name not in self.down
                works &= self.slow.get(service.name, 0) <= (seconds or 5)
                return None if works else "no answer"
        return "nobody has this address"


class FakeErrands:
    """Nobody goes anywhere, but all that was wanted is known."""

    def __init__(self) -> None:
        self.wanted: list[Errand] = []
        self.halts = 0

    def set_out(self, errands: Sequence[Errand]) -> None:
        self.wanted += errands

    def halt(self) -> None:
        self.halts += 1

    def tally(self) -> dict[str, int]:
        return dict(Counter(str(one.do) for one in self.wanted))


@dataclass
class World:
    """All edges in memory, and what was told."""

    engine: MemoryEngine = field(default_factory=MemoryEngine)
    clock: MemoryClock = field(default_factory=MemoryClock)
    said: list[Progress] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.node = MemoryNode(self.engine, self.clock)
        self.images = MemoryImages(Rolebook(shipped("roles")))
        self.shelf = MemoryShelf(self.images, self._users)
        self.checker = FakeChecker(self.engine)
        self.errands = FakeErrands()
        self.secrets = 0
        self.held: dict[str, str] = {}
        self.beside: Beside = at_once
        self.stills, self.traces = MemoryStills(self.engine), MemoryTraces()

    @property
    def edges(self) -> Edges:
        return Edges(
            engine=self.engine,
            stills=self.stills,
            traces=self.traces,
            node=self.node,
            images=self.images,
            shelf=self.shelf,
            checker=self.checker,
            errands=self.errands,
            crosser=self.node,
            onlooker=self.node,
            clock=self.clock,
            each=one_by_one,
            beside=self.beside,
            new_secret=self._new_secret,
            hunt={"__main__.py": b"pass\n"},
            hold=self._hold,
        )

    def up(self, *teams: str, name: str = "minimal", topology: Topology = TOPOLOGY) -> Upped:
        return up(topology, name, teams or ("alder",), self.edges, self.said.append, Aim())

    def seen(self, host: str, team: str = "alder", name: str | None = None) -> Seen:
        (found,) = (
            one for one in self.engine.seen(name) if (one.range.team, one.host) == (team, host)
        )
        return found

    def box(self, host: str, team: str = "alder") -> Box:
        return self.engine.boxes[self.seen(host, team).id]

    def text(self, host: str, path: str, team: str = "alder") -> str:
        return self.box(host, team).files[path].content.decode()

    def remove(self, host: str, team: str = "alder") -> None:
        """Remove a container behind everybody's back."""
        self.engine.remove([self.seen(host, team).id])

    def ids(self) -> dict[str, str]:
        return {f"{one.range} {one.host}": one.id for one in self.engine.seen()}

    def addresses(self, team: str = "alder") -> dict[str, list[str]]:
        mine = (one for one in self.engine.seen() if one.range.team == team)
        return {one.host: [str(nic.address) for nic in one.spec.nics] for one in mine if one.spec}

    def _users(self) -> tuple[tuple[str, str], ...]:
        return tuple((one.label("image"), str(one.range)) for one in self.engine.seen())

    @contextmanager
    def _hold(self, name: str, doing: str) -> Iterator[None]:
        if name in self.held:
            message = f"{name}: {self.held[name]} is at work on it"
            raise RangeError(message)
        self.held[name] = doing
        try:
            yield
        finally:
            del self.held[name]

    def _new_secret(self) -> str:
        self.secrets += 1
        return f"{self.secrets:032x}"


def material(exercise: Exercise = EXERCISE, topology: Topology = TOPOLOGY) -> Material:
    return Material(exercise, topology, "Welcome.", ENTRIES, PROGRAMS)
