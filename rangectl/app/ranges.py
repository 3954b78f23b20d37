"""What the verbs about ranges share: ranges as they are found on the engine."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rangectl.app.edges import Edges
from rangectl.errors import RangeError, UsageError
from rangectl.plan.containers import SWITCH, Seen, range_from, secret_of
from rangectl.plan.fabric import Fabric, Machine
from rangectl.plan.partner import pack_of
from rangectl.plan.personal import files
from rangectl.plan.snapshots import furnished
from rangectl.plan.spec import HostSpec, RangeId, RangeSpec

CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Live:
    """A range that stands on the engine: what it should be, its containers, and its secret."""

    spec: RangeSpec
    containers: tuple[Seen, ...]
    secret: str

    def container(self, host: str) -> Seen:
        """Return a host's container; UsageError for a host that it never had."""
        for one in self.containers:
            if one.host == host:
                return one
        if host == CLIENT:
            lost = f"{self.spec.id}: its client, from which services are checked, is gone"
            raise RangeError(lost, hint="rangectl up brings it back")
        known = [one.host for one in self.containers if one.kind not in {"switch", "client"}]
        close = difflib.get_close_matches(host, known, n=1)
        meant = f"did you mean {close[0]!r}? " if close else ""
        message = f"{self.spec.id} has no host {host!r}"
        raise UsageError(message, hint=f"{meant}its hosts: {', '.join(known)}")

    def hosts(self) -> tuple[tuple[HostSpec, Seen], ...]:
        """Return every machine with its container, the client left out."""
        there = {one.host: one for one in self.containers}
        return tuple(
            (host, there[host.name])
            for host in self.spec.hosts
            if host.kind != "client" and host.name in there
        )


def ids(seen: Sequence[Seen]) -> tuple[RangeId, ...]:
    """Return the ranges that have containers, sorted."""
    return tuple(sorted({one.range for one in seen}, key=str))


def live(edges: Edges, name: str) -> tuple[Live, ...]:
    """Return the ranges of that name from their labels; UsageError when there is none.

    RangeError when nothing but pieces of ranges is left.
    """
    seen = edges.engine.seen(name)
    found = whole(seen)
    if seen and not found:
        msg = f"{name}: no range is whole: the switch is gone"
        raise RangeError(msg, hint="rangectl up makes them whole again, rangectl down removes them")
    if not found:
        msg = f"no range is up under the name {name!r}"
        raise UsageError(msg, hint=_names(edges))
    return found


def whole(seen: Sequence[Seen]) -> tuple[Live, ...]:
    """Return the ranges whose switch is there, sorted; of others there are only pieces."""
    found = []
    for range_id in ids(seen):
        mine = tuple(one for one in seen if one.range == range_id)
        spec = range_from(mine)
        if spec is not None:
            found.append(Live(spec, mine, secret_of(mine) or ""))
    return tuple(found)


def one(edges: Edges, text: str) -> Live:
    """Return the range that NAME/TEAM means; NAME alone will do where it has one team."""
    name, _, team = text.partition("/")
    found = live(edges, name)
    mine = [range_ for range_ in found if team in {"", range_.spec.id.team}]
    if len(mine) == 1:
        return mine[0]
    up = ", ".join(str(range_.spec.id) for range_ in found)
    message = f"no range {text!r} is up" if team else f"{text!r} is more than one range"
    raise UsageError(message, hint=f"up: {up}")


def paused(seen: Sequence[Seen]) -> bool:
    """Say whether somebody froze a whole range: every host of it that runs, and one at least."""
    hosts = [one for one in seen if one.kind not in {"switch", "client"} and one.running]
    return bool(hosts) and all(one.frozen for one in hosts)


def awake(seen: Sequence[Seen]) -> None:
    """Raise RangeError where a range is paused: nothing can be made ready in it."""
    for range_id in ids(seen):
        if paused([one for one in seen if one.range == range_id]):
            msg = f"{range_id} is paused"
            raise RangeError(msg, hint=f"rangectl resume {range_id} lets it go on")


def some(edges: Edges, text: str) -> tuple[Seen, ...]:
    """Return the containers of the ranges that NAME, or NAME/TEAM, means; UsageError for none."""
    name, _, team = text.partition("/")
    found = tuple(one for one in edges.engine.seen(name) if team in {"", one.range.team})
    if not found:
        msg = f"no range is up under the name {text!r}"
        raise UsageError(msg, hint=_names(edges))
    return found


def fabric(range_: Live, hunt: Mapping[str, bytes]) -> Fabric:
    """Return the wiring that this range should have."""
    there = {one.host: one for one in range_.containers}

    def machine(host: HostSpec) -> Machine:
        mine = files(range_.spec, host, range_.secret, hunt)
        seen, pack = there[host.name], pack_of(range_.spec, host, range_.secret)
        kept = seen.label("furnished") == furnished(mine, pack)
        return Machine(seen.id, host, mine, kept=kept, pack=pack)

    return Fabric(
        range=range_.spec.id,
        switch=there[SWITCH].id,
        bridges=tuple(segment.name for segment in range_.spec.segments),
        machines=tuple(machine(host) for host in range_.spec.hosts if host.name in there),
    )


def _names(edges: Edges) -> str:
    names = sorted({one.range.name for one in edges.engine.seen()})
    return "up: " + ", ".join(names) if names else "nothing is up; see: rangectl up --help"
