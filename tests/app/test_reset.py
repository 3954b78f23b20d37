"""A host made anew from its labels."""

from __future__ import annotations

import pytest

from rangectl.app.reset import reset, reset_all, reset_segment
from rangectl.errors import RangeError, UsageError
from tests.app.world import World


def test_a_reset_host_is_another_container_at_the_same_address() -> None:
    world = World()
    world.up()
    before, addresses = world.ids(), world.addresses()
    reset(world.edges, "minimal", ["web01"])
    after = world.ids()
    assert {key for key in after if after[key] != before[key]} == {"minimal/alder web01"}
    assert world.addresses() == addresses
    assert world.box("web01").wired


def test_a_reset_host_has_lost_what_was_put_on_it() -> None:
    world = World()
    world.up()
    kept = dict(world.box("web01").files)
    world.box("web01").files["/etc/cron.d/x"] = kept["/usr/bin/true"]
    reset(world.edges, "minimal/alder", ["web01"])
    assert world.box("web01").files.keys() == kept.keys()


def test_an_up_after_a_reset_changes_nothing_and_proves_again() -> None:
    world = World()
    world.up()
    reset(world.edges, "minimal/alder", ["web01"])
    done = world.up()
    assert done.changes == ()
    assert done.proofs[0].attempts > 0


def test_an_unknown_host_names_the_known_ones() -> None:
    world = World()
    world.up()
    with pytest.raises(UsageError, match="minimal/alder has no host 'web02'") as error:
        reset(world.edges, "minimal/alder", ["web02"])
    assert error.value.hint is not None
    assert error.value.hint.startswith("did you mean 'web01'? its hosts: ")
    assert "ns01, sink01, web01" in error.value.hint
    assert "client" not in error.value.hint


def test_the_switch_is_no_host() -> None:
    world = World()
    world.up()
    with pytest.raises(UsageError, match="the switch is no host"):
        reset(world.edges, "minimal/alder", ["switch"])


def test_a_host_that_does_not_come_up_is_named() -> None:
    world = World()
    world.up()
    world.checker.down.add("names")
    with pytest.raises(RangeError, match="ns01 names: no answer"):
        reset(world.edges, "minimal/alder", ["ns01"])


def remade(world: World, before: dict[str, str]) -> set[str]:
    after = world.ids()
    assert after.keys() == before.keys()
    return {key.partition(" ")[2] for key in after if after[key] != before[key]}


def test_several_hosts_are_reset_at_once_and_each_once() -> None:
    world = World()
    world.up("alder", "birch")
    before = world.ids()
    reset(world.edges, "minimal/alder", ["web01", "ns01", "web01"])
    assert remade(world, before) == {"web01", "ns01"}


def test_a_segment_is_reset_with_every_host_in_it_and_no_other() -> None:
    world = World()
    (range_,) = world.up().ranges
    before = world.ids()
    segment = range_.spec.host("web01").nics[0].segment
    reset_segment(world.edges, "minimal", segment)
    inside = {
        host.name for host, _ in range_.hosts() if segment in {nic.segment for nic in host.nics}
    }
    assert remade(world, before) == inside
    assert inside < {host.name for host, _ in range_.hosts()}


def test_an_unknown_segment_names_the_known_ones() -> None:
    world = World()
    (range_,) = world.up().ranges
    with pytest.raises(UsageError, match="minimal/alder has no segment 'lab'") as error:
        reset_segment(world.edges, "minimal", "lab")
    assert error.value.hint == f"it has {', '.join(s.name for s in range_.spec.segments)}"


def test_a_whole_range_is_reset_but_for_its_switch_and_client() -> None:
    world = World()
    (range_,) = world.up().ranges
    before, addresses = world.ids(), world.addresses()
    reset_all(world.edges, "minimal")
    assert remade(world, before) == {host.name for host, _ in range_.hosts()}
    assert world.addresses() == addresses
    assert world.up().changes == ()


def test_one_unknown_host_among_many_leaves_all_alone() -> None:
    world = World()
    world.up()
    before = world.ids()
    with pytest.raises(UsageError, match="has no host 'nosuch'"):
        reset(world.edges, "minimal", ["web01", "nosuch"])
    assert world.ids() == before
