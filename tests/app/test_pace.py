"""Which rounds are told of, and what of them."""

from __future__ import annotations

from rangectl.app.pace import Pace
from rangectl.engine.memory import MemoryClock


def spend(pace: Pace, **works: float) -> str | None:
    """Play a round in which works took so many seconds."""
    for work, seconds in works.items():
        with pace.time(work):
            pace.clock.sleep(seconds)
    return pace.round()


def test_a_long_round_is_told_with_what_took_longest() -> None:
    pace = Pace(MemoryClock())
    told = spend(pace, probe=4.0, serve=6.5, react=0.1, notice=0.2)
    assert told == "a round of the director took 10.8 s: serve 6.5, probe 4.0, notice 0.2"


def test_short_rounds_are_not_told_and_long_ones_once_a_minute() -> None:
    pace = Pace(MemoryClock())
    told = [spend(pace, probe=seconds) for seconds in (1.0, 9.0, 20.0, 70.0)]
    assert [one is not None for one in told] == [False, True, False, True]
