"""Freeze whole ranges, so that nothing in them moves, and let them go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rangectl.app.edges import Edges
from rangectl.app.ledger import Ledger
from rangectl.app.ranges import ids, some
from rangectl.app.standstill import may_freeze
from rangectl.errors import UsageError
from rangectl.ports import EventLog


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


def resume(edges: Edges, text: str, log: EventLog | None = None) -> tuple[str, ...]:
    """Let every host of these ranges go on; return the ranges.

    UsageError where `log`, of the run of that name, says that it is paused: its clocks stand still
    until they are resumed with the hosts, and what happened before would count for nothing.
    """
    with _alone(edges, text, "resume"):
        if log is not None and Ledger.open(log).stands_still:
            name = text.partition("/")[0]
            message = f"the exercise {name} is paused: its clocks stand still, too"
            hint = f"rangectl exercise resume {name} lets hosts and clocks go on"
            raise UsageError(message, hint=hint)
        seen = some(edges, text)
        edges.stills.thaw([one.id for one in seen if one.frozen])
        return tuple(str(range_id) for range_id in ids(seen))


@contextmanager
def _alone(edges: Edges, text: str, doing: str) -> Iterator[None]:
    name = text.partition("/")[0]
    with edges.hold(f"run {name}", doing), edges.hold(name, doing):
        yield
