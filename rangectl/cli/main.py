"""The command line: parse, call one use case, print, exit."""

from __future__ import annotations

import logging
import signal
import sys
from types import FrameType
from typing import NoReturn

import typer

from rangectl.cli import doctor, exercises, files, images, ranges, smoke
from rangectl.errors import RangeError

INTERRUPTED = 130

app = typer.Typer(
    name="rangectl",
    help="Build cyber ranges, plant inert implants, and score the teams that hunt them.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
doctor.register(app)
files.register(app)
images.register(app)
ranges.register(app)
smoke.register(app)
exercises.register(app)


def main() -> None:
    """Run the program; the only place that catches errors, and turns them into exit codes."""
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    interrupts = _interrupts()
    try:
        app()
    except RangeError as error:
        if interrupts:
            _end_interrupted()
        print(f"rangectl: {error}", file=sys.stderr)
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            _end_interrupted()
        raise
    except Exception:
        if interrupts:
            _end_interrupted()
        raise


def _interrupts() -> list[int]:
    """Return a list that gets an item with each interrupt: libraries may turn one into an error."""
    seen: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        seen.append(number)
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, note)
    return seen


def _end_interrupted() -> NoReturn:
    print(
        "rangectl: interrupted; the same command again goes on where this one stopped",
        file=sys.stderr,
    )
    raise SystemExit(INTERRUPTED) from None


if __name__ == "__main__":
    main()
