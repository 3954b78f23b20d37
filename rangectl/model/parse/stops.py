"""Where a parser could not go on, and the lines about it."""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from rangectl.model.parse.marks import Flaw, Mark

_EXCERPT = 48
_LONGEST_LINE = 1000


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a parser stopped (`at`), what it said, what it was reading, and since where."""

    lines: tuple[str, ...]
    said: str
    at: Mark
    reading: str
    since: Mark

    def line(self, number: int) -> str:
        """Return a line of the text, no more than its beginning; nothing behind the end."""
        return self.lines[number - 1][:_LONGEST_LINE] if 0 < number <= len(self.lines) else ""

    @property
    def rest(self) -> str:
        """What stands from the place on, in its line."""
        return self.behind(self.at)

    @property
    def before(self) -> str:
        """What stands before the place, in its line."""
        return self.line(self.at.line)[: self.at.column - 1]

    def behind(self, mark: Mark) -> str:
        """Return what stands from a place on, in its line."""
        return self.line(mark.line)[mark.column - 1 :]

    def above(self, number: int) -> int:
        """Return the number of the nearest line above that says something; 0 if none does."""
        above = range(number - 1, 0, -1)
        return next((one for one in above if _says(self.line(one))), 0)

    def flaw(self, mark: Mark, message: str, hint: str) -> Flaw:
        """Make a flaw of what is wrong at a place; the message ends with the line."""
        return Flaw(mark, (), f"{message}: {quoted(self.line(mark.line))}", hint)


def stopped(error: yaml.MarkedYAMLError, text: str) -> Stop:
    """Return where the parser stopped in a text."""
    place = error.problem_mark or error.context_mark
    at = Mark(place.line + 1, place.column + 1) if place else Mark(1, 1)
    begun = error.context_mark
    since = Mark(begun.line + 1, begun.column + 1) if begun else at
    lines = tuple(line.rstrip("\r") for line in text.split("\n"))
    return Stop(lines, str(error.problem), at, str(error.context or ""), since)


def column_of(line: str) -> int:
    """Return the column in which a line begins to say something."""
    return len(line) - len(line.lstrip(" ")) + 1


def cut(text: str) -> str:
    """Return the beginning of a text on one line, printable."""
    line = "".join(one if one.isprintable() else "?" for one in " ".join(text.split()))
    return line if len(line) <= _EXCERPT else f"{line[: _EXCERPT - 3]}..."


def quoted(text: str) -> str:
    """Return the beginning of a text in quotes that it does not hold itself, where that can be."""
    shown = cut(text)
    return f"'{shown}'" if '"' in shown and "'" not in shown else f'"{shown}"'


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
