"""Some hosts brought up, and all others left as they are."""

from __future__ import annotations

import pytest

from rangectl.app.contain import Aim
from rangectl.app.up import Upped, Wish, up_as_wished
from rangectl.errors import UsageError
from rangectl.model.topology import Topology
from tests.app.world import TOPOLOGY, World, topology

OTHER = ("roles: [web: {site: intranet}]", "roles: [web: {site: portal}]")
NEW_HOST = ("  desk:\n", "  mail01: {group: server, segments: [office]}\n\n  desk:\n")
SEGMENT = ("segments:\n", "segments:\n  lab: {zone: partner, subnet: 10.20.2.0/24}\n")


def only(world: World, *hosts: str, topology: Topology = TOPOLOGY) -> Upped:
    wish = Wish(topology, "minimal", ("alder",), hosts)
    return up_as_wished(wish, world.edges, world.said.append, Aim())


def test_from_nothing_only_these_hosts_come_with_what_they_need() -> None:
    world = World()
    done = only(world, "web01", "desk-*")
    there = ["client", "desk-1", "desk-2", "desk-3", "switch", "web01"]
    assert [one.host for one in world.engine.seen()] == there
    assert done.services == 5
    assert [proof.attempts > 0 for proof in done.proofs] == [True]


def test_an_up_of_all_makes_the_rest_and_keeps_what_is_there() -> None:
    world = World()
    only(world, "web01")
    before = world.ids()
    world.up()
    assert before.items() <= world.ids().items()
    assert len(world.ids()) == 10


def test_others_that_differ_are_missing_or_stand_still_are_left_so() -> None:
    world = World()
    world.up()
    world.remove("desk-1")
    world.engine.stop(world.seen("ns01").id)
    world.remove("desk-2")
    before = world.ids()
    done = only(world, "desk-2", topology=topology(OTHER))
    assert done.changes == ("minimal/alder: create desk-2: it is missing",)
    assert world.ids().keys() - before.keys() == {"minimal/alder desk-2"}
    assert not world.seen("ns01").running
    assert before.items() <= world.ids().items()


def test_a_host_that_left_the_topology_stays_plugged_in() -> None:
    world = World()
    world.up(topology=topology(NEW_HOST))
    done = only(world, "web01")
    assert done.changes == ()
    assert "mail01" in {host.name for host, _ in done.ranges[0].hosts()}


def test_a_range_that_was_proven_in_part_is_proven_whole_later() -> None:
    world = World()
    only(world, "web01")
    proofs = world.node.proofs
    assert only(world, "web01").changes == ()
    assert world.node.proofs == proofs
    world.up()
    assert world.node.proofs == proofs + 1


def test_changed_segments_touch_every_host_and_are_refused() -> None:
    world = World()
    world.up()
    with pytest.raises(UsageError, match="minimal/alder: the segments changed"):
        only(world, "web01", topology=topology(SEGMENT))


def test_a_host_that_is_not_in_the_topology_is_named() -> None:
    with pytest.raises(UsageError, match="no host of this topology is called 'web09'") as error:
        only(World(), "web01", "web09")
    assert error.value.hint is not None
    assert "ns01" in error.value.hint
