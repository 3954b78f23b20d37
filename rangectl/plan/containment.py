"""Judging a containment proof: what was reached, and what the structure leaves unexplained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Interface

from rangectl.plan.fabric import Attempt, Fabric, Link, Machine, Namespace, Structure
from rangectl.plan.spec import Nic

WAYS = ("tcp", "udp", "dns", "icmp", "ipv6", "raw", "broadcast")
_ALL_IPV6 = "net.ipv6.conf.all.disable_ipv6"
_DEFAULT_IPV6 = "net.ipv6.conf.default.disable_ipv6"
_FORWARD = "net.ipv4.ip_forward"
_SHORT = 15


def attempt_problems(fabric: Fabric, attempts: Iterable[Attempt]) -> tuple[str, ...]:
    """Return what was reached and must not be, and what makes the proof void."""
    attempts = tuple(attempts)
    leaks = [_leak(one) for one in attempts if one.reached and not one.control]
    return (*leaks, *_voids(fabric, attempts))


def _leak(attempt: Attempt) -> str:
    detail = f" ({attempt.detail})" if attempt.detail else ""
    return (
        f"leak: {attempt.host} in segment {attempt.segment} reached "
        f"{attempt.target} by {attempt.way}{detail}"
    )


def _voids(fabric: Fabric, attempts: Sequence[Attempt]) -> Iterator[str]:
    """Yield a line for every way of a host in a segment that was not shown to work."""
    shown: dict[tuple[str, str, str], bool] = {}
    for one in attempts:
        if one.control:
            key = (one.host, one.segment, one.way)
            shown[key] = shown.get(key, True) and one.reached
    for machine in fabric.machines:
        for nic in machine.spec.nics if machine.spec.kind != "client" else ():
            for way in WAYS:
                works = shown.get((machine.spec.name, nic.segment, way))
                if not works:
                    what = "was not tried" if works is None else "did not succeed"
                    yield (
                        f"void: {machine.spec.name} in segment {nic.segment}: the control of "
                        f"{way} {what}, so that its silence proves nothing"
                    )


def structure_problems(fabric: Fabric, structure: Structure) -> tuple[str, ...]:
    """Return what in the structure is not explained by the plan."""
    if structure.switch is None:
        return ("the switch's network could not be read",)
    spaces = dict(structure.machines)
    problems = [*_switch(structure.switch), *_ports(fabric, structure.switch, spaces)]
    for machine in fabric.machines:
        space = spaces.get(machine.spec.name)
        if space is None:
            problems.append(f"{machine.spec.name}: its network could not be read")
        else:
            problems += _machine(machine, space)
    return tuple(problems)


def _switch(switch: Namespace) -> Iterator[str]:
    for name, address in switch.addresses:
        if name != "lo":
            yield f"switch: {name} has the address {address}; a switch has none"
    for route in switch.routes:
        yield f"switch: it has a route: {route}"
    yield from _sysctls("switch", switch, forward=False)


def _sysctls(name: str, space: Namespace, *, forward: bool) -> Iterator[str]:
    wanted = {_FORWARD: "1" if forward else "0", _ALL_IPV6: "1", _DEFAULT_IPV6: "1"}
    found = dict(space.sysctls)
    for key, value in wanted.items():
        # Where the kernel has no IPv6 at all there is nothing to disable.
        have = found.get(key, value if key == _DEFAULT_IPV6 else "unknown")
        if have not in {value, "absent"} and not (key == _FORWARD and forward):
            yield f"{name}: {key} is {have}, not {value}"


@dataclass(frozen=True, slots=True)
class _End:
    """A planned NIC as it was found in its machine."""

    machine: str
    nic: Nic
    link: Link

    @property
    def key(self) -> tuple[str, str]:
        """Tell it from every other one."""
        return self.machine, self.nic.name


def _ports(fabric: Fabric, switch: Namespace, spaces: Mapping[str, Namespace]) -> Iterator[str]:
    """Match every interface of the switch with exactly one planned NIC, from both ends."""
    bridges = {link.index: link.name for link in switch.links if link.kind == "bridge"}
    planned = {_bridge_name(one, bridges.values()): one for one in fabric.bridges}
    yield from _bridges(set(bridges.values()), planned)
    ends = list(_ends(fabric, spaces))
    taken: set[tuple[str, str]] = set()
    for port in switch.links:
        if port.name == "lo" or port.index in bridges:
            continue
        end = _far_end(port, ends)
        if end is None or end.key in taken:
            yield f"switch: {port.name} ({port.kind or 'unknown'}) leads to no planned NIC"
            continue
        taken.add(end.key)
        where = planned.get(bridges.get(port.master or 0, ""), "no planned bridge")
        if where != end.nic.segment:
            yield f"{end.machine}: {end.nic.name} is plugged into {where}, not {end.nic.segment}"
    for end in ends:
        if end.key not in taken:
            yield f"{end.machine}: {end.nic.name} leads to somewhere else than the switch"


def _bridges(there: set[str], planned: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(there - planned.keys()):
        yield f"switch: the bridge {name} is not planned"
    for name, segment in planned.items():
        if name not in there:
            yield f"switch: segment {segment} has no bridge"


def _bridge_name(segment: str, names: Iterable[str]) -> str:
    """Return the bridge of a segment: its name, or one cut to fit that begins alike."""
    if len(segment) <= _SHORT:
        return segment
    return next((name for name in names if name.startswith(f"{segment[:8]}-")), segment)


def _ends(fabric: Fabric, spaces: Mapping[str, Namespace]) -> Iterator[_End]:
    for machine in fabric.machines:
        space = spaces.get(machine.spec.name)
        for nic in machine.spec.nics if space else ():
            for link in space.links if space else ():
                if link.name == nic.name:
                    yield _End(machine.spec.name, nic, link)


def _far_end(port: Link, ends: Sequence[_End]) -> _End | None:
    """Return the NIC that names this port as its other end, and is named by it."""
    for end in ends:
        if end.link.peer == port.index and port.peer == end.link.index:
            return end
    return None


def _machine(machine: Machine, space: Namespace) -> Iterator[str]:
    name = machine.spec.name
    nics = {nic.name: nic for nic in machine.spec.nics}
    there = {link.name for link in space.links}
    for extra in sorted(there - nics.keys() - {"lo"}):
        yield f"{name}: the interface {extra} is not planned"
    for nic in nics.values():
        if nic.name not in there:
            yield f"{name}: {nic.name} in segment {nic.segment} is missing"
    for device, address in space.addresses:
        if device != "lo" and (device not in nics or address != str(nics[device].address)):
            yield f"{name}: {device} has the address {address}, which is not planned"
    allowed = _routes(machine)
    for route in space.routes:
        if route not in allowed:
            yield f"{name}: the route {route} is not planned"
    yield from _sysctls(name, space, forward=machine.spec.kind == "router")


def _routes(machine: Machine) -> set[str]:
    """Return the routes a machine may have: to its segments, and the default one."""
    routes = set()
    for nic in machine.spec.nics:
        network = IPv4Interface(nic.address).network
        routes.add(f"{network} dev {nic.name}")
        routes.add(f"default via {machine.spec.gateway} dev {nic.name}")
    return routes
