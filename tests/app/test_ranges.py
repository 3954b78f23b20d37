"""Ranges as they are found, and which of them a name means."""

from __future__ import annotations

import pytest

from rangectl.app.down import down
from rangectl.app.ranges import live, one
from rangectl.app.reset import reset
from rangectl.errors import RangeError, UsageError
from tests.app.play import Play
from tests.app.world import World


def test_a_range_is_read_back_as_it_was_wanted() -> None:
    world = World()
    (wanted,) = world.up().ranges
    (found,) = live(world.edges, "minimal")
    assert (found.spec.id, found.secret) == (wanted.spec.id, wanted.secret)
    assert found.spec.segments == wanted.spec.segments
    assert {host.name: host.nics for host in found.spec.hosts} == {
        host.name: host.nics for host in wanted.spec.hosts
    }


def test_a_name_alone_will_do_where_there_is_one_team() -> None:
    world = World()
    world.up()
    assert str(one(world.edges, "minimal").spec.id) == "minimal/alder"


def test_a_name_alone_is_ambiguous_among_teams() -> None:
    world = World()
    world.up("alder", "birch")
    with pytest.raises(UsageError, match="'minimal' is more than one range") as error:
        one(world.edges, "minimal")
    assert error.value.hint == "up: minimal/alder, minimal/birch"


def test_an_unknown_team_names_those_that_are_up() -> None:
    world = World()
    world.up()
    with pytest.raises(UsageError, match="no range 'minimal/birch' is up") as error:
        one(world.edges, "minimal/birch")
    assert error.value.hint == "up: minimal/alder"


def test_an_unknown_name_names_those_that_are_up() -> None:
    world = World()
    world.up(name="north")
    with pytest.raises(UsageError, match="no range is up under the name 'south'") as error:
        one(world.edges, "south")
    assert error.value.hint == "up: north"


def test_where_nothing_is_up_the_hint_says_how_to_begin() -> None:
    with pytest.raises(UsageError) as error:
        live(World().edges, "minimal")
    assert error.value.hint == "nothing is up; see: rangectl up --help"


def test_pieces_of_a_range_are_called_that() -> None:
    world = World()
    world.up()
    world.remove("switch")
    with pytest.raises(RangeError, match="minimal: no range is whole"):
        live(world.edges, "minimal")


def test_one_command_at_a_time_works_on_the_ranges_of_a_name() -> None:
    world = World()
    world.up("alder")
    with world.edges.hold("minimal", "up"):
        for command in (
            lambda: world.up("alder"),
            lambda: down(world.edges, "minimal"),
            lambda: down(world.edges, None),
            lambda: reset(world.edges, "minimal/alder", ["web01"]),
        ):
            with pytest.raises(RangeError, match="minimal: up is at work on it"):
                command()
        world.up("alder", name="other")
    down(world.edges, None)
    assert world.engine.seen() == ()


def test_a_run_has_one_director() -> None:
    play = Play()
    with (
        play.world.edges.hold("run first-light", "exercise start"),
        pytest.raises(RangeError, match="run first-light: exercise start is at work on it"),
    ):
        play.start()
    assert play.world.engine.seen() == ()
