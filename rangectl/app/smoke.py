"""One topology from nothing to nothing: built, checked, proven, a host reset, taken down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rangectl.app.contain import Aim
from rangectl.app.down import down
from rangectl.app.edges import Edges
from rangectl.app.reset import reset
from rangectl.app.up import up
from rangectl.errors import RangeError
from rangectl.model.topology import Topology
from rangectl.progress import Progress, Tell


@dataclass(frozen=True, slots=True)
class Case:
    """How one step of a topology's smoke test ended; `trouble` is None when it passed."""

    topology: str
    step: str
    seconds: float
    trouble: str | None


def smoke(topology: Topology, name: str, edges: Edges, tell: Tell, aim: Aim) -> tuple[Case, ...]:
    """Take one topology through its life, and down whatever happens; stop at the first failure."""
    cases: list[Case] = []

    def unchanged() -> None:
        again = up(topology, name, ["smoke"], edges, tell, aim)
        if again.changes:
            message = "a second up changed: " + "; ".join(again.changes)
            raise RangeError(message)

    steps: list[tuple[str, Callable[[], object]]] = [
        ("up", lambda: up(topology, name, ["smoke"], edges, tell, aim)),
        ("up again", unchanged),
        ("reset", lambda: reset(edges, f"{name}/smoke", _first_with_service(topology))),
    ]
    try:
        for step, work in steps:
            cases.append(_case(topology.name, step, work, edges, tell))
            if cases[-1].trouble:
                break
    finally:
        cases.append(_case(topology.name, "down", lambda: down(edges, name), edges, tell))
    return tuple(cases)


def _case(topology: str, step: str, work: Callable[[], object], edges: Edges, tell: Tell) -> Case:
    tell(Progress("step", f"{topology}: {step}"))
    began = edges.clock.now()
    trouble = None
    try:
        work()
    except RangeError as error:
        trouble = str(error)
    return Case(topology, step, (edges.clock.now() - began).total_seconds(), trouble)


def _first_with_service(topology: Topology) -> str:
    hosts = topology.hosts.items()
    named = [name if host.count is None else f"{name}-1" for name, host in hosts if host.services]
    return named[0] if named else next(iter(topology.hosts))
