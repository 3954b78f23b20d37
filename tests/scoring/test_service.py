"""Availability: what a check, a recovery and a long outage count."""

from __future__ import annotations

import pytest

from rangectl.scoring.service import checks
from tests.scoring.story import TEAM, Story


def test_without_a_check_availability_is_not_assessed() -> None:
    assert checks(Story().events, TEAM).availability is None


def test_the_first_good_check_after_a_miss_counts_a_half() -> None:
    tally = checks(Story().checked(0, True, False, True, True).events, TEAM)
    assert (tally.ok, tally.recovering, tally.missed, tally.availability) == (2, 1, 1, 0.625)


def test_an_excused_miss_is_as_if_it_was_not_checked() -> None:
    tally = checks(Story().checked(0, True, False, True, excused=True).events, TEAM)
    assert (tally.counted, tally.recovering, tally.excused, tally.availability) == (2, 0, 1, 1.0)


def test_an_excused_miss_does_not_break_a_row_of_misses() -> None:
    story = Story().checked(0, *[False] * 3).checked(30, False, excused=True)
    assert checks(story.checked(40, *[False] * 2).events, TEAM).longest == 5


def test_only_the_service_that_was_long_away_is_surcharged() -> None:
    story = Story().checked(0, *[False] * 6)
    other = [e.model_copy(update={"service": "ssh"}) for e in Story().checked(0, False).events[-1:]]
    tally = checks([*story.events, *other, *other], TEAM)
    assert tally.surcharge == pytest.approx(6 * 0.2 / 8)


def test_checks_of_another_team_do_not_count() -> None:
    assert checks(Story().checked(0, False).events, "birch").counted == 0
