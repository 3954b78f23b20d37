"""An engine and a clock that keep everything in dictionaries: for tests and dry runs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import get_args

from rangectl.errors import RangeError
from rangectl.plan.containers import Container, Seen
from rangectl.plan.spec import File, HostKind, RangeId
from rangectl.ports import ExecResult, Started


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a host in memory."""

    content: bytes
    mode: int
    owner: str
    mtime: float
    cap: bool = False


@dataclass
class Box:
    """A container in memory: what the engine says of it, and what is in it."""

    name: str
    seen: Seen
    files: dict[str, Entry] = field(default_factory=dict)
    personal: tuple[File, ...] = ()
    image: str = ""
    pack: str = ""
    wired: bool = False
    covered: set[int] = field(default_factory=set)


_DEBIAN = {
    path: Entry(b"\x7fELF " + path.rpartition("/")[2].encode(), 0o755, "root", 0.0)
    for path in ("/usr/bin/true", "/usr/bin/sleep", "/lib/x86_64-linux-gnu/libm.so.6")
}


class MemoryClock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self, start: datetime = datetime(2026, 1, 5, 8, tzinfo=UTC)) -> None:
        self._now = start
        self.alarms: list[Callable[[datetime], None]] = []

    def now(self) -> datetime:
        """Return the present moment, UTC."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Move on at once, and let those who wait for the time have a look at it."""
        self._now += timedelta(seconds=seconds)
        for alarm in self.alarms:
            alarm(self._now)


class MemoryEngine:
    """Implements the Engine port without Docker.

    `images` and `labels` hold the files and labels of the images that were taken of its boxes.
    `mistold` are containers that it tells to stand still though they run, or the other way round,
    as one does whose disk was full; `lost` those that it cannot start any more.
    """

    def __init__(self) -> None:
        self.boxes: dict[str, Box] = {}
        self.images: dict[str, dict[str, Entry]] = {}
        self.labels: dict[str, dict[str, str]] = {}
        self.ran: list[tuple[str, tuple[str, ...], str]] = []
        self.mistold: set[str] = set()
        self.lost: set[str] = set()
        self._numbers = itertools.count(1)

    def seen(self, name: str | None = None) -> tuple[Seen, ...]:
        """Return the containers of all ranges, or of those brought up under `name`."""
        found = (self._told(box.seen) for box in self.boxes.values())
        mine = (one for one in found if name in {None, one.range.name})
        return tuple(sorted(mine, key=lambda one: (str(one.range), one.host)))

    def _told(self, seen: Seen) -> Seen:
        return replace(seen, running=not seen.running) if seen.id in self.mistold else seen

    def create(self, wanted: Sequence[Container]) -> tuple[Seen, ...]:
        """Create containers, not started yet; one that exists by that name is adopted."""
        return tuple(self._create(container) for container in wanted)

    def _create(self, wanted: Container) -> Seen:
        there = next((box for box in self.boxes.values() if box.name == wanted.name), None)
        if there is not None:
            return self._adopt(there, wanted)
        labels = dict(wanted.labels)
        name, _, team = labels["rangectl.range"].partition("/")
        made = Seen(
            id=f"{next(self._numbers):064x}",
            range=RangeId(name, team),
            kind=next(k for k in get_args(HostKind) if k == labels["rangectl.kind"]),
            host=labels["rangectl.host"],
            running=False,
            labels=wanted.labels,
        )
        files = dict(self.images.get(wanted.image, _DEBIAN))
        self.boxes[made.id] = Box(wanted.name, made, files, image=wanted.image)
        return made

    def _adopt(self, there: Box, wanted: Container) -> Seen:
        if there.seen.labels != wanted.labels:
            message = f"a container named {wanted.name} exists and is another"
            raise RangeError(message, hint="is another command at work on this range?")
        return there.seen

    def start(self, containers: Sequence[str]) -> Started:
        """Start containers that stand still; one that runs already is seen to run from then on."""
        still = [one for one in containers if not self.box(one).seen.running]
        anew = tuple(one for one in still if one not in self.lost)
        for container in anew:
            self._set_running(container, running=True)
        self.mistold -= set(containers)
        lost = tuple((one, f"task {one}: already exists") for one in still if one in self.lost)
        return Started(anew, lost)

    def stop(self, container: str) -> None:
        """Let a container stand still, as one that was killed does."""
        self._set_running(container, running=False)

    def _set_running(self, container: str, *, running: bool) -> None:
        box = self.box(container)
        box.seen = replace(box.seen, running=running, frozen=box.seen.frozen and running)
        box.wired = box.wired and running

    def box(self, container: str) -> Box:
        """Return a container; RangeError where there is none."""
        if container not in self.boxes:
            message = f"no such container: {container}"
            raise RangeError(message)
        return self.boxes[container]

    def remove(self, containers: Sequence[str]) -> None:
        """Remove containers; those that are gone already are no error."""
        for container in containers:
            self.boxes.pop(container, None)

    def execute(self, container: str, command: Sequence[str], user: str = "root") -> ExecResult:
        """Note the command; nothing runs, and that goes well."""
        self.spawn(container, command, user)
        return ExecResult(0, b"")

    def spawn(self, container: str, command: Sequence[str], user: str) -> None:
        """Note the command; nothing runs."""
        if not self.box(container).seen.running:
            message = f"the engine could not run a command in {container}: it is not running"
            raise RangeError(message)
        self.ran.append((container, tuple(command), user))
