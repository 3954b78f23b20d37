"""What `up` would do with ranges and why, as an engine has them, if one answers; and not done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal

from rangectl.app.edges import Edges
from rangectl.app.ranges import Live, fabric
from rangectl.model.topology import Topology
from rangectl.plan.containers import (
    SWITCH,
    Seen,
    host_container,
    live_addresses,
    secret_of,
    since_of,
    switch_container,
)
from rangectl.plan.desired import CLIENT, desired
from rangectl.plan.diff import Create, Remove, Start, Step, Thaw, steps
from rangectl.plan.fabric import Machine
from rangectl.plan.spec import BEGINNING, HostSpec, RangeId, RangeSpec, RoleSpec

UNBUILT = "to be built"
Stack = tuple[str, tuple[RoleSpec, ...]]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that `up` would do with a container, or (`wire`) with its cables and files."""

    do: Literal["create", "remove", "start", "thaw", "wire"]
    host: str
    why: str


@dataclass(frozen=True, slots=True)
class Planned:
    """What `up` would do with one range.

    `fresh`: nothing of it is there. `compared`: cables and files of what stays were compared, too,
    for which a node agent must run.
    """

    spec: RangeSpec
    changes: tuple[Change, ...]
    fresh: bool
    compared: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """What `up` would do: with each range, and the images it would build first.

    The images are None where no engine tells which there are.
    """

    ranges: tuple[Planned, ...]
    images: tuple[str, ...] | None


def plan(topology: Topology, name: str, teams: Sequence[str], edges: Edges | None) -> Plan:
    """Return what `up` would do; without an engine every range would be made whole."""
    ids = [RangeId(name, team) for team in teams]
    seen = edges.engine.seen(name) if edges is not None else ()
    mine = {id_: tuple(one for one in seen if one.range == id_) for id_ in ids}
    specs = [_spec(topology, id_, mine[id_]) for id_ in ids]
    stacks = dict.fromkeys((host.base, host.roles) for spec in specs for host in spec.hosts)
    stacks |= {(base, ()): None for base, _ in stacks}
    found = {one: edges.images.find(*one) for one in stacks} if edges is not None else {}
    lacking = tuple(_words(stack) for stack, image in found.items() if image is None)
    ranges = tuple(_planned(spec, mine[spec.id], found, edges) for spec in specs)
    return Plan(ranges, lacking if edges is not None else None)


def _spec(topology: Topology, id_: RangeId, mine: Sequence[Seen]) -> RangeSpec:
    return desired(topology, id_, live_addresses(mine), since_of(mine) or BEGINNING)


def _planned(
    spec: RangeSpec, mine: Sequence[Seen], found: dict[Stack, str | None], edges: Edges | None
) -> Planned:
    if not mine or edges is None:
        names = (SWITCH, *(host.name for host in spec.hosts))
        changes = tuple(Change("create", name, "is missing") for name in names)
        return Planned(spec, changes, fresh=True)
    secret = secret_of(mine) or ""
    base = found[spec.hosts[0].base, ()] or UNBUILT
    wanted = [switch_container(spec, base, secret)]
    for host in spec.hosts:
        image = found[host.base, host.roles] or UNBUILT
        wanted.append(host_container(spec.id, host, image, secret))
    todo = steps(wanted, mine)
    wiring = _wiring(edges, spec, mine, todo)
    changes = (*(_change(step) for step in todo), *(wiring or ()))
    return Planned(spec, changes, fresh=False, compared=wiring is not None)


def _wiring(
    edges: Edges, spec: RangeSpec, mine: Sequence[Seen], todo: Sequence[Step]
) -> tuple[Change, ...] | None:
    """Return what is to be changed of the cables and files of machines that stay; None where
    nobody can tell.

    What goes is told along: its cables, which go with it, are nobody's mistake.
    """
    going = {step.seen.id for step in todo if isinstance(step, Remove)}
    runs = [one for one in mine if one.running]
    stays = tuple(one for one in runs if one.id not in going)
    if not any(one.host == SWITCH for one in stays):
        return ()  # all cables are made with a switch
    wanted = fabric(Live(spec, stays, secret_of(mine) or ""), edges.hunt)
    goes = [
        Machine(one.id, old) for one in runs if one.id in going and (old := one.spec) is not None
    ]
    found = edges.onlooker.differences(replace(wanted, machines=(*wanted.machines, *goes)))
    if found is None:
        return None
    names = {"", *(one.host for one in stays)}
    kept = sorted((one for one in found if one.machine in names), key=lambda one: one.field)
    return tuple(Change("wire", one.machine or SWITCH, f"its {one.field}") for one in kept)


def _change(step: Step) -> Change:
    match step:
        case Create(container, why):
            return Change("create", container.hostname, why)
        case Remove(seen, why):
            return Change("remove", seen.host, why)
        case Start(seen, _, why):
            return Change("start", seen.host, why)
        case Thaw(seen, why):
            return Change("thaw", seen.host, why)


def _words(stack: Stack) -> str:
    base, roles = stack
    return " + ".join((base, *(_role(role) for role in roles)))


def _role(role: RoleSpec) -> str:
    variables = ", ".join(f"{name}={value}" for name, value in role.vars)
    return f"{role.name}({variables})" if variables else role.name


def told(planned: Planned) -> tuple[str, ...]:
    """Return what is planned for a range as lines; hosts alike that are all made are one line."""
    hosts = {host.name: host for host in planned.spec.hosts}
    lines: list[str] = []
    run: list[str] = []
    for change, after in zip_longest(planned.changes, planned.changes[1:]):
        run.append(change.host)
        alike = _alike(change, hosts)
        if alike is None or after is None or alike != _alike(after, hosts):
            lines.append(_line(planned.spec, change, run, hosts))
            run = []
    return tuple(lines)


def _alike(change: Change, hosts: dict[str, HostSpec]) -> object:
    """Return what hosts that are told in one line have in common; None for what stands alone."""
    host = hosts.get(change.host)
    if host is None or host.kind != "host":
        return None
    stem = change.host.rstrip("0123456789")
    places = tuple(nic.segment for nic in host.nics)
    return change.do, change.why, stem, host.roles, host.init, host.limits, places


def _line(spec: RangeSpec, change: Change, run: list[str], hosts: dict[str, HostSpec]) -> str:
    run = sorted(run, key=lambda name: (len(name), name))
    who = change.host if len(run) == 1 else f"{run[0]} .. {run[-1]} ({len(run)} hosts)"
    why = change.why if change.why.startswith("its ") else f"it {change.why}"
    why = why.replace("it is", "they are", 1) if len(run) > 1 else why
    about = _about(spec, change, hosts.get(change.host), len(run))
    return f"{change.do} {who}: {why}{about}"


def _about(spec: RangeSpec, change: Change, host: HostSpec | None, many: int) -> str:
    if change.do != "create":
        return ""
    if change.host == SWITCH:
        return f" (the cables of {len(spec.segments)} segments)"
    if host is None or change.host == CLIENT:
        return " (for checks)"
    places = [f"{nic.segment} {nic.address.ip}" if many == 1 else nic.segment for nic in host.nics]
    roles = ", ".join(_role(role) for role in host.roles) or "no roles"
    return f" ({roles}; {', '.join(places)})"
