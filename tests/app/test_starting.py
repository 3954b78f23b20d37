"""What an engine lost track of, or tells wrong things about, one `up` mends."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rangectl.app.reset import reset
from rangectl.engine.memory import MemoryEngine
from rangectl.errors import RangeError
from rangectl.ports import Started
from tests.app.world import World


def spoilt(world: World, host: str, *, lost: bool = False) -> str:
    """Let the engine lose track of a host that it started, or tell the wrong thing of it."""
    container = world.seen(host).id
    if lost:
        world.engine.stop(container)
        world.engine.lost.add(container)
    else:
        world.engine.mistold.add(container)
    return container


@pytest.mark.parametrize("host", ["web01", "client", "switch"])
def test_what_runs_and_is_told_to_stand_still_is_told_rightly_after_an_up(host: str) -> None:
    world = World()
    world.up()
    spoilt(world, host)
    assert f"minimal/alder: start {host}: it is stopped" in world.up().changes
    assert world.up().changes == ()


@pytest.mark.parametrize("host", ["web01", "client", "switch"])
def test_what_stands_still_and_is_told_to_run_is_started(host: str) -> None:
    world = World()
    world.up()
    world.engine.stop(spoilt(world, host))
    assert world.seen(host).running
    world.up()
    assert world.up().changes == ()
    assert world.box("web01").wired


@pytest.mark.parametrize("host", ["web01", "client", "switch"])
def test_what_the_engine_can_start_no_more_is_made_anew(host: str) -> None:
    world = World()
    world.up()
    gone = spoilt(world, host, lost=True)
    changes = world.up().changes
    assert f"minimal/alder: make {host} anew: its engine lost track of it" in changes
    assert world.seen(host).id != gone
    assert world.up().changes == ()


class ForgetfulEngine(MemoryEngine):
    """It loses track of the first containers (or of all) that it starts."""

    losses = 1

    def start(self, containers: Sequence[str]) -> Started:
        if self.losses:
            self.losses -= 1
            self.lost |= set(containers)
        return super().start(containers)


def test_what_the_engine_lost_while_it_made_it_is_made_anew() -> None:
    world = World(ForgetfulEngine())
    assert len([one for one in world.up().changes if " anew: " in one]) == len(world.ids())
    assert world.up().changes == ()


def test_an_engine_that_loses_track_of_all_that_it_starts_is_said_to() -> None:
    engine = ForgetfulEngine()
    engine.losses = 99
    with pytest.raises(RangeError, match=r"could not start .*: task .* already exists"):
        World(engine).up()


def test_a_host_lost_while_it_is_reset_is_made_anew() -> None:
    engine = ForgetfulEngine()
    engine.losses = 0
    world = World(engine)
    world.up()
    engine.losses = 1
    reset(world.edges, "minimal", ["web01"])
    assert world.box("web01").wired
    assert world.up().changes == ()
