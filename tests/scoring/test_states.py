"""Implants over time: what is gone, since when, and whether waiting can change anything."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rangectl.model.planting import Component
from rangectl.scoring.states import decided, lives, removed_at, share_gone, state
from tests.scoring.story import BEACON, JOB, KEY, TEAM, Story, moment

HOLD = timedelta(seconds=150)
SOLID = ("starter", "process", "program")


def share(story: Story, artefact: str, at: float) -> float | None:
    return share_gone(lives(story.events)[TEAM][artefact], HOLD, moment(at))


def fate(story: Story, artefact: str, at: float, *, detected: bool = False) -> str:
    life = lives(story.events)[TEAM][artefact]
    return state(life, HOLD, moment(at), detected=detected)


@pytest.mark.parametrize(("at", "gone"), [(249, 0.0), (250, 1.0)])
def test_a_removal_counts_once_its_hold_has_run(at: float, gone: float) -> None:
    assert share(Story().gone(100, "i1", "key"), "i1", at) == gone


def test_a_component_that_returns_resets_its_clock() -> None:
    story = Story().gone(100, "i1", "key").back(240, "i1", "key").gone(260, "i1", "key")
    assert [share(story, "i1", at) for at in (300, 409, 410)] == [0.0, 0.0, 1.0]


def test_seeing_again_that_it_is_gone_does_not_reset_the_clock() -> None:
    story = Story().gone(100, "i1", "key").gone(200, "i1", "key")
    assert share(story, "i1", 250) == 1.0


def test_what_persists_caps_the_share_even_if_it_is_not_required() -> None:
    story = Story().gone(100, "i3", "starter", "process", "traffic")
    assert share(story, "i3", 400) == 0.4


def test_a_smaller_share_than_the_cap_stays_as_it_is() -> None:
    assert share(Story().gone(100, "i3", "process"), "i3", 400) == pytest.approx(1 / 3)


def test_an_implant_of_which_nothing_is_required_has_no_share() -> None:
    log = JOB.model_copy(update={"components": (Component(id="l", kind="line", required=False),)})
    assert share(Story([log]), "i2", 400) is None


def test_traffic_ended_as_long_ago_as_it_takes_to_be_missed() -> None:
    *solid, traffic = BEACON.components
    slow = traffic.model_copy(update={"lately": timedelta(seconds=90)})
    story = Story([BEACON.model_copy(update={"components": (*solid, slow)})])
    story.gone(100, "i3", *SOLID).gone(190, "i3", "traffic")
    assert [share(story, "i3", at) for at in (249, 250)] == [0.0, 1.0]


def test_a_removal_is_dated_by_its_last_piece_but_not_by_traffic() -> None:
    story = Story().gone(100, "i3", "starter").gone(110, "i3", "process", "program")
    story.gone(200, "i3", "traffic")
    life = lives(story.events)[TEAM]["i3"]
    assert removed_at(life, HOLD, moment(400)) == moment(110)


def test_an_implant_goes_through_its_states() -> None:
    story = Story().gone(100, "i3", "process")
    assert fate(story, "i2", 100) == "planted"
    assert fate(story, "i2", 100, detected=True) == "detected"
    assert fate(story, "i3", 101) == "partial"
    story.gone(110, "i3", "starter", "program", "traffic")
    assert [fate(story, "i3", at) for at in (111, 259, 260)] == ["removed", "removed", "ejected"]
    assert fate(story.back(300, "i3", "starter"), "i3", 300) == "regressed"


def test_an_implant_planted_again_keeps_its_first_moment() -> None:
    story = Story()
    story.events.append(story.events[2].model_copy(update={"at": moment(500)}))
    assert lives(story.events)[TEAM]["i1"].planted == moment(-30)


def test_a_run_is_decided_when_the_team_is_done_and_no_hold_runs() -> None:
    story = Story().gone(100, "i1", "key")
    assert not decided(story.events, moment(400))
    story.done(110)
    assert [decided(story.events, moment(at)) for at in (249, 250)] == [False, True]


def test_a_component_that_came_back_is_not_waited_for() -> None:
    story = Story().gone(100, "i1", "key").done(110).back(120, "i1", "key")
    assert decided(story.events, moment(121))


def test_a_removal_just_before_done_gets_the_time_to_be_seen() -> None:
    story = Story().done(100)
    assert [decided(story.events, moment(at)) for at in (109, 110)] == [False, True]


@pytest.mark.parametrize(("at", "over"), [(499, False), (500, True)])
def test_traffic_gets_the_time_to_be_missed(at: float, over: bool) -> None:
    *solid, traffic = BEACON.components
    slow = traffic.model_copy(update={"lately": timedelta(seconds=250)})
    story = Story([BEACON.model_copy(update={"components": (*solid, slow)})])
    story.gone(100, "i3", *SOLID).done(110)
    assert decided(story.events, moment(at)) is over


def test_what_persists_is_waited_for_even_if_it_is_not_required() -> None:
    story = Story().gone(100, "i3", "starter", "process", "traffic").gone(200, "i3", "program")
    story.done(210)
    assert [decided(story.events, moment(at)) for at in (349, 350)] == [False, True]


def test_nothing_is_decided_until_every_team_is_done() -> None:
    story = Story([KEY])
    story.events[0] = story.events[0].model_copy(update={"teams": (TEAM, "birch")})
    assert not decided(story.done(10).events, moment(20))


def test_an_empty_log_decides_nothing() -> None:
    assert not decided((), moment(0))
