"""What an author is told of a play that missed its bound."""

from __future__ import annotations

import pytest

from rangectl.scoring.board import board
from rangectl.scoring.shortfall import shortfalls, windfalls
from tests.scoring.story import (
    DECOY_LINE,
    FOUND_BEACON,
    FOUND_JOB,
    FOUND_KEY,
    JOB_FILE,
    NOISE_FILE,
    OTHER_FILE,
    TEAM,
    Story,
    finding,
)


def told(story: Story) -> str:
    return "\n".join(shortfalls(board(story.events), story.events, TEAM))


def whole() -> Story:
    return Story().finds_all(20).removes_all(200)


def test_nothing_is_told_of_a_hunt_that_lacked_nothing() -> None:
    assert told(whole().done(300).ends(450)) == ""


@pytest.mark.parametrize(
    ("story", "words"),
    [
        (
            Story().finds(20, FOUND_KEY).finds(21, FOUND_JOB).removes_all(200).ends(450),
            "c2.http on desk-1 was not found: is it where a hunter's seat may read",
        ),
        (
            Story()
            .finds(20, FOUND_KEY)
            .finds(21, finding("web01", JOB_FILE, technique="T1046"))
            .finds(22, FOUND_BEACON)
            .removes_all(200)
            .ends(450),
            "cron.dropin on web01 was called T1046, but is T1053.003",
        ),
        (
            whole().finds(30, finding("web01", DECOY_LINE)).ends(450),
            (
                "web01: /home/ops/.ssh/authorized_keys (ssh-ed25519 AAAAbackup backup@store) was"
                " reported and is a decoy: do the register and the papers clear it?"
            ),
        ),
        (
            whole().finds(30, finding("web01", OTHER_FILE)).ends(450),
            "web01: /etc/hosts was reported and is nothing that was planted",
        ),
        (
            whole().finds(30, finding("web01", NOISE_FILE)).ends(450),
            "web01: /etc/motd.old was reported and is noise of the partner's",
        ),
        (
            whole().back(320, "i2", "job").ends(450),
            "cron.dropin on web01 came back (job stands): what starts it was not removed",
        ),
        (
            Story().finds_all(20).gone(200, "i1", "key").ends(450),
            "c2.http on desk-1 was found and not removed whole: starter, process, program, traffic",
        ),
        (
            Story().finds_all(20).removes_all(350).ends(450),
            "went too late for the hold of 150 s",
        ),
        (
            Story().finds_all(20).gone(100, "i1", "key").removes_all(260).ends(600),
            "of the chain karsk went within 120 s of its first removal",
        ),
        (whole().checked(10, *[False] * 9).ends(450), "intranet of web01 did not answer 9 checks"),
        (
            whole().checked(10, *[False] * 9, why="HTTP status 502").ends(450),
            "intranet of web01 did not answer 9 checks: HTTP status 502",
        ),
    ],
    ids=[
        *("not found", "wrong technique", "decoy", "nothing", "noise", "came back", "in part"),
        *("too late", "not in one stroke", "service", "service, with the reason"),
    ],
)
def test_every_loss_is_told_with_what_to_look_at(story: Story, words: str) -> None:
    assert words in told(story)


def test_the_dearest_loss_is_told_first() -> None:
    story = Story().finds(20, FOUND_KEY).finds(21, FOUND_JOB).removes_all(200).ends(450)
    costs = [float(line.split()[0]) for line in told(story).splitlines()]
    assert costs == sorted(costs, reverse=True)


def test_what_paid_for_who_should_have_nothing_is_told() -> None:
    story = whole().ends(450)
    lines = windfalls(board(story.events), TEAM)
    assert any("c2.http on desk-1 was evicted" in line for line in lines)
    assert "one in 1.0 of its findings is true" in lines[-1]


def test_rebuilds_that_cost_hardly_anything_are_told() -> None:
    story = Story().removes_all(200).rebuilt(190, "web01").ends(450)
    assert "1 rebuilds took off 1.0 points only" in windfalls(board(story.events), TEAM)[-1]
