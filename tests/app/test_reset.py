"""A host made anew from its labels."""

from __future__ import annotations

import pytest

from rangectl.app.reset import reset
from rangectl.errors import RangeError, UsageError
from tests.app.world import World


def test_a_reset_host_is_another_container_at_the_same_address() -> None:
    world = World()
    world.up()
    before, addresses = world.ids(), world.addresses()
    reset(world.edges, "minimal", "web01")
    after = world.ids()
    assert {key for key in after if after[key] != before[key]} == {"minimal/alder web01"}
    assert world.addresses() == addresses
    assert world.box("web01").wired


def test_a_reset_host_has_lost_what_was_put_on_it() -> None:
    world = World()
    world.up()
    kept = dict(world.box("web01").files)
    world.box("web01").files["/etc/cron.d/x"] = kept["/usr/bin/true"]
    reset(world.edges, "minimal/alder", "web01")
    assert world.box("web01").files.keys() == kept.keys()


def test_an_up_after_a_reset_changes_nothing_and_proves_again() -> None:
    world = World()
    world.up()
    reset(world.edges, "minimal/alder", "web01")
    done = world.up()
    assert done.changes == ()
    assert done.proofs[0].attempts > 0


def test_an_unknown_host_names_the_known_ones() -> None:
    world = World()
    world.up()
    with pytest.raises(UsageError, match="minimal/alder has no host 'web02'") as error:
        reset(world.edges, "minimal/alder", "web02")
    assert error.value.hint is not None
    assert "ns01, sink01, web01" in error.value.hint


def test_the_switch_is_no_host() -> None:
    world = World()
    world.up()
    with pytest.raises(UsageError, match="the switch is no host"):
        reset(world.edges, "minimal/alder", "switch")


def test_a_host_that_does_not_come_up_is_named() -> None:
    world = World()
    world.up()
    world.checker.down.add("names")
    with pytest.raises(RangeError, match="ns01 names: no answer"):
        reset(world.edges, "minimal/alder", "ns01")
