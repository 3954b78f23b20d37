"""Judging containment proofs."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface

import pytest

from rangectl.model.topology import Limits
from rangectl.plan.containment import WAYS, attempt_problems, structure_problems
from rangectl.plan.fabric import Attempt, Fabric, Link, Machine, Namespace, Structure
from rangectl.plan.spec import HostKind, HostSpec, Nic, RangeId

SYSCTLS = (
    ("net.ipv4.ip_forward", "0"),
    ("net.ipv6.conf.all.disable_ipv6", "1"),
    ("net.ipv6.conf.default.disable_ipv6", "1"),
)
LO = Link(1, "lo", "", "00:00:00:00:00:00", up=True)
LOOPBACK = ("lo", "127.0.0.1/8")


def machine(name: str, address: str, kind: HostKind = "host") -> Machine:
    nic = Nic("eth0", "office", IPv4Interface(address), "02:00:00:00:00:01")
    gateway = IPv4Address("10.20.1.1")
    spec = HostSpec(name, kind, "debian", (), "systemd", (nic,), gateway, (), (), Limits())
    return Machine(f"id-{name}", spec)


FABRIC = Fabric(
    RangeId("minimal", "alder"),
    "id-switch",
    ("office",),
    (machine("web01", "10.20.1.10/24"), machine("client", "10.20.1.250/24", "client")),
)


def space(address: str, port: int) -> Namespace:
    nic = Link(2, "eth0", "veth", "02:00:00:00:00:01", up=True, peer=port)
    routes = ("default via 10.20.1.1 dev eth0", "10.20.1.0/24 dev eth0")
    return Namespace((LO, nic), (LOOPBACK, ("eth0", address)), routes, SYSCTLS)


SWITCH = Namespace(
    (
        LO,
        Link(2, "office", "bridge", "", up=True),
        Link(3, "web01.eth0", "veth", "", up=True, peer=2, master=2),
        Link(4, "client.eth0", "veth", "", up=True, peer=2, master=2),
    ),
    (LOOPBACK,),
    (),
    SYSCTLS,
)
WEB = space("10.20.1.10/24", 3)
CLIENT = space("10.20.1.250/24", 4)


def judged(switch: Namespace | None = SWITCH, web: Namespace | None = WEB) -> tuple[str, ...]:
    machines = (("web01", web), ("client", CLIENT))
    there = tuple((name, one) for name, one in machines if one is not None)
    return structure_problems(FABRIC, Structure(switch, there))


def test_a_fabric_as_planned_has_no_problem() -> None:
    assert judged() == ()


def test_a_switch_that_cannot_be_read_proves_nothing() -> None:
    assert judged(switch=None) == ("the switch's network could not be read",)


def test_a_machine_that_cannot_be_read_is_named() -> None:
    assert "web01: its network could not be read" in judged(web=None)


def test_an_address_in_the_switch_is_a_problem() -> None:
    switch = replace(SWITCH, addresses=(LOOPBACK, ("office", "10.20.1.1/24")))
    assert judged(switch) == ("switch: office has the address 10.20.1.1/24; a switch has none",)


def test_a_route_in_the_switch_is_a_problem() -> None:
    assert judged(replace(SWITCH, routes=("default via 10.0.0.1 dev office",))) == (
        "switch: it has a route: default via 10.0.0.1 dev office",
    )


@pytest.mark.parametrize("peer", [None, 9])
def test_a_port_whose_other_end_is_elsewhere_is_a_problem(peer: int | None) -> None:
    extra = Link(5, "uplink", "veth", "", up=True, peer=peer, master=2)
    found = judged(replace(SWITCH, links=(*SWITCH.links, extra)))
    assert found == ("switch: uplink (veth) leads to no planned NIC",)


def test_a_second_port_cannot_hide_behind_a_planned_nic() -> None:
    twin = replace(SWITCH.links[2], name="twin")
    found = judged(replace(SWITCH, links=(*SWITCH.links, twin)))
    assert found == ("switch: twin (veth) leads to no planned NIC",)


def test_a_nic_of_the_right_name_that_leads_elsewhere_is_a_problem() -> None:
    stray = replace(WEB, links=(LO, replace(WEB.links[1], peer=None)))
    assert "web01: eth0 leads to somewhere else than the switch" in judged(web=stray)


def test_a_nic_in_the_wrong_segment_is_a_problem() -> None:
    kit = Link(9, "kit", "bridge", "", up=True)
    moved = replace(SWITCH.links[2], master=9)
    links = (*SWITCH.links[:2], moved, SWITCH.links[3], kit)
    found = judged(replace(SWITCH, links=links))
    assert "switch: the bridge kit is not planned" in found
    assert "web01: eth0 is plugged into no planned bridge, not office" in found


def test_an_interface_that_nobody_planned_is_a_problem() -> None:
    extra = Link(3, "eth1", "veth", "", up=True, peer=77)
    found = judged(web=replace(WEB, links=(*WEB.links, extra)))
    assert found == ("web01: the interface eth1 is not planned",)


def test_an_address_that_nobody_planned_is_a_problem() -> None:
    more = replace(WEB, addresses=(*WEB.addresses, ("eth0", "fe80::1/64")))
    assert judged(web=more) == ("web01: eth0 has the address fe80::1/64, which is not planned",)


def test_a_route_that_nobody_planned_is_a_problem() -> None:
    more = replace(WEB, routes=(*WEB.routes, "192.0.2.1/32 via 10.20.1.9 dev eth0"))
    assert judged(web=more) == (
        "web01: the route 192.0.2.1/32 via 10.20.1.9 dev eth0 is not planned",
    )


def test_a_host_that_forwards_is_a_problem() -> None:
    forwards = (("net.ipv4.ip_forward", "1"), *SYSCTLS[1:])
    assert judged(web=replace(WEB, sysctls=forwards)) == ("web01: net.ipv4.ip_forward is 1, not 0",)


def test_ipv6_that_was_switched_on_is_a_problem() -> None:
    with_ipv6 = (SYSCTLS[0], ("net.ipv6.conf.all.disable_ipv6", "0"), SYSCTLS[2])
    assert judged(replace(SWITCH, sysctls=with_ipv6)) == (
        "switch: net.ipv6.conf.all.disable_ipv6 is 0, not 1",
    )


def attempt(way: str = "tcp", *, control: bool = False, reached: bool = False) -> Attempt:
    target = "10.20.1.254:8080" if control else "192.0.2.1:80"
    return Attempt("web01", "office", way, target, control, reached)


CONTROLS = tuple(attempt(way, control=True, reached=True) for way in WAYS)


def test_silence_after_working_controls_is_a_proof() -> None:
    assert attempt_problems(FABRIC, (*CONTROLS, *(attempt(way) for way in WAYS))) == ()


def test_what_was_reached_is_a_leak_in_words() -> None:
    found = attempt_problems(FABRIC, (*CONTROLS, attempt("tcp", reached=True)))
    assert found == ("leak: web01 in segment office reached 192.0.2.1:80 by tcp",)


def test_a_control_that_failed_makes_its_way_void() -> None:
    (found,) = attempt_problems(FABRIC, (*CONTROLS[1:], attempt("tcp", control=True)))
    assert found.startswith("void: web01 in segment office: the control of tcp did not succeed")


def test_a_control_that_was_not_made_makes_its_way_void() -> None:
    (found,) = attempt_problems(FABRIC, CONTROLS[1:])
    assert "the control of tcp was not tried" in found
