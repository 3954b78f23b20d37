"""Printing: progress on a terminal and elsewhere, tables, JSON."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from rangectl.cli import interrupts
from rangectl.progress import Progress, Tell

_WIDE = 400
_FACTS = frozenset({"change", "proof"})
"""What is told to programs as it comes, and to people in the answer."""


@contextmanager
def telling(*, as_json: bool) -> Iterator[Tell]:
    """Give what tells progress on standard error while work runs; a phase may be where it ends.

    On a terminal the present phase stands in a line of its own with a spinner; elsewhere every
    piece is a line, or a JSON object with its moment.
    """
    if as_json or not sys.stderr.isatty():
        yield _heeding(_json_line if as_json else _line)
        return
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    with console.status("starting") as status:

        def tell(progress: Progress) -> None:
            if progress.what == "phase":
                status.update(progress.text)
            elif progress.what in _FACTS:
                return
            elif _is_build(progress):
                status.update(_text(progress))
            else:
                console.print(f"  {progress.text}", markup=False)

        yield _heeding(tell)


def _heeding(tell: Tell) -> Tell:
    """Let an interrupt end the work between two phases."""

    def heed(progress: Progress) -> None:
        if progress.what == "phase":
            interrupts.begin(progress.text.partition(":")[0])
        tell(progress)

    return heed


def _line(progress: Progress) -> None:
    if progress.what in _FACTS:
        return
    indent = "" if progress.what == "phase" else "  "
    print(f"{indent}{_text(progress)}", file=sys.stderr, flush=True)


def _text(progress: Progress) -> str:
    return f"{progress.what}: {progress.text}" if _is_build(progress) else progress.text


def _is_build(progress: Progress) -> bool:
    return progress.what.startswith(("role ", "base "))


def _json_line(progress: Progress) -> None:
    at = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")
    line = json.dumps({"at": at, "what": progress.what, "text": progress.text})
    print(line, file=sys.stderr, flush=True)


def note(text: str) -> None:
    """Tell something that is not part of the answer."""
    print(text, file=sys.stderr)


def facts(value: object) -> None:
    """Print a value as JSON: dataclasses become objects."""
    print(json.dumps(value, default=_plain, indent=2))


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns; where the output is no terminal nothing is folded."""
    from rich.console import Console
    from rich.table import Table

    shown = Table(*head, box=None, pad_edge=False, show_edge=False)
    for row in rows:
        shown.add_row(*row)
    Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False, markup=False).print(
        shown
    )
