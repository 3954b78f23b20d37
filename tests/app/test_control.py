"""What an instructor does to a run under way, in memory."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rangectl.app.control import extend, kill, order, silence
from rangectl.app.down import down
from rangectl.app.exercise import remove
from rangectl.errors import RangeError, UsageError
from rangectl.model.events import Ended, Injected
from rangectl.model.injects import COMMON
from rangectl.scoring.board import board
from rangectl.scoring.telling_truth import as_facts, as_lines
from rangectl.scoring.truth import standing
from tests.app.play import SHORT, Play


def short() -> Play:
    return Play(("alder", "birch"), SHORT)


def test_an_inject_that_is_ordered_reaches_the_team_it_is_for() -> None:
    play = short()
    play.at(10, lambda: order(play.log, play.world.clock, "hack-back", "birch", COMMON))
    play.start()
    assert [(e.inject, e.team, e.cause) for e in play.of(Injected)] == [
        ("hack-back", "birch", "instructor 0")
    ]
    path = "/srv/briefing/messages/01-hack-back.txt"
    assert path in play.kit("birch").files
    assert path not in play.kit("alder").files


def test_what_nobody_wrote_or_nobody_plays_is_not_sent() -> None:
    play = short()
    refused: list[str] = []

    def ask(inject: str, team: str) -> None:
        with pytest.raises(UsageError) as caught:
            order(play.log, play.world.clock, inject, team, COMMON)
        refused.append(str(caught.value))

    play.at(10, lambda: ask("nothing", "birch"))
    play.at(11, lambda: ask("hack-back", "cedar"))
    play.start()
    assert refused == ["there is no inject 'nothing'", "no team 'cedar' takes part"]


def test_an_exercise_that_is_extended_lasts_longer() -> None:
    play = short()
    play.at(10, lambda: extend(play.log, play.world.clock, timedelta(minutes=5)))
    play.start()
    (ended,) = play.of(Ended)
    assert ended.at - play.started == timedelta(seconds=90 + 30)


def test_a_run_that_is_killed_is_cut_off_and_over() -> None:
    play = short()
    play.at(10, lambda: kill(play.world.edges, play.log, "first-light"))
    play.start()
    (ended,) = play.of(Ended)
    assert ended.why == "killed"
    assert [one for one in play.world.engine.seen() if one.kind == "switch"] == []


def test_ranges_without_a_log_are_cut_off_too() -> None:
    play = short()
    play.world.up("alder", name="other")
    assert silence(play.world.engine, "other") == 1
    with pytest.raises(UsageError, match="nothing is up under the name 'other'"):
        kill(play.world.edges, None, "other")


def test_how_a_run_stands_holds_no_answers_unless_they_are_asked_for() -> None:
    play = short()
    said: list[str] = []
    open_: list[str] = []

    def look() -> None:
        found = standing(play.events, play.world.clock.now())
        said.extend(as_lines(found, truth=True))
        open_.extend([*as_lines(found, truth=False), str(as_facts(found, truth=False))])

    play.at(60, look)
    play.start()
    text, plain = "\n".join(said), "\n".join(open_)
    assert "first-light: first-light, under way, 30 s left (5 min 0 s of its clock)" in text
    assert "ACTIVE" in text
    assert "open to 198.51.100." in text
    assert "impact so far: " in text
    for answer in ("ACTIVE", "c2.http", "198.51.100", "impact", "ssh.authkey"):
        assert answer not in plain
    assert "alder: 0 findings, 0 requests" in plain


def test_a_log_that_is_empty_says_nothing() -> None:
    with pytest.raises(RangeError, match="does not say how the run began"):
        standing((), short().world.clock.now())


def test_after_the_end_ranges_go_first_and_the_record_when_it_is_removed() -> None:
    play = short()
    play.start()
    down(play.world.edges, "first-light")
    assert [one.name for one in board(play.log.read()).teams] == ["alder", "birch"]
    forgotten: list[str] = []
    remove(play.world.edges, "first-light", lambda: forgotten.append("first-light"))
    assert (play.world.engine.seen(), forgotten) == ((), ["first-light"])


def test_removing_a_run_that_was_killed_leaves_nothing() -> None:
    play = short()
    play.at(10, lambda: kill(play.world.edges, play.log, "first-light"))
    play.start()
    remove(play.world.edges, "first-light", lambda: None)
    assert play.world.engine.seen() == ()
