"""A topology as something to draw: segments by zone, cards of hosts, what routers let pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from rangectl.model.topology import BuiltIn, Host, Topology, Zone, built_in, expanded_names
from rangectl.plan.addresses import Place, allocate, pools_of
from rangectl.plan.expand import expand

MANY = 3
"""So many hosts of one entry are drawn as a stack."""

_EVERYWHERE = "base"
_CALLED = ("boot_title", "boot_model")
_ORDER: tuple[Zone, ...] = ("adversary", "partner", "hunt")


@dataclass(frozen=True, slots=True)
class Nic:
    """Where a card is on a segment; a stack has several addresses there."""

    segment: str
    addresses: tuple[IPv4Address, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One host, or a stack of hosts alike; `serves` is what they are for, in few words."""

    title: str
    kind: BuiltIn
    serves: tuple[str, ...]
    nics: tuple[Nic, ...]
    size: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """One segment."""

    name: str
    zone: Zone
    subnet: str


@dataclass(frozen=True, slots=True)
class Pass:
    """One thing that a router lets pass."""

    router: str
    source: str
    target: str
    allow: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """All there is to draw; segments in the order of their zones, the adversary's first."""

    name: str
    description: str
    lines: tuple[Line, ...]
    cards: tuple[Card, ...]
    passes: tuple[Pass, ...]

    @property
    def rules(self) -> tuple[str, ...]:
        """What routers let pass, in few words: the same from or to several segments is one line."""
        routers = {one.router for one in self.passes}
        lines: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
        for (router, source, allow), targets in _grouped(self.passes).items():
            lines.setdefault((router, tuple(targets), _ports(allow)), []).append(source)
        return tuple(
            f"{', '.join(sources)} → {', '.join(targets)}: {allow}"
            + (f" ({router})" if len(routers) > 1 else "")
            for (router, targets, allow), sources in lines.items()
        )


def _grouped(passes: tuple[Pass, ...]) -> dict[tuple[str, str, tuple[str, ...]], list[str]]:
    found: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for one in passes:
        found.setdefault((one.router, one.source, one.allow), []).append(one.target)
    return found


def _ports(allow: tuple[str, ...]) -> str:
    """Write `tcp/22, tcp/80, icmp` as `tcp 22 80, icmp`."""
    found: dict[str, list[str]] = {}
    for term in allow:
        protocol, _, port = term.partition("/")
        found.setdefault(protocol, []).extend([port] if port else [])
    return ", ".join(" ".join((protocol, *ports)) for protocol, ports in found.items())


def graph(topology: Topology) -> Graph:
    """Return what a drawing of a topology shows, with the addresses that a fresh range has."""
    subnets = {name: segment.subnet for name, segment in topology.segments.items()}
    addresses = allocate(expand(topology), subnets, {}, pools_of(topology))
    lines = (
        Line(name, segment.zone, str(segment.subnet)) for name, segment in topology.segments.items()
    )
    cards = (
        _card(host, names, addresses)
        for entry, host in topology.hosts.items()
        for names in _shown(entry, host)
    )
    passes = (
        Pass(entry, rule.from_, rule.to, rule.allow)
        for entry, host in topology.hosts.items()
        for rule in host.policy
    )
    ranked = sorted(lines, key=lambda line: _ORDER.index(line.zone))
    return Graph(topology.name, topology.description, tuple(ranked), tuple(cards), tuple(passes))


def _shown(entry: str, host: Host) -> tuple[tuple[str, ...], ...]:
    """Return the names on each card of an entry."""
    names = expanded_names(entry, host)
    return (names,) if len(names) >= MANY else tuple((name,) for name in names)


def _card(
    host: Host,
    names: tuple[str, ...],
    addresses: Mapping[Place, IPv4Address],
) -> Card:
    title = names[0] if len(names) == 1 else f"{names[0]} .. {names[-1]}"
    nics = tuple(
        Nic(segment, tuple(addresses[name, segment] for name in names)) for segment in host.segments
    )
    return Card(title, built_in(host.kind), _serves(host), nics, len(names))


def _serves(host: Host) -> tuple[str, ...]:
    """Return what an application or a device calls itself, else the names of the host's roles.

    The role that all have goes without saying.
    """
    called = [role.vars[name] for role in host.roles for name in _CALLED if name in role.vars]
    named = [role.name for role in host.roles]
    own = [name for name in named if name != _EVERYWHERE]
    return tuple(str(name) for name in called) or tuple(own or named)
