"""What every value read from a file or the event log has in common."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, StringConstraints

_UNITS = {"s": 1, "m": 60, "h": 3600}
DURATION_PATTERN = r"^([0-9]{1,9}(?:\.[0-9]{1,6})?)([smh])$"
_DURATION = re.compile(DURATION_PATTERN)
_LIKE_A_DURATION = re.compile(
    r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ?(?=[a-z]*$)([smhd])(?:ec|econd|in|inute|r|our|ay)?s?"
)
_LONGEST = timedelta(days=31)


class Model(BaseModel):
    """A value from outside: immutable, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, defer_build=True)


NAME_PATTERN = r"^[a-z][a-z0-9-]{0,30}$"
Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
"""A name of a segment, host, team, actor or file: a DNS label that begins with a letter."""


def parse_duration(value: object) -> timedelta:
    """Read `90s`, `5m`, `1.5h`; raise ValueError for anything else, and for more than 31 days."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None and re.fullmatch("[0-9]{1,9}", str(value)):
        hint = f"write {value}s, {value}m or {value}h"
        message = f"not a duration: {value} has no unit ({hint})"
        raise ValueError(message)
    if match is None:
        message = f"not a duration: {str(value)[:40]!r} (write {_meant(str(value))})"
        raise ValueError(message)
    read = timedelta(seconds=float(match[1]) * _UNITS[match[2]])
    if read > _LONGEST:
        message = f"too long: {value} (at most {_LONGEST.days} days)"
        raise ValueError(message)
    return read


def _meant(text: str) -> str:
    """Return how a duration is written that was written another way."""
    match = _LIKE_A_DURATION.fullmatch(text)
    if match is None:
        return "90s, 5m or 1h"
    if match[2] == "d":
        return f"{float(match[1]) * 24:g}h"
    return f"{float(match[1]):g}{match[2]}"


def show_duration(value: timedelta) -> str:
    """Write a duration the way `parse_duration` reads it."""
    return f"{value.total_seconds():g}s"


Duration = Annotated[
    timedelta, BeforeValidator(parse_duration), PlainSerializer(show_duration, return_type=str)
]
