"""The range that the smallest topology asks for."""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path

from rangectl.model.parse.topologies import parse_topology
from rangectl.plan.desired import CLIENT, desired
from rangectl.plan.spec import RangeId

TEXT = (Path(__file__).parents[2] / "topologies/minimal.yaml").read_text()
TOPOLOGY = parse_topology(TEXT, "minimal.yaml")
SPEC = desired(TOPOLOGY, RangeId("minimal", "alder"), {})
OTHER = desired(TOPOLOGY, RangeId("minimal", "birch"), {})


def test_every_host_and_the_client_are_in_the_range() -> None:
    names = [host.name for host in SPEC.hosts]
    desks = ["desk-1", "desk-2", "desk-3"]
    assert names == [*desks, "edge", "hunt01", "ns01", "sink01", "web01", CLIENT]


def test_nics_are_numbered_in_the_order_of_the_segments() -> None:
    nics = [(nic.name, nic.segment, str(nic.address)) for nic in SPEC.host("edge").nics]
    assert nics == [
        ("eth0", "internet", "198.51.100.1/24"),
        ("eth1", "office", "10.20.1.1/24"),
        ("eth2", "kit", "10.20.9.1/24"),
    ]


def test_a_host_reaches_others_through_the_router_of_its_segment() -> None:
    assert SPEC.host("web01").gateway == IPv4Address("10.20.1.1")
    assert SPEC.host("hunt01").gateway == IPv4Address("10.20.9.1")
    assert SPEC.host("sink01").gateway == IPv4Address("198.51.100.1")


def test_routers_and_the_client_have_no_gateway() -> None:
    assert SPEC.host("edge").gateway is None
    assert SPEC.host(CLIENT).gateway is None


def test_partners_and_guests_ask_the_resolver() -> None:
    resolver = SPEC.host("ns01").nics[0].address.ip
    assert SPEC.host("web01").dns == SPEC.host("hunt01").dns == (resolver,)
    assert SPEC.host("sink01").dns == ()


def test_everybody_knows_every_name_but_the_clients() -> None:
    names = SPEC.host("desk-1").names
    assert names == tuple(sorted(names))
    assert ("web01", IPv4Address("10.20.1.10")) in names
    assert len(names) == sum(len(host.nics) for host in SPEC.hosts if host.name != CLIENT)
    assert CLIENT not in dict(names)


def test_the_client_holds_the_last_address_of_every_segment() -> None:
    client = SPEC.host(CLIENT)
    kept = [str(nic.address.ip) for nic in client.nics]
    assert kept == ["198.51.100.254", "10.20.1.254", "10.20.9.254"]
    assert (client.kind, client.roles, client.init) == ("client", (), "process")


def test_teams_have_the_same_addresses_and_other_macs() -> None:
    def addresses(spec: object) -> list[object]:
        return [nic.address for host in getattr(spec, "hosts") for nic in host.nics]  # noqa: B009

    assert addresses(SPEC) == addresses(OTHER)
    assert SPEC.host("web01").nics[0].mac != OTHER.host("web01").nics[0].mac


def test_what_is_live_keeps_its_address() -> None:
    live = {("desk-1", "office"): "10.20.1.99"}
    spec = desired(TOPOLOGY, RangeId("minimal", "alder"), live)
    assert str(spec.host("desk-1").nics[0].address.ip) == "10.20.1.99"


def test_a_new_host_changes_no_nic_of_the_others() -> None:
    grown = TEXT.replace("count: 3", "count: 4")
    spec = desired(parse_topology(grown, "minimal.yaml"), RangeId("minimal", "alder"), {})
    assert {host.name: host.nics for host in SPEC.hosts}.items() <= {
        host.name: host.nics for host in spec.hosts
    }.items()
