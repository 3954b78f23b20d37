"""From what a topology's file says of hosts to the hosts themselves: counts, groups, defaults."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Literal

from rangectl.model.topology import (
    Host,
    Init,
    Limits,
    Rule,
    Service,
    Topology,
    expanded_names,
)
from rangectl.plan.spec import RoleSpec


@dataclass(frozen=True, slots=True)
class Expanded:
    """One host with all it inherits; an address is None where the file gives none."""

    name: str
    kind: Literal["host", "router", "kit"]
    image: str
    roles: tuple[RoleSpec, ...]
    init: Init
    limits: Limits
    segments: tuple[tuple[str, IPv4Address | None], ...]
    services: tuple[Service, ...]
    policy: tuple[Rule, ...]


def expand(topology: Topology) -> tuple[Expanded, ...]:
    """Return every host of a topology, sorted by name."""
    hosts = (
        _expanded(topology, one, host)
        for name, host in topology.hosts.items()
        for one in expanded_names(name, host)
    )
    return tuple(sorted(hosts, key=lambda host: host.name))


def _expanded(topology: Topology, name: str, host: Host) -> Expanded:
    roles = topology.roles_of(host)
    return Expanded(
        name=name,
        kind=host.kind,
        image=topology.defaults.image,
        roles=tuple(RoleSpec(role.name, tuple(sorted(role.vars.items()))) for role in roles),
        init=_init(topology, host),
        limits=_limits(topology, host),
        segments=tuple(host.segments.items()),
        services=host.services,
        policy=host.policy,
    )


def _init(topology: Topology, host: Host) -> Init:
    """Return the nearest wish; without one, systemd where there are roles to run under it."""
    group = topology.groups[host.group] if host.group else None
    wish = host.init or (group.init if group else None)
    return wish or ("systemd" if topology.roles_of(host) else "process")


def _limits(topology: Topology, host: Host) -> Limits:
    """Merge limits key by key: the host's before its group's before the defaults."""
    group = topology.groups[host.group] if host.group else None
    merged = topology.defaults.limits
    for nearer in (group.limits if group else None, host.limits):
        if nearer is not None:
            merged = merged.model_copy(update=nearer.model_dump(exclude_unset=True))
    return merged
