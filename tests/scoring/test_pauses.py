"""A run's own time, which pauses stop."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from rangectl.model.events import Event, Paused, Reacted, Resumed
from rangectl.scoring.board import as_text, board
from rangectl.scoring.history import History
from rangectl.scoring.pauses import Pauses, on_the_wall
from rangectl.scoring.reactions import causes
from rangectl.scoring.truth import standing
from tests.scoring.story import FOUND_KEY, TEAM, Story, moment


def paused(*spans: tuple[float, float | None]) -> list[Event]:
    events: list[Event] = []
    for start, end in spans:
        events.append(Paused(at=moment(start)))
        events += [] if end is None else [Resumed(at=moment(end))]
    return events


def later(events: tuple[Event, ...], start: float, end: float) -> list[Event]:
    """Return a log as it would be had there been a pause."""

    def move(at: datetime) -> datetime:
        return at + timedelta(seconds=end - start) if at > moment(start) else at

    moved = [one.model_copy(update={"at": move(one.at)}) for one in events]
    return sorted([*moved, *paused((start, end))], key=lambda one: one.at)


@pytest.mark.parametrize(
    ("wall", "own"), [(5, 5), (10, 10), (15, 10), (20, 10), (25, 15), (40, 30), (45, 30), (50, 35)]
)
def test_own_time_stands_still_in_pauses(wall: float, own: float) -> None:
    pauses = Pauses.of(paused((10, 20), (40, 45)))
    assert pauses.own(moment(wall)) == moment(own)
    assert pauses.own_epoch(moment(wall).timestamp()) == moment(own).timestamp()


@pytest.mark.parametrize(("own", "wall"), [(5, 5), (10, 10), (11, 21), (30, 40), (31, 46)])
def test_what_is_told_is_told_by_the_wall(own: float, wall: float) -> None:
    pauses = Pauses.of(paused((10, 20), (40, 45)))
    assert pauses.wall(moment(own)) == moment(wall)
    assert on_the_wall({"a": (moment(own), 3)}, pauses) == {"a": (moment(wall), 3)}


def test_a_pause_that_lasts_keeps_the_moment_at_which_it_began() -> None:
    pauses = Pauses.of(paused((10, None)))
    assert pauses.since == moment(10)
    assert pauses.own(moment(500)) == moment(10)
    assert pauses.wall(moment(10)) == moment(10)


def test_a_pause_within_a_pause_and_an_end_of_none_change_nothing() -> None:
    events = [Resumed(at=moment(1)), *paused((10, None), (12, 20))]
    assert Pauses.of(events).spans == [(moment(10), moment(20))]


def test_a_quiet_lasts_as_long_as_it_would_have_without_a_pause() -> None:
    quiet = Reacted(
        at=moment(30), team=TEAM, actor="a", rule=0, do="go_quiet", cause="", until=moment(90)
    )
    for events in ([*paused((10, 20)), quiet], [quiet, *paused((40, 60))]):
        history = History.of(events)
        (one,) = history.reacted
        assert one.until is not None
        assert one.until - one.at == timedelta(seconds=60)


def test_a_hold_a_window_and_a_stroke_do_not_run_in_a_pause() -> None:
    story = Story().finds(20, FOUND_KEY).gone(100, "i1", "key")
    events = tuple(story.events)
    for at, start, end in ((240, 30, 5000), (240, 150, 9000), (260, 150, 9000)):
        plain = board(events, moment(at)).team(TEAM)
        moved = board(later(events, start, end), moment(at + end - start)).team(TEAM)
        assert moved.score == plain.score
        assert [one.state for one in moved.implants] == [one.state for one in plain.implants]
        assert [one.late for one in moved.implants] == [one.late for one in plain.implants]


def test_the_board_tells_moments_by_the_wall_and_that_it_stands_still() -> None:
    story = Story().finds(20, FOUND_KEY).gone(100, "i1", "key")
    moved = later(tuple(story.events), 30, 1030)
    lines = board(moved, moment(1500)).team(TEAM).implants
    assert moment(1100) in {one.removed for one in lines}
    still = board([*moved, *paused((1200, None))], moment(1300))
    assert still.paused == moment(1200)
    assert "paused since" in as_text(still)


def test_causes_are_the_same_text_before_and_after_a_pause() -> None:
    story = Story().gone(60, "i3", "process").gone(60, "i3", "starter")
    before = History.of(story.events)
    after = History.of([*story.events, *paused((100, 400))])
    (actor,) = {life.artefact.actor or "" for life in before.sites[TEAM].implants.values()}
    told = [[str(one) for one in causes(h, TEAM, actor, "removed")] for h in (before, after)]
    assert told[0] == told[1]


def test_how_a_run_stands_says_that_it_is_paused_and_what_is_left() -> None:
    events = [*Story().events, *paused((60, None))]
    first, later_ = (standing(events, moment(at)) for at in (61, 5000))
    assert first.phase.startswith("paused since ")
    assert first.left == later_.left
