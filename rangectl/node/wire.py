"""Bringing the bridges and cables of one range to what is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack

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
    with switch.open("ns/net") as space, Netlink(space) as net:
        links = {link.name: link for link in net.links()}
        _remove_strangers(net, fabric, links, changed)
        _add_bridges(net, fabric, links, changed)
        bridges = {link.name: link.index for link in net.links() if link.kind == "bridge"}
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


def _remove_strangers(
    net: Netlink, fabric: Fabric, links: dict[str, Link], changed: list[str]
) -> None:
    wanted = {short(name) for name in fabric.bridges}
    wanted |= {port_name(machine, nic) for machine in fabric.machines for nic in machine.nics}
    for link in [link for link in links.values() if link.kind in {"bridge", "veth"}]:
        if link.name not in wanted:
            net.remove(link.index)
            del links[link.name]
            changed.append(f"removed {link.kind} {link.name}")


def _add_bridges(net: Netlink, fabric: Fabric, links: dict[str, Link], changed: list[str]) -> None:
    if "lo" in links and not links["lo"].up:
        net.set_link(links["lo"].index)
    for segment in fabric.bridges:
        link = links.get(short(segment))
        if link is None:
            net.add_bridge(short(segment))
            changed.append(f"added bridge {segment}")
        elif not link.up:
            net.set_link(link.index)
            changed.append(f"raised bridge {segment}")


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
        with ExitStack() as stack:
            space = stack.enter_context(init.open("ns/net"))
            host = stack.enter_context(Netlink(space))
            nics = {link.name: link for link in host.links()}
            if "lo" in nics and not nics["lo"].up:
                host.set_link(nics["lo"].index)
            if [nic for nic in self._nics if self._cable(host, space, nic, nics.get(nic.name))]:
                nics = {link.name: link for link in host.links()}
                for nic in self._nics:
                    host.set_link(nics[nic.name].index)
            self._addresses(host, nics)
            self._default_route(host)

    @property
    def _nics(self) -> tuple[Nic, ...]:
        return self._machine.nics

    def _say(self, what: str) -> None:
        self._changed.append(f"{self._machine.name}: {what}")

    def _cable(self, host: Netlink, space: int, nic: Nic, there: Link | None) -> bool:
        """Make a cable where none leads from this NIC to its port; return whether it was made."""
        name = port_name(self._machine, nic)
        port = self._ports.get(name)
        if there is not None and port is not None and _joined(there, port):
            self._adjust(host, nic, there, port)
            return False
        if port is not None:
            self._net.remove(port.index)
        if there is not None and there.index not in ({port.peer} if port else set()):
            host.remove(there.index)
        self._net.add_cable(name, self._bridges[short(nic.segment)], space, nic.name, nic.mac)
        self._say(f"plugged {nic.name} into {nic.segment}")
        return True

    def _adjust(self, host: Netlink, nic: Nic, there: Link, port: Link) -> None:
        bridge = self._bridges[short(nic.segment)]
        if port.master != bridge or not port.up:
            self._net.set_link(port.index, bridge=bridge)
            self._say(f"moved {nic.name} to {nic.segment}")
        if there.mac != nic.mac or not there.up:
            host.set_link(there.index, mac=nic.mac)
            self._say(f"corrected {nic.name}")

    def _addresses(self, host: Netlink, links: dict[str, Link]) -> None:
        held = host.addresses()
        for nic in self._nics:
            index = links[nic.name].index
            wanted = str(nic.address)
            have = [text for where, text in held if where == index and ":" not in text]
            for text in have:
                if text != wanted:
                    host.remove_address(index, text)
                    self._say(f"took {text} from {nic.name}")
            if wanted not in have:
                host.add_address(index, nic.address)
                self._say(f"gave {wanted} to {nic.name}")

    def _default_route(self, host: Netlink) -> None:
        have = [r.via for r in host.routes() if r.target == "default" and r.via]
        wanted = self._machine.gateway
        for via in have:
            if via != wanted:
                host.default_route(via, remove=True)
                self._say(f"removed the route over {via}")
        if wanted and wanted not in have:
            host.default_route(wanted)
            self._say(f"routed over {wanted}")


def _joined(one: Link, other: Link) -> bool:
    """Whether two interfaces in two namespaces are the ends of one cable."""
    return (
        one.peer == other.index
        and other.peer == one.index
        and one.space is not None
        and other.space is not None
    )
