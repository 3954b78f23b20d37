"""Every failure a user can meet, and the exit code each one ends with."""

from __future__ import annotations

from typing import ClassVar


class RangeError(Exception):
    """A failure the user can act on: one message and a hint, never a traceback (exit 5)."""

    exit_code: ClassVar[int] = 5

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(RangeError):
    """The command was called in a way that cannot mean anything (exit 2)."""

    exit_code = 2


class InvalidFileError(RangeError):
    """A file says something that cannot be built; `problems` holds all of them (exit 3)."""

    exit_code = 3

    def __init__(self, problems: tuple[str, ...], *, hint: str | None = None) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.hint = hint


class EnvironmentUnfitError(RangeError):
    """The machine lacks what a range needs: no engine, too old, no rights (exit 4)."""

    exit_code = 4


class HonestNo(RangeError):  # noqa: N818 - not an error of the program: an answer
    """The answer is no: a leak, a failed check, drift, an exercise not solvable (exit 6)."""

    exit_code = 6
