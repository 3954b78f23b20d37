"""Whether who may reach whom in a range is as its routers' policies say, tried for real."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from rangectl.app.edges import Edges
from rangectl.app.ranges import Live
from rangectl.errors import HonestNo
from rangectl.plan import matrix


@dataclass(frozen=True, slots=True)
class Reached:
    """How many crossings were tried that the policy allows, and how many that it does not."""

    allowed: int
    denied: int


def reach(edges: Edges, range_: Live, only: Collection[str] = ()) -> Reached:
    """Try who reaches whom (with `only`, from and to these hosts); HonestNo where it is otherwise
    than the policy says.
    """
    containers = {host.name: seen.id for host, seen in range_.hosts()}
    crossings = [
        one
        for one in matrix.matrix(range_.spec)
        if one.source in containers
        and one.target in containers
        and (not only or one.source in only or one.target in only)
    ]
    results = edges.crosser.cross(matrix.tries(crossings, containers))
    wrong = matrix.problems(crossings, results)
    if wrong:
        lines = [f"  {range_.spec.id}: {line}" for line in wrong]
        raise HonestNo("\n".join(["the policy does not hold:", *lines]))
    allowed = sum(one.allowed for one in crossings)
    return Reached(allowed, len(crossings) - allowed)
