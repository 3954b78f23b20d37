"""Who may reach whom, read from policies."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv4Address

from rangectl.plan.desired import desired
from rangectl.plan.matrix import Crossed, Crossing, matrix, problems, tries
from rangectl.plan.spec import RangeId, RangeSpec
from tests.app.world import TOPOLOGY, topology

MINIMAL = desired(TOPOLOGY, RangeId("minimal", "alder"), {})
YES, NO = Crossed(reached=True, arrived=True), Crossed(reached=False, arrived=False)
RULE = "- {from: kit, to: office, allow: [any]}"


def spec(*changes: tuple[str, str]) -> RangeSpec:
    return desired(topology(*changes), RangeId("minimal", "alder"), {})


def allowed(spec: RangeSpec) -> dict[str, bool]:
    return {str(one): one.allowed for one in matrix(spec)}


def test_the_policy_decides_by_segment_and_port() -> None:
    found = allowed(MINIMAL)
    assert found["web01 to sink01 tcp/80"]
    assert found["web01 to sink01 udp/53"]
    assert not found["web01 to sink01 tcp/22"]
    assert not found["web01 to sink01 icmp"]
    assert not found["sink01 to web01 tcp/80"]
    assert not found["hunt01 to sink01 tcp/80"]


def test_any_allows_every_port_and_no_way_back_on_its_own() -> None:
    found = allowed(MINIMAL)
    assert all(found[f"hunt01 to web01 {what}"] for what in ("tcp/44321", "udp/53", "icmp"))
    assert not any(found[f"web01 to hunt01 {what}"] for what in ("tcp/44321", "udp/53", "icmp"))


def test_neighbours_need_no_router() -> None:
    alone = spec((RULE, "- {from: kit, to: office, allow: [icmp]}"))
    assert allowed(alone)["desk-1 to web01 tcp/80"]


def test_icmp_is_a_term_of_its_own() -> None:
    found = allowed(spec((RULE, "- {from: kit, to: office, allow: [icmp]}")))
    assert found["hunt01 to web01 icmp"]
    assert not found["hunt01 to web01 tcp/80"]


def test_every_pair_of_segments_is_tried_both_ways() -> None:
    names = {host.name: host.nics[0].segment for host in MINIMAL.hosts}
    pairs = {(names[one.source], names[one.target]) for one in matrix(MINIMAL)}
    segments = ("internet", "office", "kit")
    assert pairs == {(a, b) for a in segments for b in segments if a != b} | {("office", "office")}


def test_routers_and_the_client_are_not_dialled() -> None:
    ends = {end for one in matrix(MINIMAL) for end in (one.source, one.target)}
    assert ends.isdisjoint({"edge", "client"})


def test_the_number_is_bounded_and_every_kind_of_crossing_stays() -> None:
    large = spec(("count: 3", "count: 200"))
    whole, thinned = matrix(large, 10**9), matrix(large, 60)
    kinds = [
        Counter((one.source.partition("-")[0], one.protocol, one.port) for one in some)
        for some in (whole, thinned)
    ]
    assert len(matrix(large)) <= 1500
    assert len(thinned) == 60
    assert sum(one.allowed for one in thinned) > 5
    assert len(kinds[1]) > len(kinds[0]) / 2


def crossing(*, allowed: bool) -> Crossing:
    return Crossing("a", "b", IPv4Address("10.0.0.1"), "tcp", 80, allowed)


def test_what_ends_as_the_policy_says_is_no_problem() -> None:
    assert problems([crossing(allowed=True), crossing(allowed=False)], [YES, NO]) == ()


def test_what_ends_otherwise_is_told() -> None:
    lost = Crossed(reached=False, arrived=True, detail="timed out")
    found = problems(
        [crossing(allowed=True), crossing(allowed=True), crossing(allowed=False)], [NO, lost, lost]
    )
    assert found == (
        "a to b tcp/80: allowed, but it never arrived",
        "a to b tcp/80: allowed, but it arrived, and no answer came back: timed out",
        "a to b tcp/80: not allowed, but it arrived",
    )


def test_many_problems_are_told_in_few_lines() -> None:
    found = problems([crossing(allowed=True)] * 500, [NO] * 500)
    assert len(found) == 21
    assert found[-1] == "and 480 more"


def test_only_what_is_allowed_is_waited_for() -> None:
    made = tries([crossing(allowed=True), crossing(allowed=False)], {"a": "1", "b": "2"})
    assert [(one.source, one.target, one.awaited) for one in made] == [
        ("1", "2", True),
        ("1", "2", False),
    ]
