"""Freeze whole ranges, so that nothing in them moves, and let them go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rangectl.app.edges import Edges
from rangectl.app.ranges import ids, some
from rangectl.app.standstill import may_freeze


def pause(edges: Edges, text: str) -> tuple[str, ...]:
    """Freeze every host of the ranges that NAME, or NAME/TEAM, means; return the ranges.

    RangeError where somebody directs a run of that name: its clocks must stop, too.
    """
    with _alone(edges, text, "pause"):
        seen = some(edges, text)
        edges.stills.freeze(
            [one.id for one in seen if may_freeze(one) and one.running and not one.frozen]
        )
        return tuple(str(range_id) for range_id in ids(seen))


def resume(edges: Edges, text: str) -> tuple[str, ...]:
    """Let every host of these ranges go on; return the ranges."""
    with _alone(edges, text, "resume"):
        seen = some(edges, text)
        edges.stills.thaw([one.id for one in seen if one.frozen])
        return tuple(str(range_id) for range_id in ids(seen))


@contextmanager
def _alone(edges: Edges, text: str, doing: str) -> Iterator[None]:
    name = text.partition("/")[0]
    with edges.hold(f"run {name}", doing), edges.hold(name, doing):
        yield
