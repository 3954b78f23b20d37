"""Working days and hours: when people do things."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from rangectl.people.dice import Dice

_OPENS, _CLOSES = 7 * 60 + 20, 17 * 60 + 10


def working_day(day: date, step: int) -> date:
    """Return the working day that lies so many working days after (before) a day."""
    left, way = abs(step), 1 if step >= 0 else -1
    while day.weekday() > 4 or left:
        day += timedelta(days=way)
        if day.weekday() < 5 and left:
            left -= 1
    return day


def moment(day: date, minute: int, second: int = 0) -> datetime:
    """Return a minute of a day, UTC."""
    return datetime.combine(day, time(), UTC) + timedelta(minutes=minute, seconds=second)


def at_work(dice: Dice, before: datetime, weeks: int) -> datetime:
    """Return a moment of working time in the last weeks, more often a recent one."""
    back = min(dice.within(0, weeks * 5), dice.within(0, weeks * 5))
    day = working_day(before.date(), -back)
    found = moment(day, dice.within(_OPENS, _CLOSES), dice.below(60))
    while found >= before:
        day = working_day(day, -1)
        found = moment(day, dice.within(_OPENS, _CLOSES), dice.below(60))
    return found


def later(dice: Dice, after: datetime, low: int, high: int) -> datetime:
    """Return a moment so many minutes later, in working time."""
    found = after + timedelta(minutes=dice.within(low, high), seconds=dice.below(60))
    minute = found.hour * 60 + found.minute
    if minute > _CLOSES or found.weekday() > 4:
        day = working_day(found.date(), 1)
        return moment(day, dice.within(_OPENS, _OPENS + 120), dice.below(60))
    if minute < _OPENS:
        return moment(found.date(), dice.within(_OPENS, _OPENS + 90), dice.below(60))
    return found


def spoken(day: date) -> str:
    """Return a day as people write it: 12 March."""
    return f"{day.day} {day:%B}"
