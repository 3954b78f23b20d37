"""Places in a text, and what is wrong there."""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a text; both count from 1. `file`: that of an included text."""

    line: int
    column: int
    file: str = ""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong with the text itself; `path` is empty where it is not known."""

    mark: Mark
    path: Path
    message: str
    hint: str | None = None
