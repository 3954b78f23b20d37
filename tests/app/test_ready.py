"""Waiting for services: what is told meanwhile, and why it was in vain."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rangectl.app.ready import wait_ready
from rangectl.errors import RangeError
from tests.app.world import World


def test_what_is_waited_for_is_told_now_and_then_and_not_each_time() -> None:
    world = World()
    world.checker.down.add("names")
    with pytest.raises(RangeError):
        world.up()
    waits = [one.text for one in world.said if one.what == "wait"]
    assert set(waits) == {"waiting for alder ns01 names (no answer)"}
    assert 4 <= len(waits) <= 6, "what stays as it is, is told once in a while"


def test_nothing_is_told_when_nothing_is_waited_for() -> None:
    world = World()
    world.up()
    assert [one for one in world.said if one.what == "wait"] == []


def test_others_are_waited_for_as_long_as_services_come_up() -> None:
    world = World()
    ranges = world.up().ranges
    begun = world.clock.now()
    world.checker.down |= {"names", "intranet"}
    for name, seconds in (("intranet", 50), ("names", 100)):
        after = begun + timedelta(seconds=seconds)
        world.clock.alarms.append(
            lambda now, name=name, after=after: (  # type: ignore[misc]
                world.checker.down.discard(name) if now >= after else None
            )
        )
    assert wait_ready(world.edges, ranges) > 2
    assert (world.clock.now() - begun).total_seconds() >= 100


@pytest.mark.parametrize(("teams", "pause"), [(1, 0.15), (10, 0.4), (60, 2.0)])
def test_what_boots_has_the_cores_between_two_rounds(
    teams: int, pause: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    ranges = world.up(*(f"team{number}" for number in range(teams))).ranges
    slept = list[float]()

    def checked(*_: object) -> str | None:
        return None if len(slept) == 3 else "no answer"

    monkeypatch.setattr(world.checker, "check", checked)
    monkeypatch.setattr(world.clock, "sleep", slept.append)
    assert wait_ready(world.edges, ranges, only=["ns01"]) == 2 * teams
    assert slept == [pytest.approx(pause)] * 3


def test_a_host_that_died_meanwhile_is_said_to() -> None:
    world = World()
    ranges = world.up("alder", "birch").ranges
    world.engine.stop(world.seen("ns01", "birch").id)
    with pytest.raises(RangeError) as error:
        wait_ready(world.edges, ranges)
    assert "birch: ns01 names: no answer\n" in str(error.value)
    assert "minimal/birch ns01: it ended with code 0" in str(error.value)
    assert "alder" not in str(error.value)


def test_a_host_that_runs_is_said_to_with_its_gate() -> None:
    world = World()
    ranges = world.up().ranges
    world.checker.down.add("names")
    with pytest.raises(RangeError) as error:
        wait_ready(world.edges, ranges)
    assert str(error.value).endswith("minimal/alder ns01: it runs, through its gate")
