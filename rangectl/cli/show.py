"""Printing: progress on a terminal and elsewhere, tables, JSON."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Sequence

from rangectl.ports import Progress, Tell


def teller(*, as_json: bool) -> Tell:
    """Return what prints progress to standard error: a line each, or a JSON object each."""

    def tell(progress: Progress) -> None:
        if as_json:
            line = json.dumps({"what": progress.what, "text": progress.text})
        else:
            line = progress.text if progress.what == "phase" else f"  {progress.text}"
        print(line, file=sys.stderr, flush=True)

    return tell


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
    """Print rows in columns as wide as they need."""
    lines = [tuple(head), *(tuple(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())
