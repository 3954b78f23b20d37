"""What the partner's people do all day: a profile of background traffic."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from rangectl.model.base import Duration, Model, Name

Activity = Literal["browse", "mail", "query", "copy", "login", "resolve"]

_HOUR = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_PATTERN = re.compile(r"[a-z0-9*?-]{1,63}")


def minutes(text: str) -> int:
    """Return the minute of the day that `08:30` means; ValueError for what is no such time."""
    match = _HOUR.fullmatch(text)
    if match is None:
        message = f'not a time of day: {text[:40]!r} (write "08:30", in quotes)'
        raise ValueError(message)
    return int(match[1]) * 60 + int(match[2])


def _hour(text: str) -> str:
    minutes(text)
    return text


def _pattern(text: str) -> str:
    if not _PATTERN.fullmatch(text):
        message = f"not a pattern of names: {text[:40]!r} (write web01, desk-* or desk-?)"
        raise ValueError(message)
    return text


def _often(value: timedelta) -> timedelta:
    if value < timedelta(seconds=5):
        message = "nobody does this more often than every 5s"
        raise ValueError(message)
    return value


Hour = Annotated[str, AfterValidator(_hour)]
Pattern = Annotated[str, AfterValidator(_pattern)]


class Who(Model):
    """Some of the staff: those at hosts, in departments (by key), and whether they administer."""

    host: Pattern = "*"
    department: Pattern = "*"
    admin: bool | None = None


class Habit(Model):
    """Something that some of the staff do again and again.

    `every` is the mean time between two of one person in the middle of a working day, by the clock
    on the wall; times between are drawn at random (exponential), as those of people are. `to` are
    the hosts whose services it is done with.
    """

    who: Who = Who()
    do: Activity
    every: Annotated[Duration, AfterValidator(_often)]
    to: Pattern = "*"


class Profile(Model):
    """What people do, how often, and how busy which hour of the day is.

    `day` says from when on people are how busy, from 0 to 1; the hour of the day is that of the
    exercise's clock, at STARTEX it is `starts`. How often things are done is by the clock on the
    wall, as beacons and cron are. There are at least `ratio` flows of people for one of the
    adversary's, and at most `limit` in a second.
    """

    version: Literal[1]
    name: Name
    description: Annotated[str, StringConstraints(max_length=2000)] = ""
    starts: Hour = "09:00"
    day: Annotated[
        dict[Hour, Annotated[float, Field(ge=0, le=1)]], Field(min_length=1, max_length=48)
    ]
    ratio: Annotated[float, Field(ge=0, le=100)] = 10.0
    limit: Annotated[float, Field(ge=0.05, le=20)] = 4.0
    habits: Annotated[tuple[Habit, ...], Field(min_length=1, max_length=50)]

    def level(self, minute: float) -> float:
        """Return how busy people are at a minute of the day."""
        marks = sorted((minutes(hour), level) for hour, level in self.day.items())
        before = [level for mark, level in marks if mark <= minute % 1440]
        return before[-1] if before else marks[-1][1]
