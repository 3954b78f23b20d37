"""One topology from nothing to nothing: built, checked, proven, a host reset, taken down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rangectl.app.contain import Aim
from rangectl.app.down import down
from rangectl.app.edges import Edges
from rangectl.app.reset import reset
from rangectl.app.up import build_images, up
from rangectl.errors import HonestNo, RangeError
from rangectl.model.topology import Topology, expanded_names
from rangectl.progress import Progress, Tell

_TEAM = "smoke"


@dataclass(frozen=True, slots=True)
class Case:
    """How one step of a topology's smoke test ended; `trouble` is None when it passed."""

    topology: str
    step: str
    seconds: float
    trouble: str | None


@dataclass(frozen=True, slots=True)
class Smoke:
    """One topology's smoke test; its ranges are brought up under `name`."""

    topology: Topology
    name: str
    edges: Edges
    tell: Tell
    aim: Aim

    def run(self) -> tuple[Case, ...]:
        """Take the topology through its life, and down whatever happens; stop at a failure.

        The steps: images; up, until every service answers; contain, the proof at its end; up again,
        which must change nothing; reset of one host; down, which must leave nothing.
        """
        cases: list[Case] = []
        try:
            for case in self._life():
                cases.append(case)
                if case.trouble:
                    break
        finally:
            cases.append(self._case("down", lambda: down(self.edges, self.name)))
        return tuple(cases)

    def _life(self) -> Iterator[Case]:
        yield self._case("images", lambda: build_images([self.topology], self.edges, self.tell))
        yield from self._up()
        yield self._case("up again", self._unchanged)
        host = _first_with_service(self.topology)
        yield self._case("reset", lambda: reset(self.edges, f"{self.name}/{_TEAM}", [host]))

    def _up(self) -> Iterator[Case]:
        """Bring it up; the proof at the end is a case of its own."""
        self.tell(Progress("step", f"{self.topology.name}: up"))
        began = self.edges.clock.now()
        proof, leak, trouble = 0.0, None, None
        try:
            upped = up(self.topology, self.name, [_TEAM], self.edges, self.tell, self.aim)
            proof = dict(upped.seconds)["proof"]
        except HonestNo as error:
            leak = str(error)
        except RangeError as error:
            trouble = str(error)
        spent = (self.edges.clock.now() - began).total_seconds()
        yield Case(self.topology.name, "up", spent - proof, trouble)
        yield Case(self.topology.name, "contain", proof, leak)

    def _unchanged(self) -> None:
        again = up(self.topology, self.name, [_TEAM], self.edges, self.tell, self.aim)
        if again.changes:
            message = "a second up changed: " + "; ".join(again.changes)
            raise RangeError(message)

    def _case(self, step: str, work: Callable[[], object]) -> Case:
        self.tell(Progress("step", f"{self.topology.name}: {step}"))
        began = self.edges.clock.now()
        trouble = None
        try:
            work()
        except RangeError as error:
            trouble = str(error)
        spent = (self.edges.clock.now() - began).total_seconds()
        return Case(self.topology.name, step, spent, trouble)


def _first_with_service(topology: Topology) -> str:
    hosts = topology.hosts.items()
    named = [expanded_names(name, host)[0] for name, host in hosts if host.services]
    return named[0] if named else expanded_names(*next(iter(hosts)))[0]
