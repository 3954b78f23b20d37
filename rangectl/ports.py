"""What the core asks of the outside world, in the core's own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

if TYPE_CHECKING:  # a command loads only those of these that its own work needs
    from rangectl.model.events import Event
    from rangectl.model.topology import Service
    from rangectl.plan.containers import Container, Seen
    from rangectl.plan.errands import Errand
    from rangectl.plan.fabric import Attempt, Difference, Fabric, Structure, Wired
    from rangectl.plan.matrix import Crossed, Try
    from rangectl.plan.probing import Answer, Edit, Query
    from rangectl.plan.shelf import Shelved
    from rangectl.plan.snapshots import Snapshot
    from rangectl.plan.spec import RoleSpec
    from rangectl.progress import Tell

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class ExecResult:
    """How a command in a host ended."""

    code: int
    output: bytes


@dataclass(frozen=True, slots=True)
class Started:
    """How containers were started.

    `anew` stood still until now. `lost` are those that the engine cannot start any more, for it
    lost track of them when it was killed, with what it says: they must be made anew.
    """

    anew: tuple[str, ...]
    lost: tuple[tuple[str, str], ...] = ()


class Engine(Protocol):
    """Runs the containers of ranges on one node."""

    def seen(self, name: str | None = None) -> tuple[Seen, ...]:
        """Return the containers of all ranges, or of those brought up under `name`."""

    def create(self, wanted: Sequence[Container]) -> tuple[Seen, ...]:
        """Create containers, several at once, not started yet; one that exists is adopted."""

    def start(self, containers: Sequence[str]) -> Started:
        """Start containers that stand still; one that runs already is seen to run from then on."""

    def remove(self, containers: Sequence[str]) -> None:
        """Remove containers with all they hold; those that are gone already are no error."""

    def execute(self, container: str, command: Sequence[str], user: str = "root") -> ExecResult:
        """Run a command in a container and wait for its end."""

    def spawn(self, container: str, command: Sequence[str], user: str) -> None:
        """Start a command in a container and leave it running."""


class Stills(Protocol):
    """Holds containers still, keeps their state, and tells what became of them."""

    def freeze(self, containers: Sequence[str]) -> None:
        """Freeze containers that run; one that is frozen, or does not run, is passed over."""

    def thaw(self, containers: Sequence[str]) -> None:
        """Let frozen containers go on; one that is not frozen is passed over."""

    def last_words(self, container: str, lines: int = 5) -> str:
        """Return the state of a container and the last lines of its log, in printable text."""

    def take(self, container: str, labels: Mapping[str, str]) -> str:
        """Keep a container's files as an image with these labels; return the image's id."""

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Return every image that was taken, the newest first."""

    def discard(self, images: Sequence[str]) -> tuple[str, ...]:
        """Remove images that were taken; return those that would not go: containers use them."""


class Node(Protocol):
    """The node agent of one engine: the one privileged program, which wires, reads, plants and
    dials.
    """

    def wire(self, fabric: Fabric, timeout: float = 15.0) -> Wired:
        """Bring the fabric to what is wanted, put files in place, open the gates; idempotent. It is
        kept wired from then on. Machines that are not through their gates in time are `missing`,
        by name, with what is wrong in brackets where that is known.
        """

    def release(self) -> None:
        """Forget the wiring of ranges that are gone; the agent itself goes with the last one."""

    def structure(self, fabric: Fabric) -> Structure:
        """Read the fabric from both ends of every cable."""

    def attempts(
        self, fabric: Fabric, other: Fabric | None, outside: str, name: str
    ) -> tuple[Attempt, ...]:
        """Try every way out from every machine but the client, with a control for each way; `other`
        is a second range to aim at.
        """

    def plant(
        self, edits: Sequence[tuple[str, Sequence[Edit]]]
    ) -> tuple[tuple[str | None, ...], ...]:
        """Make edits in hosts (by container id); return the error of each edit, or None where it is
        done.
        """

    def probe(
        self, queries: Sequence[tuple[str, Sequence[Query]]]
    ) -> tuple[tuple[Answer, ...], ...]:
        """Answer queries about hosts (by container id), never running anything of theirs."""


@runtime_checkable
class Onlooker(Protocol):
    """Tells how a range is wired, and changes nothing."""

    def differences(self, fabric: Fabric) -> tuple[Difference, ...] | None:
        """Return what `Node.wire` would change of machines that run; None where no node agent of
        this version runs that could tell.
        """


@runtime_checkable
class Crosser(Protocol):
    """Tries who reaches whom within a range."""

    def cross(self, tries: Sequence[Try]) -> tuple[Crossed, ...]:
        """Try all at once, from the networks of their sources, and see what arrives in those of
        their targets; return what became of each, in this order.
        """


class Checker(Protocol):
    """Checks services over connections that come from a range's client."""

    def check(
        self, client: str, address: str, service: Service, seconds: float | None = None
    ) -> str | None:
        """Return None when the service answers as it must, else what was wrong; RangeError where it
        could not be asked, which says nothing of the service.

        `client` is the container id of the range's client. An answer may take so many `seconds`
        from when the service accepted; by default as many as one takes on a machine that is idle.
        """


class Errands(Protocol):
    """Carries out what the partner's people do, over connections that come from their hosts."""

    def set_out(self, errands: Sequence[Errand]) -> None:
        """Set out on errands and wait for none; those that are too many are left out."""

    def halt(self) -> None:
        """Break off all that are under way, and wait until they ended."""

    def tally(self) -> Mapping[str, int]:
        """Return how many errands of each kind were done, failed, and were left out."""


class Each(Protocol):
    """Does the same work on several things at once."""

    def __call__(
        self, work: Callable[[_Item], _Result], items: Sequence[_Item], /
    ) -> list[_Result]:
        """Return the results in the order of `items`; the first error is raised when all ended."""


class Beside(Protocol):
    """Does work beside what its caller goes on with."""

    def __call__(self, work: Callable[[], _Result], /) -> Callable[[], _Result | None]:
        """Begin work that gives something, and return what to ask for it: None while it is under
        way, and the error that it ended in, if it did, is raised.
        """


class Images(Protocol):
    """Role images on the engine."""

    def ensure(self, base: str, roles: tuple[RoleSpec, ...], tell: Tell) -> str:
        """Return the image id with the base and these roles, in this order; build what lacks, once,
        whoever else asks.
        """

    def find(self, base: str, roles: tuple[RoleSpec, ...]) -> str | None:
        """Return the image id with the base and these roles; None where it would be built."""

    def tag(self, base: str, roles: tuple[RoleSpec, ...]) -> str:
        """Return the content address (image name:tag) that base and roles have, built or not."""

    def sweep(self) -> tuple[str, ...]:
        """Remove what builds left that were killed; return what was removed."""


class Shelf(Protocol):
    """The images that the engine holds for ranges, whatever they were built for."""

    def images(self) -> tuple[Shelved, ...]:
        """Return all of them."""

    def users(self) -> tuple[tuple[str, str], ...]:
        """Return (image id or tag, who it is) of every container on the engine."""

    def remove(self, images: Sequence[Shelved]) -> tuple[str | None, ...]:
        """Remove images in this order; return of each why it stayed, or None where it is gone."""


class Traces(Protocol):
    """What killed commands left on an engine, beside pieces of ranges."""

    def find(self) -> tuple[str, ...]:
        """Say what is there."""

    def remove(self) -> tuple[str, ...]:
        """Remove what is there and nobody uses; say what went."""


class EventLog(Protocol):
    """The append-only log of one run."""

    def append(self, events: Sequence[Event]) -> None:
        """Write events durably, in this order, all or none."""

    def read(self, after: int = 0) -> tuple[Event, ...]:
        """Return the events that follow the first `after` ones, in the order they were written."""


class Clock(Protocol):
    """Wall time."""

    def now(self) -> datetime:
        """Return the present moment, UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait."""
