"""Reading the fabric from both ends of every cable."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from rangectl.node import spaces
from rangectl.node.inits import GoneError, Init
from rangectl.node.netlink import Link, Netlink, Route
from rangectl.node.values import Fabric, Json

_SYSCTLS = (
    "net.ipv4.ip_forward",
    "net.ipv6.conf.all.disable_ipv6",
    "net.ipv6.conf.default.disable_ipv6",
)


def read(fabric: Fabric, inits: Mapping[str, Init]) -> Json:
    """Return the namespaces of the switch and of every machine that runs."""
    with ExitStack() as stack:
        spots: dict[str, int] = {}
        for container, init in inits.items():
            try:
                spots[container] = stack.enter_context(init.open("ns/net"))
            except GoneError:
                continue
        switch = spots.pop(fabric.switch, None)
        names = {machine.container: machine.name for machine in fabric.machines}
        machines = [
            (names[container], _namespace(spot, [] if switch is None else [switch]))
            for container, spot in spots.items()
        ]
        whole = None if switch is None else _namespace(switch, list(spots.values()))
        return {"switch": whole, "machines": machines}


def _namespace(space: int, others: list[int]) -> Json:
    """Read a namespace; a cable's other end counts only where it lies in one of the others."""
    with Netlink(space) as net:
        known = {number for other in others if (number := net.space(other)) is not None}
        links = net.links()
        names = {link.index: link.name for link in links}
        addresses = [(names.get(index, str(index)), text) for index, text in net.addresses()]
        routes = [_route_text(route, names) for route in net.routes()]
    return {
        "links": [_link(link, known) for link in links],
        "addresses": addresses,
        "routes": routes,
        "sysctls": _sysctls(space),
    }


def _link(link: Link, known: set[int]) -> Json:
    return {
        "index": link.index,
        "name": link.name,
        "kind": link.kind,
        "mac": link.mac,
        "up": link.up,
        "peer": link.peer if link.space in known else None,
        "master": link.master,
    }


def _route_text(route: Route, names: Mapping[int, str]) -> str:
    text = route.target
    text += f" via {route.via}" if route.via else ""
    text += f" dev {names.get(route.device, route.device)}" if route.device else ""
    return text if route.table == 254 else f"{text} table {route.table}"


def _sysctls(space: int) -> list[tuple[str, str]]:
    with spaces.inside(space):
        return [(name, _sysctl(name)) for name in _SYSCTLS]


def _sysctl(name: str) -> str:
    path = Path("/proc/sys") / name.replace(".", "/")
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return "absent"
