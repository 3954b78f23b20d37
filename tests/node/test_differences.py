"""What differs of cables, addresses and routes, decided without a network."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Interface

from rangectl.node.differences import Difference, of_addresses, of_cable, of_routes, of_switch
from rangectl.node.netlink import Link
from rangectl.node.values import Fabric, Machine, Nic

NIC = Nic("eth0", "office", IPv4Interface("10.20.1.10/24"), "02:00:00:00:00:01")
WEB = Machine("c1", "web01", "host", "systemd", (NIC,), "10.20.1.1", (), ())
FABRIC = Fabric("small/a", "c0", ("office", "internet"), (WEB,))
BRIDGES = {"office": 2, "internet": 3}


def link(index: int, name: str, kind: str = "veth") -> Link:
    return Link(index, name, kind, "", True, None, None, None, True)


OFFICE, INTERNET = link(2, "office", "bridge"), link(3, "internet", "bridge")
PORT = replace(link(4, "web01.eth0"), peer=7, master=2, space=1)
END = replace(link(7, "eth0"), peer=4, space=1, mac=NIC.mac)


def told(*found: Difference) -> list[str]:
    return [one.field for one in found]


def test_what_is_as_wanted_differs_in_nothing() -> None:
    links = {one.name: one for one in (OFFICE, INTERNET, PORT)}
    assert of_switch(FABRIC, links) == []
    assert of_cable(WEB, NIC, END, PORT, BRIDGES) == []
    assert of_addresses(WEB, {"eth0": ["10.20.1.10/24"]}) == []
    assert of_routes(WEB, ["10.20.1.1"]) == []


def test_a_switch_lacks_a_bridge_has_one_down_and_a_port_that_nobody_wants() -> None:
    down = replace(OFFICE, up=False)
    found = of_switch(FABRIC, {one.name: one for one in (down, link(9, "x"))})
    assert told(*found) == ["x: veth -> none", "office: down -> up", "internet: none -> bridge"]
    assert [one.done for one in found] == [
        "removed veth x",
        "raised bridge office",
        "added bridge internet",
    ]


def test_a_cable_without_a_port_or_that_leads_elsewhere_is_made_anew() -> None:
    (missing,) = of_cable(WEB, NIC, None, None, BRIDGES)
    assert (missing.field, missing.done) == (
        "eth0.cable: none -> office",
        "web01: plugged eth0 into office",
    )
    (elsewhere,) = of_cable(WEB, NIC, replace(END, peer=99), PORT, BRIDGES)
    assert elsewhere.field == "eth0.cable: a NIC and a port, not joined -> office"


def test_a_cable_in_another_segment_or_with_another_mac_is_put_right() -> None:
    found = of_cable(
        WEB, NIC, replace(END, mac="02:00:00:00:00:99"), replace(PORT, master=3), BRIDGES
    )
    assert told(*found) == [
        "eth0.segment: internet -> office",
        "eth0: 02:00:00:00:00:99 -> 02:00:00:00:00:01",
    ]
    assert [one.do for one in found] == ["move", "correct"]
    (down,) = of_cable(WEB, NIC, replace(END, up=False), PORT, BRIDGES)
    assert (down.field, down.done) == ("eth0: down -> up", "web01: corrected eth0")


def test_an_address_too_many_is_taken_and_one_that_lacks_given() -> None:
    found = of_addresses(WEB, {"eth0": ["10.20.1.77/24"]})
    assert told(*found) == [
        "eth0.address: 10.20.1.77/24 -> none",
        "eth0.address: none -> 10.20.1.10/24",
    ]
    assert found[0].done == "web01: took 10.20.1.77/24 from eth0"


def test_a_route_over_another_gateway_is_replaced() -> None:
    found = of_routes(WEB, ["10.20.1.9"])
    assert told(*found) == ["gateway: 10.20.1.9 -> none", "gateway: none -> 10.20.1.1"]
    assert [one.done for one in found] == [
        "web01: removed the route over 10.20.1.9",
        "web01: routed over 10.20.1.1",
    ]
