"""When the hunter strikes, says done, and stops."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rangectl.hunter.timing import (
    CYCLE,
    Hunt,
    first_cycle,
    is_over,
    latest_strike,
    may_say_done,
    may_strike,
    should_look_whole,
)

LENGTH, HOLD = 360.0, 150.0
READY = Hunt(now=76, cycle=CYCLE, news=40, quiet=3, waiting=None, seat=True, leads=3)


def test_it_strikes_when_the_scope_is_known() -> None:
    assert may_strike(READY, LENGTH, HOLD)


@pytest.mark.parametrize(
    "hunt",
    [
        replace(READY, now=60),
        replace(READY, quiet=1),
        replace(READY, seat=False),
        replace(READY, leads=0),
        replace(READY, waiting=40),
        replace(READY, whole=False),
    ],
    ids=["before a cycle of cron", "news", "no seat", "nothing found", "yet to start", "a part"],
)
def test_it_waits_for_the_scope_to_be_known(hunt: Hunt) -> None:
    assert not may_strike(hunt, LENGTH, HOLD)


def test_the_last_look_before_the_strike_is_at_all_there_is() -> None:
    part = replace(READY, whole=False)
    assert should_look_whole(part, LENGTH, HOLD)
    assert not should_look_whole(READY, LENGTH, HOLD)
    assert not should_look_whole(replace(part, quiet=1), LENGTH, HOLD)


@pytest.mark.parametrize(("second", "wanted"), [(0, 65), (10, 55), (20, CYCLE), (59, CYCLE)])
def test_a_cycle_is_over_when_cron_ran_what_stood_a_while_after_the_beginning(
    second: float, wanted: float
) -> None:
    assert first_cycle(second) == wanted


def test_what_did_not_start_within_a_cycle_is_waited_for_no_longer() -> None:
    assert may_strike(replace(READY, now=116, waiting=40), LENGTH, HOLD)


def test_it_strikes_with_half_the_scope_rather_than_too_late_for_the_hold() -> None:
    late = replace(READY, now=latest_strike(LENGTH, HOLD), quiet=0, waiting=170)
    assert may_strike(late, LENGTH, HOLD)
    assert late.now + HOLD < LENGTH


def test_done_is_said_a_cycle_of_cron_after_the_last_removal() -> None:
    assert not may_say_done(replace(READY, now=150), 80)
    assert may_say_done(replace(READY, now=156), 80)
    assert not may_say_done(replace(READY, now=156, news=100), 80)


def test_it_is_over_when_the_last_removal_has_held() -> None:
    assert not is_over(replace(READY, now=240), 80, LENGTH, HOLD)
    assert is_over(replace(READY, now=246), 80, LENGTH, HOLD)


def test_something_new_makes_the_hold_begin_again() -> None:
    assert not is_over(replace(READY, now=246, news=200), 80, LENGTH, HOLD)


def test_it_is_over_when_the_time_is() -> None:
    assert is_over(replace(READY, now=LENGTH), None, LENGTH, HOLD)


def test_where_looking_takes_long_it_strikes_earlier() -> None:
    early = replace(READY, now=latest_strike(LENGTH, HOLD) - 60, quiet=0)
    assert not may_strike(early, LENGTH, HOLD)
    assert may_strike(replace(early, slow=60), LENGTH, HOLD)
    assert latest_strike(LENGTH, HOLD, 1000) == CYCLE
