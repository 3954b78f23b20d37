"""Addresses by name, so that a host that comes or goes moves no other; and MAC addresses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network

from rangectl.plan.expand import Expanded
from rangectl.plan.spec import RangeId

Place = tuple[str, str]
"""A host's name and a segment's."""

_ROOMY = 30


def client_address(subnet: IPv4Network) -> IPv4Address:
    """Return the address kept for checks, traffic and dial: the last usable one."""
    return subnet.broadcast_address - 1


def allocate(
    hosts: Sequence[Expanded],
    subnets: Mapping[str, IPv4Network],
    live: Mapping[Place, str],
) -> dict[Place, IPv4Address]:
    """Return the address of every host on every segment it is on.

    First come the addresses that the file gives, then those that live containers have, then a
    router takes the first of the segment; the rest lie where the hash of their name points, or at
    the next free place. Raises ValueError when a segment is full.
    """
    taken: dict[Place, IPv4Address] = {}
    for name, subnet in subnets.items():
        here = sorted(
            (host for host in hosts if name in dict(host.segments)), key=lambda host: host.name
        )
        for host, address in _allocate(name, subnet, here, live).items():
            taken[host, name] = address
    return taken


def _allocate(
    segment: str, subnet: IPv4Network, hosts: Sequence[Expanded], live: Mapping[Place, str]
) -> dict[str, IPv4Address]:
    given = {host.name: dict(host.segments)[segment] for host in hosts}
    settled = {name: address for name, address in given.items() if address is not None}
    used = {client_address(subnet), *settled.values()}
    for host in hosts:
        address = _kept(live.get((host.name, segment)), subnet)
        if host.name not in settled and address is not None and address not in used:
            settled[host.name] = address
            used.add(address)
    for host in sorted(hosts, key=lambda host: (host.kind != "router", host.name)):
        if host.name not in settled:
            address = _first_free(_candidates(host, subnet), used, segment)
            settled[host.name] = address
            used.add(address)
    return settled


def _kept(text: str | None, subnet: IPv4Network) -> IPv4Address | None:
    """Read a live address; None when the segment has no such address any more."""
    if text is None:
        return None
    address = IPv4Address(text)
    ends = (subnet.network_address, subnet.broadcast_address)
    return address if address in subnet and address not in ends else None


def _first_free(
    candidates: Iterable[IPv4Address], used: set[IPv4Address], segment: str
) -> IPv4Address:
    for address in candidates:
        if address not in used:
            return address
    message = f"segment {segment} has no free address"
    raise ValueError(message)


def _candidates(host: Expanded, subnet: IPv4Network) -> Iterable[IPv4Address]:
    """Yield the places of a host in the order it would take them, each usable address once."""
    base, usable = subnet.network_address, subnet.num_addresses - 2
    low, high = (10, usable - 4) if usable >= _ROOMY else (2, usable - 1)
    if host.kind == "router":
        yield base + 1
    size = high - low + 1
    start = int.from_bytes(hashlib.sha256(host.name.encode()).digest()[:8], "big")
    for step in range(size):
        yield base + low + (start + step) % size
    for offset in (*range(high + 1, usable + 1), *range(low - 1, 0, -1)):
        yield base + offset


def macs(range_id: RangeId, places: Iterable[Place]) -> dict[Place, str]:
    """Return a locally administered MAC address for every NIC, stable and unique in the range."""
    made: dict[Place, str] = {}
    used: set[str] = set()
    for host, segment in sorted(places):
        turn = 0
        while (mac := _mac(f"{range_id}|{host}|{segment}|{turn}")) in used:
            turn += 1
        made[host, segment] = mac
        used.add(mac)
    return made


def _mac(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return ":".join(f"{byte:02x}" for byte in (0x02, 0x42, *digest[:4]))
