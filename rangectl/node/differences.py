"""How the wiring of a range differs from what is wanted: decided from what was read, and not done.

Wiring carries these out one after the other, and a plan tells them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rangectl.node.netlink import Link
from rangectl.node.values import Fabric, Machine, Nic, port_name, short

Do = Literal[
    "remove", "add", "raise", "plug", "move", "correct", "take", "give", "unroute", "route", "read"
]
_DONE: dict[Do, str] = {
    "remove": "removed {old} {what}",
    "add": "added bridge {what}",
    "raise": "raised bridge {what}",
    "plug": "plugged {what} into {new}",
    "move": "moved {what} to {new}",
    "correct": "corrected {what}",
    "take": "took {old} from {what}",
    "give": "gave {new} to {what}",
    "unroute": "removed the route over {old}",
    "route": "routed over {new}",
    "read": "could not be read: {old}",
}
_FIELD: dict[Do, str] = {
    "remove": "{what}: {old} -> none",
    "add": "{what}: none -> bridge",
    "raise": "{what}: down -> up",
    "plug": "{what}.cable: {old} -> {new}",
    "move": "{what}.segment: {old} -> {new}",
    "correct": "{what}: {old} -> {new}",
    "take": "{what}.address: {old} -> none",
    "give": "{what}.address: none -> {new}",
    "unroute": "gateway: {old} -> none",
    "route": "gateway: none -> {new}",
    "read": "cannot be read: {old}",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as wanted, and what mends it; `machine` is empty for the switch."""

    machine: str
    do: Do
    what: str = ""
    old: str = ""
    new: str = ""

    @property
    def done(self) -> str:
        """What was done, once it is mended."""
        said = _DONE[self.do].format(what=self.what, old=self.old, new=self.new)
        return f"{self.machine}: {said}" if self.machine else said

    @property
    def field(self) -> str:
        """What is there, and what is wanted."""
        return _FIELD[self.do].format(what=self.what, old=self.old, new=self.new)


def of_switch(fabric: Fabric, links: Mapping[str, Link]) -> list[Difference]:
    """Return what nobody wants in a switch, and the bridges that are missing or down."""
    wanted = {short(name) for name in fabric.bridges}
    wanted |= {port_name(machine, nic) for machine in fabric.machines for nic in machine.nics}
    strangers = (
        link
        for link in links.values()
        if link.kind in {"bridge", "veth"} and link.name not in wanted
    )
    found = [Difference("", "remove", link.name, link.kind) for link in strangers]
    for segment in fabric.bridges:
        link = links.get(short(segment))
        if link is None:
            found.append(Difference("", "add", segment))
        elif not link.up:
            found.append(Difference("", "raise", segment))
    return found


def of_cable(
    machine: Machine,
    nic: Nic,
    there: Link | None,
    port: Link | None,
    bridges: Mapping[str, int],
) -> list[Difference]:
    """Return what differs of a cable: from the NIC, if there is one, to its port on a bridge."""
    name = machine.name
    if there is None or port is None or not _joined(there, port):
        ends = [what for what, end in (("a NIC", there), ("a port", port)) if end is not None]
        old = f"{' and '.join(ends)}, not joined" if ends else "none"
        return [Difference(name, "plug", nic.name, old, nic.segment)]
    found = []
    bridge = bridges.get(short(nic.segment))
    if port.master != bridge or not port.up:
        named = next((one for one, index in bridges.items() if index == port.master), "none")
        old = named if port.up else f"{named}, down"
        found.append(Difference(name, "move", nic.name, old, nic.segment))
    if there.mac != nic.mac:
        found.append(Difference(name, "correct", nic.name, there.mac, nic.mac))
    elif not there.up:
        found.append(Difference(name, "correct", nic.name, "down", "up"))
    return found


def of_addresses(machine: Machine, held: Mapping[str, Sequence[str]]) -> list[Difference]:
    """Return the IPv4 addresses that a machine's NICs have too many, or lack."""
    found = []
    for nic in machine.nics:
        wanted, have = str(nic.address), held.get(nic.name, ())
        found += [
            Difference(machine.name, "take", nic.name, text) for text in have if text != wanted
        ]
        if wanted not in have:
            found.append(Difference(machine.name, "give", nic.name, new=wanted))
    return found


def of_routes(machine: Machine, gateways: Sequence[str]) -> list[Difference]:
    """Return the default routes that a machine has too many, or lacks."""
    wanted = machine.gateway
    found = [Difference(machine.name, "unroute", old=via) for via in gateways if via != wanted]
    if wanted and wanted not in gateways:
        found.append(Difference(machine.name, "route", new=wanted))
    return found


def _joined(one: Link, other: Link) -> bool:
    """Whether two interfaces in two namespaces are the ends of one cable."""
    return (
        one.peer == other.index
        and other.peer == one.index
        and one.space is not None
        and other.space is not None
    )
