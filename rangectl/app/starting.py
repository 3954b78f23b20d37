"""Starting containers, also those that an engine lost track of."""

from __future__ import annotations

from collections.abc import Mapping

from rangectl.app.edges import Edges
from rangectl.errors import RangeError
from rangectl.plan.containers import Container, Seen


def started(edges: Edges, wanted: Mapping[str, Container]) -> dict[str, Seen]:
    """Start containers, given by id; return what took the place of those that could not be.

    One that its engine can never start again is made anew, once; RangeError where that is no help.
    """
    lost = edges.engine.start(list(wanted)).lost
    if not lost:
        return {}
    edges.engine.remove([container for container, _ in lost])
    fresh = edges.engine.create([wanted[container] for container, _ in lost])
    if again := edges.engine.start([one.id for one in fresh]).lost:
        msg = f"the engine could not start {again[0][0]}: {again[0][1]}"
        raise RangeError(msg, hint="the engine lost track of it: restart the engine")
    return {container: one for (container, _), one in zip(lost, fresh, strict=True)}
