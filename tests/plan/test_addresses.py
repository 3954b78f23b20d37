"""Addresses that stay where they are."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rangectl.model.topology import Limits
from rangectl.plan.addresses import allocate, client_address, macs
from rangectl.plan.expand import Expanded
from rangectl.plan.spec import RangeId

NET = IPv4Network("10.0.1.0/24")
SUBNETS = {"office": NET}
NAMES = st.sets(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), min_size=1, max_size=60)
NAME = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
RANGE = RangeId("minimal", "alder")


def host(name: str, address: str | None = None, *, router: bool = False) -> Expanded:
    return Expanded(
        name=name,
        kind="router" if router else "host",
        image="debian",
        roles=(),
        init="process",
        limits=Limits(),
        segments=(("office", IPv4Address(address) if address else None),),
        services=(),
        policy=(),
    )


def places(*hosts: Expanded, live: dict[str, str] | None = None) -> dict[str, str]:
    seen = {(name, "office"): address for name, address in (live or {}).items()}
    return {name: str(one) for (name, _), one in allocate(hosts, SUBNETS, seen).items()}


def named(names: set[str]) -> list[Expanded]:
    return [host(name) for name in names]


def test_the_router_has_the_first_address() -> None:
    assert places(host("edge", router=True), host("a"))["edge"] == "10.0.1.1"


def test_the_last_usable_address_is_the_clients() -> None:
    assert client_address(NET) == IPv4Address("10.0.1.254")


def test_a_given_address_is_kept() -> None:
    assert places(host("a", "10.0.1.77"), host("b"))["a"] == "10.0.1.77"


def test_a_given_address_goes_before_a_live_one() -> None:
    found = places(host("a", "10.0.1.77"), host("b"), live={"b": "10.0.1.77", "a": "10.0.1.50"})
    assert found["a"] == "10.0.1.77"
    assert found["b"] != "10.0.1.77"


@pytest.mark.parametrize(
    "address", ["10.0.2.7", "10.0.1.0", "10.0.1.255", "10.0.1.254"], ids=lambda address: address
)
def test_a_live_address_that_no_host_may_have_is_given_up(address: str) -> None:
    assert places(host("a"), live={"a": address})["a"] == places(host("a"))["a"]


def test_a_full_segment_uses_every_address() -> None:
    hosts = [host("edge", router=True), *(host(f"h{index}") for index in range(4))]
    found = allocate(hosts, {"office": IPv4Network("10.0.1.0/29")}, {})
    assert {str(one) for one in found.values()} == {f"10.0.1.{last}" for last in range(1, 6)}


def test_one_host_too_many_is_an_error() -> None:
    with pytest.raises(ValueError, match="no free address"):
        allocate(named({f"h{index}" for index in range(254)}), SUBNETS, {})


@given(NAMES)
def test_addresses_are_distinct_and_in_the_pool(names: set[str]) -> None:
    found = places(*named(names))
    assert len(set(found.values())) == len(names)
    assert all(10 <= int(one.rsplit(".", 1)[1]) <= 250 for one in found.values())


@given(NAMES, st.randoms())
def test_the_order_of_the_file_does_not_matter(names: set[str], random: object) -> None:
    shuffled = sorted(names)
    getattr(random, "shuffle")(shuffled)  # noqa: B009 - hypothesis types it as random.Random
    assert places(*map(host, shuffled)) == places(*named(names))


@given(NAMES, NAME)
def test_adding_a_host_moves_no_live_one(names: set[str], new: str) -> None:
    before = places(*named(names))
    after = places(*named(names | {new}), live=before)
    assert {name: after[name] for name in names} == before


@given(NAMES, NAMES)
def test_removing_hosts_moves_no_live_one(names: set[str], gone: set[str]) -> None:
    before = places(*named(names))
    after = places(*named(names - gone), live=before)
    assert after == {name: address for name, address in before.items() if name not in gone}


@given(NAMES, NAME)
def test_barring_collisions_adding_a_host_moves_no_other(names: set[str], new: str) -> None:
    alone = {name: places(host(name))[name] for name in names | {new}}
    assume(len(set(alone.values())) == len(alone))
    assert places(*named(names | {new})) == alone


@given(NAMES)
def test_macs_are_distinct_stable_and_locally_administered(names: set[str]) -> None:
    made = macs(RANGE, [(name, segment) for name in names for segment in ("a", "b")])
    assert len(set(made.values())) == 2 * len(names)
    assert all(int(mac[:2], 16) & 0b11 == 0b10 for mac in made.values())
    assert made == macs(RANGE, sorted(made, reverse=True))


def test_another_range_has_other_macs() -> None:
    place = ("web01", "office")
    assert macs(RANGE, [place]) != macs(RangeId("minimal", "birch"), [place])
