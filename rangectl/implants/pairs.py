"""Which two hosts may hold a kind that needs two: the second is one that the first may reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from rangectl.implants.chooser import Chooser
from rangectl.model.catalogue import Second
from rangectl.plan import matrix
from rangectl.plan.spec import HostSpec, RangeSpec

_FREE = range(17_000, 28_000)
"""Ports that no service of a role has, below those that connections begin from."""
_KNOWN = 1024


@dataclass(frozen=True, slots=True)
class Pair:
    """Two hosts: `address` is where the first reaches the second, `back` whom the second sees then.

    `doors` are ports at which nothing else answers and which the routers let pass; none says that
    they let pass any.
    """

    first: HostSpec
    second: HostSpec
    address: IPv4Address
    back: IPv4Address
    doors: tuple[int, ...] = ()

    def door(self, choose: Chooser, taken: Callable[[str], bool]) -> int:
        """Return a port for something that listens on the second host, one that is not taken."""
        for _ in range(_MOST_DRAWN):
            port = choose.pick(self.doors or _FREE)
            if not taken(f"port {port}"):
                return port
        message = f"{self.second.name}: no port is left on which {self.first.name} reaches it"
        raise ValueError(message)


_MOST_DRAWN = 1000


def pairs(
    spec: RangeSpec, firsts: Sequence[HostSpec], seconds: Sequence[HostSpec], wanted: Second
) -> tuple[Pair, ...]:
    """Return every pair of these hosts of which the first may reach the second as is wanted."""
    routers = [host for host in spec.hosts if host.kind == "router"]
    return tuple(
        pair
        for first in firsts
        for second in seconds
        if first.name != second.name
        for pair in _pair(routers, first, second, wanted)
    )


def _pair(
    routers: Sequence[HostSpec], first: HostSpec, second: HostSpec, wanted: Second
) -> Iterator[Pair]:
    near = {nic.segment: nic.address.ip for nic in first.nics}
    shared = next((nic for nic in second.nics if nic.segment in near), None)
    if shared is not None:
        yield Pair(first, second, shared.address.ip, near[shared.segment])
        return
    address, back = second.nics[0].address.ip, first.nics[0].address.ip
    if wanted.over is not None:
        if matrix.allowed(routers, first, address, ("tcp", wanted.over)):
            yield Pair(first, second, address, back)
        return
    doors = tuple(_doors(routers, first, second))
    if doors:
        yield Pair(first, second, address, back, doors)


def _doors(routers: Sequence[HostSpec], first: HostSpec, second: HostSpec) -> Iterator[int]:
    """Yield the ports that somebody named in a policy, that pass, and that are nobody's there."""
    served = {service.port for service in second.services}
    named = {
        int(text.partition("/")[2])
        for router in routers
        for rule in router.policy
        for text in rule.allow
        if text.startswith("tcp/")
    }
    for port in sorted(named - served):
        passes = matrix.allowed(routers, first, second.nics[0].address.ip, ("tcp", port))
        if port >= _KNOWN and passes:
            yield port
