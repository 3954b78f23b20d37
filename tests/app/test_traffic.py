"""Background traffic while an exercise runs."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from rangectl.app.traffic import foes
from rangectl.model.traffic import Habit, Profile
from tests.app.play import SHORT, Killed, Play
from tests.app.world import World

PROFILE = Profile(
    version=1,
    name="busy",
    day={"00:00": 1.0},
    habits=(Habit(do="browse", every=timedelta(seconds=20)),),
)


def test_people_are_about_from_startex_to_endex() -> None:
    play = Play(exercise=SHORT, profile=PROFILE)
    before: list[int] = []
    play.at(0, lambda: before.append(len(play.world.errands.wanted)))
    play.start()
    assert before == [0]
    assert {one.at.split(".")[0] for one in play.world.errands.wanted} == {
        "desk-1",
        "desk-2",
        "desk-3",
    }
    assert play.world.errands.halts == 1


def test_there_are_ten_of_theirs_for_one_of_the_adversarys() -> None:
    play = Play(exercise=SHORT, profile=PROFILE)
    run = play.start()
    wanted = 10 * foes(run, "alder") * SHORT.clock.length.total_seconds() / 10 / 3600
    assert len(play.world.errands.wanted) > 0.7 * wanted


def test_each_range_has_its_own() -> None:
    play = Play(teams=("alder", "birch"), exercise=SHORT, profile=PROFILE)
    play.start()
    world = play.world
    teams = Counter(
        world.engine.boxes[one.container].seen.range.team for one in world.errands.wanted
    )
    assert teams["alder"] == teams["birch"] > 0


def test_they_come_from_the_containers_of_their_hosts() -> None:
    play = Play(exercise=SHORT, profile=PROFILE)
    play.start()
    for one in play.world.errands.wanted:
        assert play.world.engine.boxes[one.container].seen.host == one.at.split(".")[0]


def test_without_a_profile_nobody_moves() -> None:
    play = Play(exercise=SHORT)
    play.start()
    assert play.world.errands.wanted == []


def test_up_alone_moves_nobody() -> None:
    world = World()
    world.up()
    assert world.errands.wanted == []


def test_what_a_crash_kept_from_being_done_is_left_out_and_the_rest_goes_on() -> None:
    def die() -> None:
        raise Killed

    whole = Play(exercise=SHORT, profile=PROFILE)
    whole.start()
    play = Play(exercise=SHORT, profile=PROFILE)
    play.at(20, die)
    with pytest.raises(Killed):
        play.start()
    play.scripts.clear()
    play.world.clock.alarms.clear()
    early = len(play.world.errands.wanted)
    play.world.clock.sleep(40)
    play.start()
    seeds = [one.seed for one in play.world.errands.wanted]
    assert early > 0
    assert len(set(seeds)) == len(seeds) < len(whole.world.errands.wanted)
    assert set(seeds) < {one.seed for one in whole.world.errands.wanted}
