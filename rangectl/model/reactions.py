"""What an adversary does when something happens to him: few things, and each a number of times."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from rangectl.model.base import Duration, Model, Name

When = Literal["tipped_off", "blocked", "killed", "removed"]
Do = Literal["go_quiet", "fallback", "replant", "log_gap"]
PLANTING: frozenset[Do] = frozenset({"fallback", "log_gap"})
"""What plants something that the actor kept in reserve."""

_LONGEST = timedelta(hours=1)
_SHORTEST = timedelta(seconds=30)


def _bounded(value: timedelta) -> timedelta:
    if not _SHORTEST <= value <= _LONGEST:
        message = "must be from 30s to 1h (wall time)"
        raise ValueError(message)
    return value


Wait = Annotated[Duration, AfterValidator(_bounded)]


class Reaction(Model):
    """One thing that an actor does, at most `times`, some time (`wait`) after what made him do it;
    all of it in wall time, as beacons are.

    `tipped_off`: he saw that he is hunted. `blocked`: a channel of his went silent though its
    program runs. `killed`: a program of his was ended. `removed`: an implant of his is gone.
    `go_quiet` silences his programs `for` a while; `fallback` and `log_gap` `plant` what he kept in
    reserve; `replant` puts back what was removed. Without anything left of him he does nothing.
    """

    when: When
    do: Do
    plant: Name | None = None
    for_: Wait = Field(default=timedelta(minutes=2), alias="for")
    wait: Wait = timedelta(minutes=2)
    times: Annotated[int, Field(ge=1, le=10)] = 1
