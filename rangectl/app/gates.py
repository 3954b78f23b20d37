"""Wiring a range, until its machines are through their gates."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from rangectl.app.edges import Edges
from rangectl.app.ranges import Live, fabric
from rangectl.app.story import story
from rangectl.errors import RangeError
from rangectl.plan.containers import SWITCH
from rangectl.plan.fabric import Fabric, Wired
from rangectl.plan.personal import RELOAD

_GATE, _PAUSE = 15.0, 0.1
_MANY = 3


def wire(edges: Edges, range_: Live, only: Collection[str] | None = None) -> Wired:
    """Wire one range and open its gates; services whose files changed under them are reloaded.

    With `only`, a host that does not come to its gate is waited for, and an error, only if it is
    one of those: a team may keep its other hosts from ever coming.
    """
    done = _at_their_gates(edges, range_, only)
    if _woken(edges, range_, _still(done, only)):
        done = _both(done, _at_their_gates(edges, range_, only))
    if missing := _still(done, only):
        raise _never(edges, range_, missing)
    for command, host in _reloads(range_, done):
        edges.engine.execute(range_.container(host).id, command)
    return done


def _at_their_gates(edges: Edges, range_: Live, only: Collection[str] | None) -> Wired:
    """Wire a range, and wait for those of its machines that matter."""
    done = _wired(edges, fabric(range_, edges.hunt), _GATE if only is None else 0.0)
    end = edges.clock.now() + timedelta(seconds=_GATE)
    while only is not None and _still(done, only) and edges.clock.now() < end:
        edges.clock.sleep(_PAUSE)
        done = _both(done, _wired(edges, fabric(range_, edges.hunt), 0.0))
    return done


def _both(one: Wired, then: Wired) -> Wired:
    """Return what was done in two goes."""
    seconds = one.seconds + then.seconds
    return Wired(one.changed + then.changed, one.opened + then.opened, then.missing, seconds)


def _never(edges: Edges, range_: Live, missing: Sequence[str]) -> RangeError:
    hosts = [one.partition(" (")[0] for one in missing[:_MANY]]
    known = [line for host in hosts for line in story(edges, range_, host)]
    msg = f"{range_.spec.id}: never came to the gate: {', '.join(missing)}"
    hint = f"rangectl reset {range_.spec.id} HOST makes one anew"
    return RangeError("\n".join([msg, *known]), hint=hint)


def _still(wired: Wired, only: Collection[str] | None) -> list[str]:
    """Return those of the missing machines that matter."""
    return [one for one in wired.missing if only is None or one.partition(" (")[0] in only]


def _reloads(range_: Live, wired: Wired) -> list[tuple[tuple[str, ...], str]]:
    """Return the commands that make services read the files that changed under them."""
    said = (what.partition(": put ") for what in wired.changed)
    changed = dict.fromkeys(host for host, put, _ in said if put)
    return [
        (RELOAD[role.name], host)
        for host in changed
        if host not in wired.opened
        for role in range_.spec.host(host).roles
        if role.name in RELOAD
    ]


def _wired(edges: Edges, wanted: Fabric, timeout: float) -> Wired:
    """Wire a range; a switch that stands still though its engine tells that it runs is started."""
    try:
        return edges.node.wire(wanted, timeout)
    except RangeError:
        if not edges.engine.start([wanted.switch]).anew:
            raise
    return edges.node.wire(wanted, timeout)


def _woken(edges: Edges, range_: Live, missing: Sequence[str]) -> bool:
    """Start machines that did not come to their gates, and return whether one stood still.

    An engine whose disk was full when a container ended tells ever since that it runs.
    """
    names = {one.partition(" (")[0] for one in missing} - {SWITCH}
    still = [one.id for one in range_.containers if one.host in names]
    return bool(edges.engine.start(still).anew)
