"""What every value read from a file or the event log has in common."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, StringConstraints

_UNITS = {"s": 1, "m": 60, "h": 3600}
DURATION_PATTERN = r"^([0-9]{1,9}(?:\.[0-9]{1,6})?)([smh])$"
_DURATION = re.compile(DURATION_PATTERN)
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
    if match is None:
        message = f"not a duration: {str(value)[:40]!r} (write 90s, 5m or 1h)"
        raise ValueError(message)
    read = timedelta(seconds=float(match[1]) * _UNITS[match[2]])
    if read > _LONGEST:
        message = f"too long: {value} (at most {_LONGEST.days} days)"
        raise ValueError(message)
    return read


def show_duration(value: timedelta) -> str:
    """Write a duration the way `parse_duration` reads it."""
    return f"{value.total_seconds():g}s"


Duration = Annotated[
    timedelta, BeforeValidator(parse_duration), PlainSerializer(show_duration, return_type=str)
]
