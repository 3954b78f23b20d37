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


def second(story: Story) -> Story:
    """The rules, priced by the formula's second version."""
    story = ruled(story)
    created = story.events[0]
    assert isinstance(created, RunCreated)
    story.events[0] = created.model_copy(update={"formula": "hunt-forward/2"})
    return story


def test_what_is_the_partners_own_and_gone_costs_once_each() -> None:
    story = Story().gone(50, "d1", "key").gone(60, "d2", "starter", "program")
    assert loss(second(story)) == 6
    told = "\n".join(explain(board(story.events), TEAM))
    assert "removed what is the partner's own, and did not put it back: web01: /home/ops" in told


def test_what_was_put_back_or_went_with_a_rebuild_costs_nothing() -> None:
    assert loss(second(Story().gone(50, "d1", "key").back(70, "d1", "key"))) == 0
    assert loss(second(Story().rebuilt(45, "web01").gone(50, "d1", "key"))) == 0


def test_old_logs_keep_their_prices() -> None:
    assert loss(ruled(Story().gone(50, "d1", "key"))) == 0
