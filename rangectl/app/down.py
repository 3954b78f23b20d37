"""Take ranges away, from their labels alone, and prove that nothing is left."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from rangectl.app.edges import Edges
from rangectl.app.ranges import ids
from rangectl.errors import RangeError


@dataclass(frozen=True, slots=True)
class Downed:
    """What went: the ranges by name, and how many containers they had."""

    ranges: tuple[str, ...]
    containers: int


def down(edges: Edges, name: str | None) -> Downed:
    """Remove every range of that name, or all; RangeError when something would not go.

    The node agent goes with the last range; what is left of builds that were killed goes too.
    """
    names = {one.range.name for one in edges.engine.seen()} if name is None else {name}
    with ExitStack() as held:
        for one in sorted(names):
            held.enter_context(edges.hold(one, "down"))
        return _down(edges, name)


def _down(edges: Edges, name: str | None) -> Downed:
    seen = edges.engine.seen(name)
    edges.engine.remove([one.id for one in seen])
    left = edges.engine.seen(name)
    if left:
        names = ", ".join(f"{one.range} {one.host}" for one in left)
        msg = f"still there: {names}"
        raise RangeError(msg, hint="run the same command again")
    edges.node.release()
    edges.images.sweep()
    return Downed(tuple(str(range_id) for range_id in ids(seen)), len(seen))
