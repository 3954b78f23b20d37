"""The containment proof by reaching: every machine tries every way out, and its control."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from ipaddress import IPv4Address, IPv4Interface

from rangectl.node import host, spaces, witness
from rangectl.node.inits import GoneError, Init
from rangectl.node.netlink import Netlink
from rangectl.node.reach import Reach
from rangectl.node.trials import Aims, Trial
from rangectl.node.values import Fabric, Json, Machine, short
from rangectl.node.witness import Witness

_MOST_THREADS = 64


def run(
    fabric: Fabric,
    other: Fabric | None,
    outside: IPv4Address,
    name: str,
    inits: Mapping[str, Init],
) -> list[Json]:
    """Make all attempts from every machine but the client at once."""
    with ExitStack() as stack:
        switch = stack.enter_context(inits[fabric.switch].open("ns/net"))
        mine = stack.enter_context(_witnesses(switch, fabric, _free(fabric, other, 0)))
        theirs = stack.enter_context(_other(fabric, other, inits))
        aims = Aims(
            fabric=fabric,
            host=host.look(),
            outside=outside,
            name=name,
            mine=mine,
            other=theirs,
            bridges=_bridge_macs(switch, fabric),
            planned=_planned(fabric) | {str(one.address) for one in mine.values()},
            nonce=os.urandom(8),
        )
        trials = _all(fabric, aims, inits)
        trials += _heard(fabric, aims)
    return [trial.plain() for trial in trials]


def _planned(fabric: Fabric) -> frozenset[str]:
    nics = (nic for machine in fabric.machines for nic in machine.nics)
    return frozenset(str(nic.address.ip) for nic in nics)


def _free(fabric: Fabric, other: Fabric | None, skip: int) -> dict[str, IPv4Interface]:
    """Return for each segment an address that neither range uses, the last but `skip`."""
    used = _planned(fabric) | (_planned(other) if other else frozenset())
    used |= {machine.gateway for machine in fabric.machines if machine.gateway}
    found = {}
    for segment in fabric.bridges:
        net = fabric.subnet(segment)
        if net is None:
            continue
        free = []
        for number in range(net.num_addresses - 2, 0, -1):
            if str(net[number]) not in used:
                free.append(net[number])
            if len(free) > skip:
                found[segment] = IPv4Interface(f"{free[skip]}/{net.prefixlen}")
                break
    return found


@contextmanager
def _witnesses(
    switch: int, fabric: Fabric, addresses: dict[str, IPv4Interface]
) -> Iterator[dict[str, Witness]]:
    with Netlink(switch) as net:
        indexes = {link.name: link.index for link in net.links() if link.kind == "bridge"}
    bridges = {one: indexes[short(one)] for one in fabric.bridges if short(one) in indexes}
    there = {segment: address for segment, address in addresses.items() if segment in bridges}
    with witness.plugged(switch, bridges, there) as made:
        yield made


@contextmanager
def _other(
    fabric: Fabric, other: Fabric | None, inits: Mapping[str, Init]
) -> Iterator[dict[str, Witness]]:
    """Plug witnesses into the second range, or into a throwaway one."""
    addresses = _free(fabric, other, 1)
    with ExitStack() as stack:
        if other is not None and other.switch in inits:
            switch = stack.enter_context(inits[other.switch].open("ns/net"))
            yield stack.enter_context(_witnesses(switch, other, addresses))
            return
        switch = spaces.new_network()
        stack.callback(os.close, switch)
        with Netlink(switch) as net:
            for segment in fabric.bridges:
                net.add_bridge(short(segment))
        yield stack.enter_context(_witnesses(switch, fabric, addresses))


def _bridge_macs(switch: int, fabric: Fabric) -> dict[str, str]:
    with Netlink(switch) as net:
        macs = {link.name: link.mac for link in net.links() if link.kind == "bridge"}
    return {one: macs[short(one)] for one in fabric.bridges if short(one) in macs}


def _all(fabric: Fabric, aims: Aims, inits: Mapping[str, Init]) -> list[Trial]:
    machines = [one for one in fabric.machines if one.kind != "client"]

    def one(machine: Machine) -> list[Trial]:
        try:
            return Reach(machine, aims).run(inits[machine.container])
        except (KeyError, GoneError):
            return []

    with ThreadPoolExecutor(_MOST_THREADS) as pool:
        return [trial for trials in pool.map(one, machines) for trial in trials]


def _heard(fabric: Fabric, aims: Aims) -> list[Trial]:
    """Say of every machine's broadcast whether it was heard here, as it must, and there."""
    here = {segment: _marks(one, aims) for segment, one in aims.mine.items()}
    there = set().union(*(_marks(one, aims) for one in aims.other.values()))
    trials = []
    for machine in fabric.machines:
        for nic in machine.nics if machine.kind != "client" else ():
            mark = f"{machine.name} {nic.name}"
            control = Trial(machine.name, nic.segment, "broadcast", "the witness", control=True)
            if mark in here.get(nic.segment, set()):
                control.mark("heard")
            leak = Trial(machine.name, nic.segment, "broadcast", "the other range")
            if mark in there:
                leak.mark("heard")
            trials += [control, leak]
    return trials


def _marks(one: Witness, aims: Aims) -> set[str]:
    """Return the marks of the broadcasts a witness heard in this run."""
    bodies = [body for body in one.nonces() if body[:8] == aims.nonce]
    return {body[9 : 9 + body[8]].decode(errors="replace") for body in bodies}
