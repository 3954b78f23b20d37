"""What a topology may not say of subnets and addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from ipaddress import IPv4Address, IPv4Network

from rangectl.model.parse.marks import Path
from rangectl.model.parse.problem import Problem
from rangectl.model.topology import Segment, Topology, count_of_names, pool_ends

DOCUMENTATION = tuple(
    IPv4Network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
)
PRIVATE = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))

_LONGEST_NAME = 15
_RESERVED = {"lo", "all", "default"}
_SMALLEST, _LARGEST = 29, 16


def segment_problems(topology: Topology) -> Iterator[Problem]:
    """Yield names that cannot be a bridge's, and subnets of the wrong size or place."""
    for name, segment in topology.segments.items():
        if len(name) > _LONGEST_NAME:
            message = f"a segment's name has at most {_LONGEST_NAME} characters"
            yield Problem(("segments", name), message, key=True)
        if name in _RESERVED:
            yield Problem(("segments", name), f'the name "{name}" is reserved', key=True)
        yield from _subnet_problems(("segments", name, "subnet"), segment)
        yield from _pool_problems(("segments", name), segment)
    yield from _overlaps(topology)


def address_problems(topology: Topology) -> Iterator[Problem]:
    """Yield given addresses that a host cannot have."""
    owners: dict[IPv4Address, str] = {}
    for host_name, host in topology.hosts.items():
        for name, address in host.segments.items():
            path = ("hosts", host_name, "segments", name)
            segment = topology.segments.get(name)
            if address is None or segment is None:
                continue
            if isinstance(address, str):
                if address not in segment.pools:
                    message = f'segment "{name}" has no pool "{address}"'
                    hint = None if segment.pools else "write an address, or a list of segments"
                    yield Problem(path, message, hint, near=(address, segment.pools))
                continue
            several = count_of_names(host_name, host)
            if several > 1:
                hint = "a pool of the segment gives each its own"
                yield Problem(path, f"{several} hosts cannot share one address", hint)
            if address in owners:
                yield Problem(path, f"{address} is taken by {owners[address]}")
            owners.setdefault(address, host_name)
            yield from _place_problems(path, segment.subnet, address)


def room_problems(topology: Topology) -> Iterator[Problem]:
    """Yield segments and pools with more hosts than addresses."""
    wanted: Counter[tuple[str, str]] = Counter()
    given: list[tuple[str, IPv4Address]] = []
    for name, host in topology.hosts.items():
        for place, address in host.segments.items():
            if isinstance(address, IPv4Address):
                given.append((place, address))
            else:
                wanted[place, address or ""] += count_of_names(name, host)
    for name, segment in topology.segments.items():
        if segment.subnet.prefixlen > _SMALLEST:
            continue
        taken = {address for place, address in given if place == name}
        rooms = _rooms(segment, taken)
        for pool, room in rooms.items():
            asked = wanted[name, pool]
            if asked > room:
                yield _full(segment, (name, pool), asked, room, len(taken))


def _rooms(segment: Segment, taken: Collection[IPv4Address]) -> dict[str, int]:
    """Return how many addresses are left for hosts in each pool, and (as "") outside of pools."""
    kept = {segment.subnet.broadcast_address - 1}
    rooms: dict[str, int] = {}
    for name, text in segment.pools.items():
        first, last = pool_ends(text)
        used = sum(1 for address in {*taken, *kept} if first <= address <= last)
        rooms[name] = int(last) - int(first) + 1 - used
    inside = sum(
        int(last) - int(first) + 1 for first, last in map(pool_ends, segment.pools.values())
    )
    outside = [one for one in {*taken, *kept} if not pool_of(segment, one)]
    rooms[""] = segment.subnet.num_addresses - 2 - inside - len(outside)
    return rooms


def _full(segment: Segment, place: tuple[str, str], asked: int, room: int, taken: int) -> Problem:
    name, pool = place
    if pool:
        message = f"{asked} hosts in a pool with room for {room}"
        return Problem(("segments", name, "pools", pool), message)
    message = f"{asked + taken} hosts on a segment with room for {room + taken}"
    hint = "the first, the last and the client's address are not for hosts"
    if segment.pools:
        hint += ", and those of pools only for hosts that ask for one"
    return Problem(("segments", name, "subnet"), message, hint)


def pool_of(segment: Segment, address: IPv4Address) -> str | None:
    """Return the pool that an address is in."""
    for name, text in segment.pools.items():
        first, last = pool_ends(text)
        if first <= address <= last:
            return name
    return None


def _pool_problems(path: Path, segment: Segment) -> Iterator[Problem]:
    """Yield pools that are not wholly in their subnet, or overlap."""
    seen: dict[str, tuple[IPv4Address, IPv4Address]] = {}
    net = segment.subnet
    for name, text in segment.pools.items():
        first, last = pool_ends(text)
        where = (*path, "pools", name)
        if first not in net or last not in net:
            yield Problem(where, f"{text} is not in {net}")
        elif first == net.network_address or last == net.broadcast_address:
            hint = "its first and last addresses are not for hosts"
            yield Problem(where, f"{text} reaches the ends of {net}", hint)
        for other, (low, high) in seen.items():
            if first <= high and low <= last:
                yield Problem(where, f"{text} overlaps pool {other}")
        seen[name] = (first, last)


def _subnet_problems(path: Path, segment: Segment) -> Iterator[Problem]:
    subnet = segment.subnet
    if subnet.prefixlen > _SMALLEST:
        yield Problem(path, f"{subnet} is too small", hint=f"at least a /{_SMALLEST}")
    elif subnet.prefixlen < _LARGEST:
        yield Problem(path, f"{subnet} is too large", hint=f"at most a /{_LARGEST}")
    elif segment.zone == "adversary" and not _within(subnet, DOCUMENTATION):
        hint = ", ".join(str(net) for net in DOCUMENTATION)
        yield Problem(path, f"{subnet} is not a documentation network", f"RFC 5737: {hint}")
    elif segment.zone != "adversary" and not _within(subnet, PRIVATE):
        hint = ", ".join(str(net) for net in PRIVATE)
        yield Problem(path, f"{subnet} is not a private network", f"RFC 1918: {hint}")


def _within(subnet: IPv4Network, networks: tuple[IPv4Network, ...]) -> bool:
    return any(subnet.subnet_of(network) for network in networks)


def _overlaps(topology: Topology) -> Iterator[Problem]:
    seen: dict[str, IPv4Network] = {}
    for name, segment in topology.segments.items():
        for other, subnet in seen.items():
            if segment.subnet.overlaps(subnet):
                message = f"{segment.subnet} overlaps {subnet} of segments.{other}"
                yield Problem(("segments", name, "subnet"), message)
        seen[name] = segment.subnet


def _place_problems(path: Path, subnet: IPv4Network, address: IPv4Address) -> Iterator[Problem]:
    if address not in subnet:
        yield Problem(path, f"{address} is not in {subnet}")
    elif address == subnet.network_address:
        yield Problem(path, f"{address} is the network's own address")
    elif address == subnet.broadcast_address:
        yield Problem(path, f"{address} is the broadcast address")
    elif address == subnet.broadcast_address - 1:
        yield Problem(path, f"{address} is kept for checks", hint="the last usable one always is")
