"""Ranges frozen whole, and let go on."""

from __future__ import annotations

import pytest

from rangectl.app.control import pause as exercise_pause
from rangectl.app.pause import pause, resume
from rangectl.app.reset import reset
from rangectl.app.status import status
from rangectl.errors import RangeError, UsageError
from rangectl.model.events import Ended, Started
from rangectl.store.memory import MemoryLog
from tests.app.world import World


def frozen(world: World) -> set[str]:
    return {f"{one.range.team} {one.host}" for one in world.engine.seen() if one.frozen}


def test_every_host_of_every_range_of_a_name_is_frozen_and_thawed() -> None:
    world = World()
    world.up("alder", "birch")
    world.up(name="other")
    assert pause(world.edges, "minimal") == ("minimal/alder", "minimal/birch")
    assert len(frozen(world)) == 2 * 8
    assert resume(world.edges, "minimal") == ("minimal/alder", "minimal/birch")
    assert frozen(world) == set()


def test_one_range_of_several_can_be_paused() -> None:
    world = World()
    world.up("alder", "birch")
    pause(world.edges, "minimal/birch")
    assert {one.partition(" ")[0] for one in frozen(world)} == {"birch"}


def test_status_tells_that_a_range_is_paused_and_checks_nothing_in_it() -> None:
    world = World()
    world.up()
    pause(world.edges, "minimal")
    asked = world.checker.asked
    lines = status(world.edges, "minimal")
    assert {(line.state, line.checks) for line in lines} == {("paused", ())}
    assert world.checker.asked == asked


def test_a_paused_range_is_neither_brought_up_nor_reset() -> None:
    world = World()
    world.up()
    pause(world.edges, "minimal")
    for work in (world.up, lambda: reset(world.edges, "minimal", ["web01"])):
        with pytest.raises(RangeError, match="minimal/alder is paused") as error:
            work()
        assert error.value.hint == "rangectl resume minimal/alder lets it go on"
    resume(world.edges, "minimal")
    assert world.up().changes == ()


def test_an_up_thaws_what_a_pause_that_was_cut_short_froze() -> None:
    world = World()
    world.up()
    world.edges.stills.freeze([world.seen("web01").id])
    assert world.up().changes == ("minimal/alder: thaw web01: it is frozen",)
    assert frozen(world) == set()


def test_a_run_that_somebody_directs_is_not_paused_behind_his_back() -> None:
    world = World()
    world.up()
    busy = pytest.raises(RangeError, match="run minimal: exercise start is at work on it")
    with world.edges.hold("run minimal", "exercise start"), busy:
        pause(world.edges, "minimal")
    assert frozen(world) == set()


def test_a_paused_run_that_nobody_directs_goes_on_only_as_an_exercise() -> None:
    world = World()
    world.up(name="night")
    log = begun_and_paused(world)
    for text in ("night", "night/alder"):
        with pytest.raises(UsageError, match="the exercise night is paused") as error:
            resume(world.edges, text, log)
        hint = "rangectl exercise resume night lets hosts and clocks go on"
        assert error.value.hint == hint
    assert len(frozen(world)) == 8


def test_a_paused_run_that_is_over_is_ranges_like_others() -> None:
    world = World()
    world.up(name="night")
    log = begun_and_paused(world)
    log.append([Ended(at=world.clock.now(), why="stopped")])
    resume(world.edges, "night", log)
    assert frozen(world) == set()


def begun_and_paused(world: World) -> MemoryLog:
    """The log of a run that was paused while nobody directed it."""
    log = MemoryLog()
    log.append([Started(at=world.clock.now())])
    exercise_pause(world.edges, log, "night")
    return log


def test_what_is_not_up_cannot_be_paused() -> None:
    with pytest.raises(UsageError, match="no range is up under the name 'minimal'"):
        pause(World().edges, "minimal")
