"""Bringing the bridges and cables of one range to what is wanted, or telling what differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from rangectl.node.differences import Difference, of_addresses, of_cable, of_routes, of_switch
from rangectl.node.inits import GoneError, Init
from rangectl.node.netlink import Link, Netlink
from rangectl.node.values import Fabric, Machine, Nic, port_name, short

Inits = Mapping[str, Init]


def reconcile(fabric: Fabric, switch: Init, inits: Inits) -> tuple[list[str], dict[str, str]]:
    """Change what differs in the switch and in the machines that run.

    Return what was changed, and by name the machines that could not be wired, with the reason: what
    a root did to the network of one host keeps no other from being wired.
    """
    changed: list[str] = []
    troubles: dict[str, str] = {}
    with _inside(switch) as (_, net):
        links = _links(net)
        _settle(net, fabric, links, changed)
        bridges = _bridges(net.links())
        for machine in fabric.machines:
            if machine.container in inits:
                cabling = _Cabling(net, links, bridges, machine, changed)
                try:
                    cabling.reconcile(inits[machine.container])
                except GoneError:
                    continue
                except (OSError, KeyError) as error:
                    troubles[machine.name] = f"cannot be wired: {error}"
    return changed, troubles


def differences(fabric: Fabric, switch: Init, inits: Inits) -> list[Difference]:
    """Return what `reconcile` would change in the switch and in the machines that run."""
    with _inside(switch) as (_, net):
        ports = _links(net)
    bridges = _bridges(ports.values())
    found = of_switch(fabric, ports)
    for machine in fabric.machines:
        if machine.container in inits:
            try:
                found += _of_machine(machine, inits[machine.container], ports, bridges)
            except GoneError:
                continue
            except OSError as error:
                found.append(Difference(machine.name, "read", old=str(error)))
    return found


def _of_machine(
    machine: Machine, init: Init, ports: Mapping[str, Link], bridges: Mapping[str, int]
) -> list[Difference]:
    with _inside(init) as (_, host):
        nics = _links(host)
        held, routes = _held(host, nics), _defaults(host)
    found: list[Difference] = []
    for nic in machine.nics:
        port = ports.get(port_name(machine, nic))
        found += of_cable(machine, nic, nics.get(nic.name), port, bridges)
    anew = {one.what for one in found if one.do == "plug"}  # with these NICs go addresses, routes
    gone = {nics[name].index for name in anew if name in nics}
    kept = {name: texts for name, texts in held.items() if name not in anew}
    vias = [via for via, device in routes if device not in gone]
    return [*found, *of_addresses(machine, kept), *of_routes(machine, vias)]


@contextmanager
def _inside(init: Init) -> Iterator[tuple[int, Netlink]]:
    """Hold the network of a container open, and a socket into it."""
    with init.open("ns/net") as space, Netlink(space) as net:
        yield space, net


def _links(net: Netlink) -> dict[str, Link]:
    return {link.name: link for link in net.links()}


def _bridges(links: Iterable[Link]) -> dict[str, int]:
    return {link.name: link.index for link in links if link.kind == "bridge"}


def _held(host: Netlink, links: Mapping[str, Link]) -> dict[str, list[str]]:
    """Return the IPv4 addresses of each NIC."""
    names = {link.index: name for name, link in links.items()}
    held: dict[str, list[str]] = {}
    for index, text in host.addresses():
        if ":" not in text and index in names:
            held.setdefault(names[index], []).append(text)
    return held


def _defaults(host: Netlink) -> list[tuple[str, int | None]]:
    """Return the gateway and the interface of each default route."""
    routes = (route for route in host.routes() if route.target == "default")
    return [(route.via, route.device) for route in routes if route.via]


def _settle(net: Netlink, fabric: Fabric, links: dict[str, Link], changed: list[str]) -> None:
    """Remove from a switch what nobody wants, and bring its bridges up."""
    if "lo" in links and not links["lo"].up:
        net.set_link(links["lo"].index)
    for one in of_switch(fabric, links):
        if one.do == "remove":
            net.remove(links.pop(one.what).index)
        elif one.do == "add":
            net.add_bridge(short(one.what))
        else:
            net.set_link(links[short(one.what)].index)
        changed.append(one.done)


class _Cabling:
    """The cables of one machine."""

    def __init__(
        self,
        net: Netlink,
        ports: dict[str, Link],
        bridges: dict[str, int],
        machine: Machine,
        changed: list[str],
    ) -> None:
        self._net = net
        self._ports = ports
        self._bridges = bridges
        self._machine = machine
        self._changed = changed

    def reconcile(self, init: Init) -> None:
        """Bring the machine's NICs, addresses and default route to what is wanted."""
        with _inside(init) as (space, host):
            nics = _links(host)
            if "lo" in nics and not nics["lo"].up:
                host.set_link(nics["lo"].index)
            if [nic for nic in self._nics if self._cable(host, space, nic, nics.get(nic.name))]:
                nics = _links(host)
                for nic in self._nics:
                    host.set_link(nics[nic.name].index)
            self._addresses(host, nics)
            self._routes(host)

    @property
    def _nics(self) -> tuple[Nic, ...]:
        return self._machine.nics

    def _cable(self, host: Netlink, space: int, nic: Nic, there: Link | None) -> bool:
        """Bring one cable to what is wanted; return whether it was made."""
        port = self._ports.get(port_name(self._machine, nic))
        bridge = self._bridges[short(nic.segment)]
        for one in of_cable(self._machine, nic, there, port, self._bridges):
            if one.do == "plug":
                self._plug(host, space, nic, there)
            elif one.do == "move" and port is not None:
                self._net.set_link(port.index, bridge=bridge)
            elif there is not None:
                host.set_link(there.index, mac=nic.mac)
            self._changed.append(one.done)
            if one.do == "plug":
                return True
        return False

    def _plug(self, host: Netlink, space: int, nic: Nic, there: Link | None) -> None:
        """Make a cable in the place of the ends that there are."""
        name = port_name(self._machine, nic)
        port = self._ports.get(name)
        if port is not None:
            self._net.remove(port.index)
        if there is not None and there.index not in ({port.peer} if port else set()):
            host.remove(there.index)
        self._net.add_cable(name, self._bridges[short(nic.segment)], space, nic.name, nic.mac)

    def _addresses(self, host: Netlink, links: Mapping[str, Link]) -> None:
        index = {nic.name: links[nic.name].index for nic in self._nics}
        address = {nic.name: nic.address for nic in self._nics}
        for one in of_addresses(self._machine, _held(host, links)):
            if one.do == "take":
                host.remove_address(index[one.what], one.old)
            else:
                host.add_address(index[one.what], address[one.what])
            self._changed.append(one.done)

    def _routes(self, host: Netlink) -> None:
        for one in of_routes(self._machine, [via for via, _ in _defaults(host)]):
            host.default_route(one.old or one.new, remove=one.do == "unroute")
            self._changed.append(one.done)
