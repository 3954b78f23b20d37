"""The board as a fold: which moments count, and what it adds up from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rangectl.errors import RangeError
from rangectl.scoring.board import board
from tests.scoring.stories import STORIES
from tests.scoring.story import (
    FOUND_BEACON,
    FOUND_JOB,
    JOB_FILE,
    TEAM,
    Story,
    finding,
    moment,
)


def score(story: Story, at: float | None = None) -> float:
    when = None if at is None else moment(at)
    return board(story.events, when).team(TEAM).score.score


def test_a_board_of_the_past_knows_nothing_of_what_came_later() -> None:
    story = Story().finds_all(100).removes_all(200).ends(1200, "time")
    whole = board(story.events, moment(150))
    cut = board([event for event in story.events if event.at <= moment(150)], moment(150))
    assert whole == cut


def test_a_hold_that_ran_out_between_two_events_counts_at_the_moment_asked_for() -> None:
    story = Story().finds_all(100).removes_all(200)
    assert score(story, 340) < score(story, 441)


def test_nothing_after_endex_counts() -> None:
    story = Story().finds(100, FOUND_JOB).gone(1100, "i2", "job").ends(1200, "time")
    before = board(story.events)
    story.finds(1201, FOUND_BEACON).checked(1210, False).rebuilt(1220, "web01")
    assert board(story.events) == board(story.events, moment(5000)) == before


def test_before_startex_there_is_a_board_of_nothing() -> None:
    early = board(Story().events, moment(-20))
    assert (early.started, early.team(TEAM).score.score) == (None, 0.0)


def test_an_empty_log_has_no_board() -> None:
    with pytest.raises(RangeError, match="how the run began"):
        board(())


def test_a_team_that_takes_no_part_is_named_with_those_that_do() -> None:
    with pytest.raises(RangeError, match="no team 'birch'") as caught:
        board(Story().events).team("birch")
    assert caught.value.hint == "its teams: alder"


def test_the_window_of_an_implant_runs_from_when_it_could_be_seen() -> None:
    line = board(Story().finds(300, FOUND_JOB).events).team(TEAM).implants[1]
    assert line.late == 0.25


def test_a_submission_collected_twice_counts_once() -> None:
    story = Story().finds(100, finding("web01", *FOUND_BEACON.evidence))
    story.add(story.events[-1])
    assert len(board(story.events).team(TEAM).false) == 1


def test_a_finding_of_another_team_counts_for_that_team_alone() -> None:
    story = Story()
    story.events[0] = story.events[0].model_copy(update={"teams": (TEAM, "birch")})
    story.finds(100, FOUND_JOB)
    assert [team.score.found for team in board(story.events).teams] == [1, 0]


def test_a_chains_stroke_lasts_a_tenth_of_the_exercise_and_two_minutes_at_least() -> None:
    lengths = (600, 1200, 6000)
    strokes = [board(Story(length=n).events).stroke.total_seconds() for n in lengths]
    assert strokes == [120, 120, 600]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_the_points_of_the_implants_add_up_to_the_merit(story: Callable[[], Story]) -> None:
    team = board(story().events).team(TEAM)
    assert sum(line.points.total for line in team.implants) == pytest.approx(team.score.merit)
    assert sum(line.possible.total for line in team.implants) == pytest.approx(100)


def level(story: Story) -> str:
    return board(story.events).team(TEAM).implants[1].level


def named(*techniques: str) -> Story:
    story = Story()
    for number, technique in enumerate(techniques):
        story.finds(100 + number, finding("web01", JOB_FILE, technique=technique))
    return story


def test_a_team_may_correct_itself() -> None:
    assert level(named("T1071.001", "", "T1036", "T1053.003")) == "exact"


def test_who_names_all_techniques_knows_none() -> None:
    wrong = [f"T10{number}" for number in range(60, 90)]
    assert level(named(*wrong, "T1053.003")) == "general"
    assert board(named(*wrong).events).team(TEAM).counted(decoys=False) == 0
