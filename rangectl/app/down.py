"""Take ranges away, from their labels alone, and prove that nothing is left."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from rangectl.app.edges import Edges
from rangectl.app.ranges import ids
from rangectl.errors import RangeError
from rangectl.plan.containers import Seen
from rangectl.progress import Progress, Tell, untold


@dataclass(frozen=True, slots=True)
class Downed:
    """What went: the ranges by name, how many containers they had, and snapshots of them."""

    ranges: tuple[str, ...]
    containers: int
    snapshots: int = 0


def down(edges: Edges, name: str | None, tell: Tell = untold) -> Downed:
    """Remove every range of that name, or all; RangeError when something would not go.

    Snapshots of them go with them, and the node agent with the last range; what is left of builds
    that were killed goes too.
    """
    names = {one.range.name for one in edges.engine.seen()} if name is None else {name}
    with ExitStack() as held:
        for one in sorted(names):
            held.enter_context(edges.hold(one, "down"))
        return _down(edges, name, tell)


def _down(edges: Edges, name: str | None, tell: Tell) -> Downed:
    seen = edges.engine.seen(name)
    if seen:
        tell(Progress("phase", f"remove: {len(seen)} containers"))
    edges.engine.remove([one.id for one in seen])
    left = edges.engine.seen(name)
    if left:
        names = ", ".join(f"{one.range} {one.host}" for one in left)
        msg = f"still there: {names}"
        raise RangeError(msg, hint="run the same command again")
    kept = [one.image for one in edges.stills.snapshots() if name in {None, one.range.name}]
    edges.stills.discard(kept)
    if seen:
        tell(Progress("phase", "release: the node agent, and what builds left"))
    edges.node.release()
    edges.images.sweep()
    return Downed(tuple(str(range_id) for range_id in ids(seen)), len(seen), len(kept))


def orphans(seen: Sequence[Seen]) -> tuple[Seen, ...]:
    """Return the containers of ranges whose switch is gone: nothing but pieces is left of them."""
    whole = {one.range for one in seen if one.kind == "switch"}
    return tuple(one for one in seen if one.range not in whole)


def down_orphans(edges: Edges) -> tuple[str, ...]:
    """Remove what killed commands left, and no range that is whole; say what went.

    RangeError where a command is at work on the pieces of a range.
    """
    pieces = orphans(edges.engine.seen())
    gone = []
    for name in sorted({one.range.name for one in pieces}):
        with edges.hold(name, "down --orphans"):
            mine = orphans(edges.engine.seen(name))
            edges.engine.remove([one.id for one in mine])
            gone += [f"container of {one.range}: {one.host}" for one in mine]
    there = set(ids(edges.engine.seen()))
    kept = [one for one in edges.stills.snapshots() if one.range not in there]
    edges.stills.discard([one.image for one in kept])
    gone += [f"snapshot of {one.range}: {one.host} {one.word}" for one in kept]
    edges.node.release()
    return (*gone, *edges.traces.remove(), *edges.images.sweep())
