"""From the entries of a topology's hosts to the hosts themselves."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from rangectl.model.topology import (
    BuiltIn,
    Host,
    Init,
    Limits,
    Rule,
    Service,
    Topology,
    built_in,
    expanded_names,
)
from rangectl.plan.spec import RoleSpec


@dataclass(frozen=True, slots=True)
class Expanded:
    """One host with all it inherits; an address is the name of a pool where it is to be chosen from
    one, and None where the file gives none.
    """

    name: str
    kind: BuiltIn
    image: str
    roles: tuple[RoleSpec, ...]
    init: Init
    limits: Limits
    segments: tuple[tuple[str, IPv4Address | str | None], ...]
    services: tuple[Service, ...]
    policy: tuple[Rule, ...]


def expand(topology: Topology) -> tuple[Expanded, ...]:
    """Return every host of a topology that was read, sorted by name."""
    hosts = (
        one for name, host in topology.hosts.items() for one in _expanded(topology, name, host)
    )
    return tuple(sorted(hosts, key=lambda host: host.name))


def _expanded(topology: Topology, entry: str, host: Host) -> list[Expanded]:
    roles = tuple(RoleSpec(role.name, tuple(sorted(role.vars.items()))) for role in host.roles)
    limits = host.limits or topology.defaults.limits
    return [
        Expanded(
            name=name,
            kind=built_in(host.kind),
            image=host.image or topology.defaults.image,
            roles=roles,
            init=host.init or "process",
            limits=limits,
            segments=tuple(host.segments.items()),
            services=host.services,
            policy=host.policy,
        )
        for name in expanded_names(entry, host)
    ]
