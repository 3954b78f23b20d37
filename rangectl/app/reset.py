"""Replace hosts by fresh ones, made from what the labels say of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rangectl.app.edges import Edges
from rangectl.app.gates import wire
from rangectl.app.ranges import Live, awake, one
from rangectl.app.ready import wait_ready
from rangectl.app.starting import started
from rangectl.errors import UsageError
from rangectl.plan.containers import Container, Seen, host_container
from rangectl.progress import Progress, Tell, untold


def reset(edges: Edges, range_name: str, hosts: Sequence[str], tell: Tell = untold) -> Live:
    """Make these hosts anew, wire them, and return the range once every service answers."""
    with edges.hold(range_name.partition("/")[0], "reset"):
        return _reset(edges, one(edges, range_name), hosts, tell)


def reset_segment(edges: Edges, range_name: str, segment: str, tell: Tell = untold) -> Live:
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
        return _reset(edges, range_, hosts, tell)


def reset_all(edges: Edges, range_name: str, tell: Tell = untold) -> Live:
    """Make every host of a range anew; its switch and its client stay."""
    with edges.hold(range_name.partition("/")[0], "reset"):
        range_ = one(edges, range_name)
        return _reset(edges, range_, [host.name for host, _ in range_.hosts()], tell)


def _reset(edges: Edges, range_: Live, hosts: Sequence[str], tell: Tell) -> Live:
    awake(range_.containers)
    fresh = replace_hosts(edges, range_, tuple(dict.fromkeys(hosts)), tell)
    tell(Progress("phase", "ready: waiting for every service"))
    wait_ready(edges, [fresh], tell=tell)
    return fresh


def replace_host(edges: Edges, range_: Live, host: str) -> Live:
    """Make one host anew and wire it, without waiting for its services."""
    return replace_hosts(edges, range_, (host,))


def replace_hosts(edges: Edges, range_: Live, hosts: Sequence[str], tell: Tell = untold) -> Live:
    """Make hosts anew, all at once, and wire them, without waiting for their services."""
    old = [host_of(range_, host) for host in hosts]
    return exchange(edges, range_, [remade(range_, each) for each in old], tell)


def host_of(range_: Live, host: str) -> Seen:
    """Return the container of a host; UsageError for what is none."""
    found = range_.container(host)
    if found.kind == "switch":
        msg = "the switch is no host"
        raise UsageError(msg, hint="rangectl up heals the fabric")
    return found


def remade(range_: Live, old: Seen) -> Container:
    """Return the container that takes the place of an old one, made of the same image."""
    host = range_.spec.host(old.host)
    return host_container(range_.spec.id, host, old.label("image"), range_.secret)


def exchange(edges: Edges, range_: Live, wanted: Sequence[Container], tell: Tell = untold) -> Live:
    """Put containers in the place of those of the same hosts, and wire them."""
    hosts = [each.hostname for each in wanted]
    gone = {range_.container(host).id for host in hosts}
    tell(Progress("phase", f"remove: {', '.join(hosts)}"))
    edges.engine.remove(sorted(gone))
    tell(Progress("phase", "create: containers"))
    new = edges.engine.create(wanted)
    tell(Progress("phase", "start: what was created"))
    instead = started(edges, {one.id: each for one, each in zip(new, wanted, strict=True)})
    tell(Progress("phase", "wire: cables, files, gates"))
    kept = tuple(there for there in range_.containers if there.id not in gone)
    settled = (instead.get(one.id, one) for one in new)
    fresh = replace(range_, containers=(*kept, *settled))
    wire(edges, fresh, only=hosts)
    return fresh
