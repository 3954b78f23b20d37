"""Who may reach whom in a range, as its routers' policies say, and whether it is so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from itertools import permutations
from typing import Literal

from rangectl.plan.spec import HostSpec, Nic, RangeSpec

Protocol = Literal["tcp", "udp", "icmp"]
Term = tuple[Protocol, int]

_MOST, _OF_A_SEGMENT, _SHOWN = 1500, 12, 20
_STRANGE: Term = ("tcp", 44321)
_ALWAYS: tuple[Term, ...] = (("tcp", 22), ("udp", 53), ("icmp", 0), _STRANGE)


@dataclass(frozen=True, slots=True)
class Crossing:
    """One way from a host to another, and whether the policy lets it be taken."""

    source: str
    target: str
    address: IPv4Address
    protocol: Protocol
    port: int
    allowed: bool

    def __str__(self) -> str:
        """Write it as one reads it: FROM to TARGET PROTOCOL/PORT."""
        port = "" if self.protocol == "icmp" else f"/{self.port}"
        return f"{self.source} to {self.target} {self.protocol}{port}"


@dataclass(frozen=True, slots=True)
class Try:
    """A crossing as it is tried, between containers; one that is `awaited` gets more time."""

    source: str
    target: str
    address: str
    protocol: str
    port: int
    awaited: bool


@dataclass(frozen=True, slots=True)
class Crossed:
    """What became of a try: `reached` with an answer, or whether a packet at least `arrived`."""

    reached: bool
    arrived: bool
    detail: str = ""


def matrix(spec: RangeSpec, most: int = _MOST) -> tuple[Crossing, ...]:
    """Return who may reach whom on which port, and who may not, at most so many crossings.

    Every pair of segments and every port that is named in a policy is in it, and beside them
    ports that nobody named. Of large segments some hosts stand for all. Routers themselves are
    not dialled.
    """
    routers = [host for host in spec.hosts if host.kind == "router"]
    lanes: dict[object, list[Crossing]] = {}
    for source, target in permutations(_some(spec.hosts), 2):
        near = _shared(source, target)
        nic = near or target.nics[0]
        for what in _neighbourly(target) if near else _terms(target, routers):
            open_ = bool(near) or allowed(routers, source, nic.address.ip, what)
            made = Crossing(source.name, target.name, nic.address.ip, *what, open_)
            lanes.setdefault((source.nics[0].segment, nic.segment, what), []).append(made)
    return tuple(_round_robin([sorted(lane, key=_shuffled) for lane in lanes.values()], most))


def allowed(
    routers: Iterable[HostSpec], source: HostSpec, address: IPv4Address, what: Term
) -> bool:
    """Return whether the router of the source's first segment lets this through to an address."""
    for router in routers:
        if source.gateway not in {nic.address.ip for nic in router.nics}:
            continue
        out = next((nic for nic in router.nics if address in nic.address.network), None)
        return out is not None and any(
            (rule.from_, rule.to) == (source.nics[0].segment, out.segment)
            and any(_covers(one, what) for one in rule.allow)
            for rule in router.policy
        )
    return False


def problems(crossings: Sequence[Crossing], results: Sequence[Crossed]) -> tuple[str, ...]:
    """Return one line for each crossing that did not end as the policy says."""
    lines = [
        line
        for crossing, result in zip(crossings, results, strict=True)
        if (line := _problem(crossing, result))
    ]
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return (*lines[:_SHOWN], *more)


def _problem(crossing: Crossing, result: Crossed) -> str | None:
    if crossing.allowed and not result.reached:
        how = "it arrived, and no answer came back" if result.arrived else "it never arrived"
        detail = f": {result.detail}" if result.detail else ""
        return f"{crossing}: allowed, but {how}{detail}"
    if not crossing.allowed and (result.reached or result.arrived):
        return f"{crossing}: not allowed, but it arrived"
    return None


def _some(hosts: Sequence[HostSpec]) -> list[HostSpec]:
    """Return the hosts to try, some of each segment where there are many."""
    of_segment: dict[str, list[HostSpec]] = {}
    for host in hosts:
        if host.kind in {"host", "kit"} and host.nics:
            of_segment.setdefault(host.nics[0].segment, []).append(host)
    lists = (sorted(mine, key=_shuffled)[:_OF_A_SEGMENT] for mine in of_segment.values())
    return [host for mine in lists for host in mine]


def _shuffled(one: Crossing | HostSpec) -> str:
    """Return a key that puts things in an order which is always the same, and favours nobody."""
    name = one.name if isinstance(one, HostSpec) else str(one)
    return hashlib.sha256(name.encode()).hexdigest()


def _shared(source: HostSpec, target: HostSpec) -> Nic | None:
    mine = {nic.segment for nic in source.nics}
    return next((nic for nic in target.nics if nic.segment in mine), None)


def _neighbourly(target: HostSpec) -> tuple[Term, ...]:
    """Return what is tried among neighbours, whom no router parts: one port will do."""
    ports = [service.port for service in target.services]
    return (("tcp", ports[0] if ports else 22),)


def _terms(target: HostSpec, routers: Iterable[HostSpec]) -> tuple[Term, ...]:
    named = [
        _read(text)
        for router in routers
        for rule in router.policy
        for text in rule.allow
        if "/" in text
    ]
    offered: list[Term] = [("tcp", service.port) for service in target.services]
    return tuple(dict.fromkeys([*named, *offered, *_ALWAYS]))


def term(protocol: str, port: int) -> Term:
    """Return what is tried, by protocol and port; `icmp` has none."""
    return ("udp" if protocol == "udp" else "icmp" if protocol == "icmp" else "tcp", port)


def _read(text: str) -> Term:
    protocol, _, port = text.partition("/")
    return term(protocol, int(port))


def _covers(rule: str, what: Term) -> bool:
    return rule == "any" or (rule == what[0] if "/" not in rule else _read(rule) == what)


def _round_robin(lanes: Sequence[Sequence[Crossing]], most: int) -> Iterator[Crossing]:
    """Yield the first of every lane, then the second of every lane, and so on, up to a number."""
    left = most
    for place in range(max(map(len, lanes), default=0)):
        for lane in lanes:
            if place < len(lane) and left > 0:
                left -= 1
                yield lane[place]


def tries(crossings: Sequence[Crossing], containers: Mapping[str, str]) -> tuple[Try, ...]:
    """Return the crossings as they are tried between these containers (id by host)."""
    return tuple(
        Try(
            source=containers[one.source],
            target=containers[one.target],
            address=str(one.address),
            protocol=one.protocol,
            port=one.port,
            awaited=one.allowed,
        )
        for one in crossings
    )
