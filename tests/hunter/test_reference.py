"""The pace of the reference hunter."""

from __future__ import annotations

import pytest

from rangectl.hunter.reference import ROUND, pause
from rangectl.hunter.timing import CYCLE


@pytest.mark.parametrize(
    ("begun", "now", "wanted"),
    [
        (0, 3, ROUND - 3),
        (0, ROUND + 5, 0),
        (CYCLE - 4, CYCLE - 1, 1),
        (CYCLE, CYCLE + 3, ROUND - 3),
    ],
    ids=["a round", "late", "the cycle is over first", "after the cycle"],
)
def test_the_next_round_begins_in_time(begun: float, now: float, wanted: float) -> None:
    assert pause(begun, now, CYCLE) == wanted
