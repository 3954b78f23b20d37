"""A program with root on every host and generic tricks finds implants no better than by chance."""

from __future__ import annotations

import pytest

from tests.e2e import parity
from tests.e2e.playing import Playing, sightings

pytestmark = [pytest.mark.engine, pytest.mark.slow]
MARGIN = 0.03
BOUND = 0.15
"""What one trick may gain by luck in four ranges; docs/parity.md has the numbers of many."""


@pytest.fixture(scope="module")
def seen(lasting: Playing) -> list[parity.Sighting]:
    return sightings(lasting)


@pytest.fixture(scope="module")
def found(seen: list[parity.Sighting]) -> dict[str, dict[str, float]]:
    return parity.measure(seen)


def test_every_implant_is_among_the_files_that_changed(seen: list[parity.Sighting]) -> None:
    for one in seen:
        assert one.implants
        assert one.implants <= parity.changed(one)


def test_the_tricks_together_are_no_better_than_chance(
    found: dict[str, dict[str, float]],
) -> None:
    means = [parity.mean(row) for trick, row in found.items() if trick != parity.RANDOM]
    assert sum(means) / len(means) < parity.mean(found[parity.RANDOM]) + MARGIN


def test_no_single_trick_stands_out(found: dict[str, dict[str, float]]) -> None:
    chance = parity.mean(found[parity.RANDOM])
    assert {
        trick: parity.mean(row) for trick, row in found.items() if parity.mean(row) > chance + BOUND
    } == {}
