"""Ranges go by their labels alone, and the node agent with the last of them."""

from __future__ import annotations

import pytest

from rangectl.app.down import down, down_orphans
from rangectl.app.snapshot import take
from rangectl.engine.memory import MemoryEngine
from rangectl.errors import RangeError
from tests.app.world import World


def test_down_removes_every_range_of_a_name() -> None:
    world = World()
    world.up("alder", "birch")
    gone = down(world.edges, "minimal")
    assert gone.ranges == ("minimal/alder", "minimal/birch")
    assert gone.containers == 2 * 10
    assert world.engine.seen() == ()


def test_the_agent_goes_with_the_last_range() -> None:
    world = World()
    world.up()
    down(world.edges, "minimal")
    assert world.node.removed


def test_one_of_several_names_leaves_the_others_and_the_agent() -> None:
    world = World()
    world.up(name="one")
    world.up(name="two")
    assert down(world.edges, "one").ranges == ("one/alder",)
    assert {one.range.name for one in world.engine.seen()} == {"two"}
    assert world.node.kept == {"two/alder"}
    assert not world.node.removed


def test_all_ranges_can_go_at_once() -> None:
    world = World()
    world.up(name="one")
    world.up(name="two")
    assert down(world.edges, None).ranges == ("one/alder", "two/alder")
    assert world.node.removed


def test_what_an_interrupted_up_left_goes_too() -> None:
    world = World()
    world.up()
    for host in ("switch", "client", "web01"):
        world.remove(host)
    assert down(world.edges, "minimal").containers == 7
    assert world.engine.seen() == ()


def test_nothing_to_take_down_is_no_error() -> None:
    world = World()
    assert down(world.edges, "minimal").ranges == ()
    assert down(world.edges, None).containers == 0


class StubbornEngine(MemoryEngine):
    """Some containers do not go."""

    def remove(self, containers: object) -> None:
        """Remove nothing."""


def test_what_would_not_go_is_named() -> None:
    world = World(StubbornEngine())
    world.up()
    with pytest.raises(RangeError, match="still there: minimal/alder client, ") as error:
        down(world.edges, "minimal")
    assert error.value.hint == "run the same command again"


def test_pieces_of_ranges_go_with_what_else_is_left_and_whole_ranges_stay() -> None:
    world = World()
    for name in ("one", "two"):
        world.up(name=name)
    take(world.edges, "one", "web01", "kept")
    take(world.edges, "two", "web01", "kept")
    (switch,) = (one.id for one in world.engine.seen("one") if one.host == "switch")
    world.engine.remove([switch])
    world.traces.left.append("something")
    gone = down_orphans(world.edges)
    assert "container of one/alder: web01" in gone
    assert "snapshot of one/alder: web01 kept" in gone
    assert "something" in gone
    assert {one.range.name for one in world.engine.seen()} == {"two"}
    assert [one.range.name for one in world.edges.stills.snapshots()] == ["two"]
    assert down_orphans(world.edges) == ()


def test_pieces_that_a_command_works_on_are_left_to_it() -> None:
    world = World()
    world.up()
    world.remove("switch")
    busy = pytest.raises(RangeError, match="minimal: up is at work on it")
    with world.edges.hold("minimal", "up"), busy:
        down_orphans(world.edges)
