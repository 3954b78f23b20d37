"""Replace a host by a fresh one, made from what the labels say of it."""

from __future__ import annotations

from dataclasses import replace

from rangectl.app.edges import Edges
from rangectl.app.ranges import Live, one
from rangectl.app.ready import wait_ready
from rangectl.app.up import wire
from rangectl.errors import UsageError
from rangectl.plan.containers import host_container


def reset(edges: Edges, range_name: str, host: str) -> Live:
    """Make one host anew, wire it, and return the range once every service answers."""
    with edges.hold(range_name.partition("/")[0], "reset"):
        range_ = replace_host(edges, one(edges, range_name), host)
        wait_ready(edges, [range_])
        return range_


def replace_host(edges: Edges, range_: Live, host: str) -> Live:
    """Make one host anew and wire it, without waiting for its services."""
    old = range_.container(host)
    if old.kind == "switch":
        msg = "the switch is no host"
        raise UsageError(msg, hint="rangectl up heals the fabric")
    spec = range_.spec.host(host)
    container = host_container(range_.spec.id, spec, old.label("image"), range_.secret)
    edges.engine.remove([old.id])
    new = edges.engine.create([container])
    edges.engine.start([one.id for one in new])
    kept = tuple(there for there in range_.containers if there.id != old.id)
    fresh = replace(range_, containers=(*kept, *new))
    wire(edges, fresh, only=host)
    return fresh
