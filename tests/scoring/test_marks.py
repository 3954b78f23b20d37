"""What an instructor gives for the messages that reached a team."""

from __future__ import annotations

import pytest

from rangectl.app.control import Mark, mark
from rangectl.engine.memory import MemoryClock
from rangectl.errors import UsageError
from rangectl.model.events import Injected, Marked, Submitted
from rangectl.model.finding import Reply
from rangectl.scoring.board import board, explain
from rangectl.scoring.marks import as_lines, replied
from rangectl.store.memory import MemoryLog
from tests.scoring.story import TEAM, Story, moment


def asked() -> Story:
    """Two messages came, one of which was answered."""
    story = Story()
    for at, name in ((10, "hack-back"), (20, "press-query")):
        story.add(Injected(at=moment(at), inject=name, cause="msel 0"))
    reply = Reply(message="hack-back", text="No.\x1b[2J")
    return story.add(Submitted(at=moment(30), team=TEAM, id="r", submission=reply))


def marked(story: Story, at: float, inject: str, points: int) -> Story:
    given = {"at": moment(at), "team": TEAM, "inject": inject, "mark": points, "why": "why not"}
    return story.add(Marked.model_validate(given))


def test_without_marks_the_report_is_not_assessed() -> None:
    assert board(asked().events).team(TEAM).score.report is None


def test_marks_are_the_report_and_the_last_of_each_counts() -> None:
    story = marked(marked(marked(asked(), 40, "hack-back", 0), 50, "hack-back", 5), 60, "press", 2)
    mine = board(story.events)
    assert mine.team(TEAM).score.report == 0.7
    assert mine.team(TEAM).score.scale == 1
    told = explain(mine, TEAM)
    assert "Message hack-back: 5 of 5: why not." in told
    assert any(one.startswith("Report: 17.5 of 25.0 points (R 0.700") for one in told)


def test_marks_that_are_given_after_the_end_count() -> None:
    story = marked(asked().ends(100), 5000, "hack-back", 4)
    assert board(story.events).team(TEAM).score.report == 0.8
    assert board(story.events, moment(200)).team(TEAM).score.report is None


def test_what_was_said_stands_beside_what_is_expected() -> None:
    found = replied(marked(asked(), 40, "hack-back", 4).events)
    assert list(as_lines(found, {"hack-back": "Refuse."})) == [
        "alder: hack-back, sent 09:00:10Z: 4 of 5",
        "  expected: Refuse.",
        "  said: No. [2J",
        "alder: press-query, sent 09:00:20Z: not marked",
        "  expected: nobody wrote it down",
        "  said: nothing",
    ]


def test_only_what_was_sent_to_a_team_of_the_run_is_marked() -> None:
    log = MemoryLog()
    log.append(asked().ends(100).events)
    for given in (Mark("cedar", "hack-back", 5), Mark(TEAM, "slow-server", 5)):
        with pytest.raises(UsageError):
            mark(log, MemoryClock(), given)
    mark(log, MemoryClock(), Mark(TEAM, "hack-back", 5))
    assert [one.kind for one in log.read()][-1] == "marked"
