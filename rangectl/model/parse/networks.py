"""What a topology may not say of subnets and addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from rangectl.model.parse.problem import Problem
from rangectl.model.parse.yaml_nodes import Path
from rangectl.model.topology import Segment, Topology, expanded_names

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
            if host.count is not None and host.count > 1:
                yield Problem(path, f"{host.count} hosts cannot share one address")
            if address in owners:
                yield Problem(path, f"{address} is taken by {owners[address]}")
            owners.setdefault(address, host_name)
            yield from _place_problems(path, segment.subnet, address)


def room_problems(topology: Topology) -> Iterator[Problem]:
    """Yield segments with more hosts than addresses."""
    wanted: Counter[str] = Counter()
    for name, host in topology.hosts.items():
        for place in host.segments:
            wanted[place] += len(expanded_names(name, host))
    for name, segment in topology.segments.items():
        room = segment.subnet.num_addresses - 3
        if segment.subnet.prefixlen <= _SMALLEST and wanted[name] > room:
            message = f"{wanted[name]} hosts on a segment with room for {room}"
            hint = "the first, the last and the client's address are not for hosts"
            yield Problem(("segments", name, "subnet"), message, hint)


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
