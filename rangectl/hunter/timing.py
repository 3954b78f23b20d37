"""When to strike and when to stop: decided from what was seen, never by feel."""

from __future__ import annotations

from dataclasses import dataclass, replace

CRON_PERIOD = 60.0
MARGIN = 15.0
CYCLE = CRON_PERIOD + MARGIN
QUIET_ROUNDS = 2
EARLY = 45.0
STARTING = 5.0


@dataclass(frozen=True, slots=True)
class Hunt:
    """How a hunt stands; all times in seconds since it began.

    `cycle`: when cron has run what stood at the beginning. `news`: when something was last seen for
    the first time. `quiet`: how many rounds since were without news. `waiting`: when the
    youngest lead was first seen whose program does not run yet. `whole`: whether the last look was
    at all there is, not only at what changes fast. `slow`: how long the longest round took so far:
    where looking takes long, so does removing, and one must begin earlier.
    """

    now: float
    cycle: float
    news: float
    quiet: int
    waiting: float | None
    seat: bool
    leads: int
    whole: bool = True
    slow: float = 0.0


def first_cycle(second: float) -> float:
    """Return how long after its beginning a hunt has seen what cron starts.

    `second` of the minute is when it began. Cron runs its tables at full minutes, and one that
    comes soon after the beginning does not show what comes later.
    """
    minute = CRON_PERIOD - second
    return minute + STARTING if minute >= EARLY else CYCLE


def latest_strike(length: float, hold: float, slow: float = 0.0) -> float:
    """Return when one must strike for the hold to pass before the end, if a round may take as long
    as `slow`.
    """
    return max(CYCLE, length - hold - 2 * MARGIN - slow)


def may_strike(hunt: Hunt, length: float, hold: float) -> bool:
    """Return whether this is T0: the scope is known, or there is no more time to learn it."""
    if not (hunt.seat and hunt.leads):
        return False
    if hunt.now >= latest_strike(length, hold, hunt.slow):
        return True
    whole_cycle = hunt.now >= hunt.cycle
    started = hunt.waiting is None or hunt.now >= hunt.waiting + CYCLE
    return whole_cycle and started and hunt.whole and hunt.quiet >= QUIET_ROUNDS


def should_look_whole(hunt: Hunt, length: float, hold: float) -> bool:
    """Return whether a look at all there is is the last thing to do before T0."""
    return not hunt.whole and may_strike(replace(hunt, whole=True), length, hold)


def is_over(hunt: Hunt, removed: float | None, length: float, hold: float) -> bool:
    """Return whether the last removal has held, or the time has run out."""
    if hunt.now >= length:
        return True
    return removed is not None and hunt.now >= max(removed, hunt.news) + hold + MARGIN


def may_say_done(hunt: Hunt, removed: float | None) -> bool:
    """Return whether a whole cycle of cron passed after the last removal without anything new."""
    return removed is not None and hunt.now >= max(removed, hunt.news) + CYCLE
