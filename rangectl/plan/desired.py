"""From a topology to the range that is wanted: every host with its addresses settled."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from rangectl.model.topology import Limits, Topology
from rangectl.plan.addresses import Place, allocate, client_address, macs, pools_of
from rangectl.plan.expand import Expanded, expand
from rangectl.plan.spec import (
    BEGINNING,
    HostSpec,
    Nic,
    RangeId,
    RangeSpec,
    SegmentSpec,
    is_administered,
)

CLIENT = "client"
"""The name of the machine that holds the client addresses of a range."""

_RESOLVER = "resolver"


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the hosts of one range share."""

    subnets: Mapping[str, IPv4Network]
    addresses: Mapping[Place, IPv4Address]
    macs: Mapping[Place, str]
    gateways: Mapping[str, IPv4Address]
    resolvers: tuple[IPv4Address, ...]
    names: tuple[tuple[str, IPv4Address], ...]

    def nics(self, host: str, segments: Iterable[str]) -> tuple[Nic, ...]:
        return tuple(
            Nic(f"eth{index}", segment, self._interface(host, segment), self.macs[host, segment])
            for index, segment in enumerate(segments)
        )

    def _interface(self, host: str, segment: str) -> IPv4Interface:
        prefix = self.subnets[segment].prefixlen
        return IPv4Interface((int(self.addresses[host, segment]), prefix))


def desired(
    topology: Topology,
    range_id: RangeId,
    live: Mapping[Place, str],
    since: datetime = BEGINNING,
) -> RangeSpec:
    """Return the range of a checked topology; `live` is (host, segment) → address in use now.

    A host reaches other segments through the router of its first one; a router needs no gateway,
    for a segment has one router at most. Hosts of partners and guests ask the resolvers.
    """
    hosts = expand(topology)
    segments = tuple(
        SegmentSpec(name, segment.zone, segment.subnet, client_address(segment.subnet))
        for name, segment in topology.segments.items()
    )
    addresses = allocate(
        hosts, {one.name: one.subnet for one in segments}, live, pools_of(topology)
    )
    plan = _plan(range_id, segments, hosts, addresses)
    zones = {segment.name: segment.zone for segment in segments}
    machines = [
        _host(plan, host, asks=any(zones[name] != "adversary" for name, _ in host.segments))
        for host in hosts
    ]
    machines.append(_client(plan, topology, [segment.name for segment in segments]))
    people = _people(topology)
    settled = tuple(
        replace(host, people=people if is_administered(host, zones) else "", since=since)
        for host in machines
    )
    return RangeSpec(range_id, topology.name, segments, settled, topology.people, since)


def _people(topology: Topology) -> str:
    """Return what changes when the accounts and files of a topology's people do."""
    if topology.people is None:
        return ""
    return hashlib.sha256(topology.people.model_dump_json().encode()).hexdigest()[:12]


def _plan(
    range_id: RangeId,
    segments: Sequence[SegmentSpec],
    hosts: Sequence[Expanded],
    addresses: dict[Place, IPv4Address],
) -> _Plan:
    subnets = {segment.name: segment.subnet for segment in segments}
    names = tuple(sorted((host, address) for (host, _), address in addresses.items()))
    for segment in segments:
        addresses[CLIENT, segment.name] = segment.client
    return _Plan(
        subnets=subnets,
        addresses=addresses,
        macs=macs(range_id, addresses),
        gateways=_gateways(hosts, addresses),
        resolvers=_resolvers(hosts, addresses),
        names=names,
    )


def _gateways(
    hosts: Sequence[Expanded], addresses: Mapping[Place, IPv4Address]
) -> dict[str, IPv4Address]:
    gateways: dict[str, IPv4Address] = {}
    for router in (host for host in hosts if host.kind == "router"):
        for segment, _ in router.segments:
            gateways.setdefault(segment, addresses[router.name, segment])
    return gateways


def _resolvers(
    hosts: Sequence[Expanded], addresses: Mapping[Place, IPv4Address]
) -> tuple[IPv4Address, ...]:
    return tuple(
        addresses[host.name, host.segments[0][0]]
        for host in hosts
        if any(role.name == _RESOLVER for role in host.roles)
    )


def _host(plan: _Plan, host: Expanded, *, asks: bool) -> HostSpec:
    segments = [segment for segment, _ in host.segments]
    return HostSpec(
        name=host.name,
        kind=host.kind,
        base=host.image,
        roles=host.roles,
        init=host.init,
        nics=plan.nics(host.name, segments),
        gateway=None if host.kind == "router" else plan.gateways.get(segments[0]),
        dns=plan.resolvers if asks else (),
        names=plan.names,
        limits=host.limits,
        services=host.services,
        policy=host.policy,
    )


def _client(plan: _Plan, topology: Topology, segments: Sequence[str]) -> HostSpec:
    return HostSpec(
        name=CLIENT,
        kind="client",
        base=topology.defaults.image,
        roles=(),
        init="process",
        nics=plan.nics(CLIENT, segments),
        gateway=None,
        dns=(),
        names=plan.names,
        limits=Limits(),
    )
