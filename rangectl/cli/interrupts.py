"""Ctrl-C: once finishes the step and says where it stands, twice stops, thrice drops everything."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

CODE = 130
_STEPS = frozenset({"remove", "create", "start", "wire"})
"""Phases that change something: what has begun is better ended, for it does not take long."""


class _Interrupts:
    """What was interrupted so far, and which phases of long work there were."""

    def __init__(self) -> None:
        self.count = 0
        self.phases: list[str] = []
        self.next: str | None = None

    def note(self, number: int, frame: FrameType | None) -> None:
        """Take a signal: libraries may turn the exception into an error of theirs."""
        del number, frame
        self.count += 1
        if self.count == 1 and self.phases and self.phases[-1] in _STEPS:
            text = f"rangectl: ending this step ({self.phases[-1]}); Ctrl-C again stops at once\n"
            os.write(2, text.encode())
            return
        if self.count > 2:
            os.write(2, b"rangectl: dropped; the same command again goes on, rangectl down ends\n")
            os._exit(CODE)
        raise KeyboardInterrupt

    def begin(self, phase: str) -> None:
        """Note that a phase begins; KeyboardInterrupt where it is not to begin any more."""
        if self.count:
            self.next = phase
            raise KeyboardInterrupt
        self.phases.append(phase)


_now = _Interrupts()


def listen() -> None:
    """Count interrupts from now on."""
    global _now  # noqa: PLW0603 - one process, one terminal
    _now = _Interrupts()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _now.note)


def begin(phase: str) -> None:
    """Note that a phase of long work begins; KeyboardInterrupt where it must not any more."""
    _now.begin(phase)


def end_if_any() -> None:
    """End the program as an interrupted one where it was interrupted."""
    if _now.count:
        end()


def end() -> NoReturn:
    """End the program, saying where it stands."""
    print(
        f"rangectl: interrupted{_where()}; the same command again goes on where this one stopped",
        file=sys.stderr,
    )
    raise SystemExit(CODE) from None


def _where() -> str:
    if not _now.phases:
        return ""
    if _now.next is not None:
        return f" before {_now.next} (done: {', '.join(_now.phases)})"
    *done, last = _now.phases
    return f" in {last}" + (f" (done: {', '.join(done)})" if done else "")
