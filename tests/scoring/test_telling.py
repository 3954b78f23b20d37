"""The board in words: every point with its reason, fit for a terminal."""

from __future__ import annotations

import json

from rangectl.scoring.board import as_dict, as_text, board, explain
from tests.scoring import stories
from tests.scoring.story import FOUND_JOB, TEAM, Story


def told(story: Story) -> str:
    return "\n".join(explain(board(story.events), TEAM))


def test_what_is_not_assessed_is_said() -> None:
    text = told(stories.nothing_done())
    assert "Not assessed in this exercise: report (25 points)" in text
    assert "Conduct: not assessed" in text


def test_an_ejected_implant_is_told_with_its_moment() -> None:
    assert "Ejected at 2026-05-04 09:03:20Z and it held" in told(stories.all_found_and_gone())


def test_a_regressed_implant_is_told_with_what_stands() -> None:
    assert "It was gone and came back (still there: key)" in told(stories.came_back())


def test_a_hold_cut_off_is_told() -> None:
    text = told(stories.hold_cut_off_by_the_end())
    assert "Removed, the hold had not run out (gone, but not yet for 2 min 30 s: job)" in text


def test_false_findings_are_told_one_by_one() -> None:
    text = told(stories.decoys())
    assert "Finding f4 on web01 is false, a decoy: counts twice" in text
    assert "Finding f6 on web01 is false, an ordinary change" in text


def test_rebuilds_and_outages_are_told() -> None:
    text = told(stories.everything_rebuilt())
    assert "6 misses in a row at most (surcharge 20 %)" in text
    assert "Rebuilt at the team's request, a point each: web01, desk-1." in text


def test_the_table_puts_the_better_team_first() -> None:
    story = Story()
    story.events[0] = story.events[0].model_copy(update={"teams": ("birch", TEAM)})
    text = as_text(board(story.finds(100, FOUND_JOB).events))
    assert text.index(f"\n{TEAM} ") < text.index("\nbirch ")


def test_no_line_of_the_text_is_wider_than_a_hundred() -> None:
    texts = [as_text(board(story().events), reasons=True) for story in stories.STORIES]
    assert max(len(line) for text in texts for line in text.splitlines()) <= 100


def test_control_characters_of_a_submission_never_reach_the_terminal() -> None:
    story = Story().finds(100, FOUND_JOB)
    story.events[-1] = story.events[-1].model_copy(update={"id": "\x1b[2Jf1\n"})
    assert "\x1b" not in as_text(board(story.events), reasons=True)


def test_the_plain_data_is_json_with_reasons() -> None:
    data = as_dict(board(stories.all_found_and_gone().events))
    assert json.loads(json.dumps(data)) == data
    assert data["teams"][0]["reasons"][0].startswith("98.7 of 100 points")
