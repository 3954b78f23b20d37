"""What long work tells while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One thing worth telling: `what` it is about, and `text` for a person."""

    what: str
    text: str


Tell = Callable[[Progress], None]


def untold(progress: Progress) -> None:
    """Tell nobody."""
    del progress
