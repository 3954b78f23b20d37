"""Conduct: what was done against the rules has its price, where there are rules."""

from __future__ import annotations

from rangectl.model.events import RunCreated
from rangectl.scoring.board import board, explain
from tests.scoring.story import TEAM, Story


def ruled(story: Story) -> Story:
    created = story.events[0]
    assert isinstance(created, RunCreated)
    story.events[0] = created.model_copy(update={"conduct": True})
    return story


def loss(story: Story) -> float:
    return board(story.events).team(TEAM).score.conduct_loss


def test_without_rules_nothing_is_held_against_anybody() -> None:
    assert loss(Story().tips(10, "scan").tips(20, "contact")) == 0


def test_every_breach_has_its_price() -> None:
    story = ruled(Story().tips(10, "scan").tips(20, "contact").tips(30, "early_block"))
    assert loss(story) == 5 + 5 + 4


def test_what_is_removed_before_the_partner_approved_costs() -> None:
    story = ruled(Story().gone(50, "i1", "key").approved(60).gone(70, "i2", "job"))
    assert loss(story) == 3


def test_there_is_a_most_that_conduct_takes_off() -> None:
    story = ruled(Story())
    for second in range(10):
        story.tips(second, "contact")
    assert loss(story) == 25


def test_every_breach_is_told() -> None:
    told = "\n".join(explain(board(ruled(Story().tips(10, "contact")).events), TEAM))
    assert "reached for the adversary's servers (2026-05-04 09:00:10Z): 5 points" in told
    assert "Conduct takes off 5 points" in told
    assert "nothing was done against" in "\n".join(explain(board(ruled(Story()).events), TEAM))
