"""Replace hosts by fresh ones, made from what the labels say of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rangectl.app.edges import Edges
from rangectl.app.ranges import Live, one
from rangectl.app.ready import wait_ready
from rangectl.app.up import wire
from rangectl.errors import UsageError
from rangectl.plan.containers import host_container


def reset(edges: Edges, range_name: str, hosts: Sequence[str]) -> Live:
    """Make these hosts anew, wire them, and return the range once every service answers."""
    with edges.hold(range_name.partition("/")[0], "reset"):
        return _reset(edges, one(edges, range_name), hosts)


def reset_segment(edges: Edges, range_name: str, segment: str) -> Live:
    """Make every host of a segment anew; a router belongs to each segment that it is in."""
    with edges.hold(range_name.partition("/")[0], "reset"):
        range_ = one(edges, range_name)
        known = [each.name for each in range_.spec.segments]
        if segment not in known:
            msg = f"{range_.spec.id} has no segment {segment!r}"
            raise UsageError(msg, hint=f"it has {', '.join(known)}")
        hosts = [
            host.name
            for host, _ in range_.hosts()
            if any(nic.segment == segment for nic in host.nics)
        ]
        return _reset(edges, range_, hosts)


def reset_all(edges: Edges, range_name: str) -> Live:
    """Make every host of a range anew; its switch and its client stay."""
    with edges.hold(range_name.partition("/")[0], "reset"):
        range_ = one(edges, range_name)
        return _reset(edges, range_, [host.name for host, _ in range_.hosts()])


def _reset(edges: Edges, range_: Live, hosts: Sequence[str]) -> Live:
    fresh = replace_hosts(edges, range_, tuple(dict.fromkeys(hosts)))
    wait_ready(edges, [fresh])
    return fresh


def replace_host(edges: Edges, range_: Live, host: str) -> Live:
    """Make one host anew and wire it, without waiting for its services."""
    return replace_hosts(edges, range_, (host,))


def replace_hosts(edges: Edges, range_: Live, hosts: Sequence[str]) -> Live:
    """Make hosts anew, all at once, and wire them, without waiting for their services."""
    old = [range_.container(host) for host in hosts]
    if any(each.kind == "switch" for each in old):
        msg = "the switch is no host"
        raise UsageError(msg, hint="rangectl up heals the fabric")
    wanted = [
        host_container(
            range_.spec.id, range_.spec.host(each.host), each.label("image"), range_.secret
        )
        for each in old
    ]
    gone = {each.id for each in old}
    edges.engine.remove(sorted(gone))
    new = edges.engine.create(wanted)
    edges.engine.start([each.id for each in new])
    kept = tuple(there for there in range_.containers if there.id not in gone)
    fresh = replace(range_, containers=(*kept, *new))
    wire(edges, fresh, only=hosts)
    return fresh
