"""Addresses by name, so that a host that comes or goes moves no other; and MAC addresses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from itertools import chain

from rangectl.model.topology import Topology, pool_ends
from rangectl.plan.expand import Expanded
from rangectl.plan.spec import RangeId

Place = tuple[str, str]
"""A host's name and a segment's."""

Pools = Mapping[str, tuple[IPv4Address, IPv4Address]]
"""The first and last address of each pool of a segment."""

_ROOMY = 30


def client_address(subnet: IPv4Network) -> IPv4Address:
    """Return the address kept for checks, traffic and dial: the last usable one."""
    return subnet.broadcast_address - 1


def allocate(
    hosts: Sequence[Expanded],
    subnets: Mapping[str, IPv4Network],
    live: Mapping[Place, str],
    pools: Mapping[str, Pools] | None = None,
) -> dict[Place, IPv4Address]:
    """Return the address of every host on every segment it is on.

    First come the addresses that the file gives, then those that live containers have, then a
    router takes the first of the segment; the rest lie where the hash of their name points, or at
    the next free place: in the pool that they ask for, else outside of all pools. Raises ValueError
    when a segment or a pool is full.
    """
    here: dict[str, list[tuple[Expanded, IPv4Address | str | None]]] = {}
    for host in sorted(hosts, key=lambda host: host.name):
        for segment, asked in host.segments:
            here.setdefault(segment, []).append((host, asked))
    taken: dict[Place, IPv4Address] = {}
    for name, subnet in subnets.items():
        room = _Room(name, subnet, (pools or {}).get(name, {}))
        settled = _allocate(room, here.get(name, []), live)
        taken |= {(one, name): address for one, address in settled.items()}
    return taken


def pools_of(topology: Topology) -> dict[str, Pools]:
    """Return the first and last address of every pool, by segment and name."""
    return {
        name: {pool: pool_ends(text) for pool, text in segment.pools.items()}
        for name, segment in topology.segments.items()
    }


@dataclass(frozen=True, slots=True)
class _Room:
    segment: str
    subnet: IPv4Network
    pools: Pools

    def fits(self, address: IPv4Address, asked: str | None) -> bool:
        """Say whether a host may have an address: of the pool that it asks for, else of none."""
        if asked is not None:
            first, last = self.pools[asked]
            return first <= address <= last
        ends = (self.subnet.network_address, self.subnet.broadcast_address)
        if address not in self.subnet or address in ends:
            return False
        return not any(first <= address <= last for first, last in self.pools.values())


def _allocate(
    room: _Room,
    hosts: Sequence[tuple[Expanded, IPv4Address | str | None]],
    live: Mapping[Place, str],
) -> dict[str, IPv4Address]:
    settled = {host.name: asked for host, asked in hosts if isinstance(asked, IPv4Address)}
    rest = [(host, asked) for host, asked in hosts if not isinstance(asked, IPv4Address)]
    used = {client_address(room.subnet), *settled.values()}
    for host, asked in rest:
        text = live.get((host.name, room.segment))
        address = IPv4Address(text) if text is not None else None
        if address is not None and room.fits(address, asked) and address not in used:
            settled[host.name] = address
            used.add(address)
    for host, asked in sorted(rest, key=lambda one: (one[0].kind != "router", one[0].name)):
        if host.name not in settled:
            address = _first_free(_candidates(host, room, asked), used, room.segment)
            settled[host.name] = address
            used.add(address)
    return settled


def _first_free(
    candidates: Iterable[IPv4Address], used: set[IPv4Address], segment: str
) -> IPv4Address:
    for address in candidates:
        if address not in used:
            return address
    message = f"segment {segment} has no free address"
    raise ValueError(message)


def _candidates(host: Expanded, room: _Room, asked: str | None) -> Iterable[IPv4Address]:
    """Yield the places of a host in the order it would take them, each usable address once."""
    base, start = room.subnet.network_address, _hash(host.name)
    if asked is not None:
        first, last = room.pools[asked]
        size = int(last) - int(first) + 1
        yield from (first + (start + step) % size for step in range(size))
        return
    usable = room.subnet.num_addresses - 2
    low, high = (10, usable - 4) if usable >= _ROOMY else (2, usable - 1)
    size = high - low + 1
    around = (low + (start + step) % size for step in range(size))
    router = (1,) if host.kind == "router" else ()
    for offset in chain(router, around, range(high + 1, usable + 1), range(low - 1, 0, -1)):
        address = base + offset
        if not room.pools or room.fits(address, None):
            yield address


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


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
