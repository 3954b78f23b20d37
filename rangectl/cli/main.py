"""The command line: parse, call one use case, print, exit."""

from __future__ import annotations

import gc
import logging
import sys

import typer

from rangectl.cli import (
    doctor,
    exercises,
    files,
    images,
    implants,
    interrupts,
    ranges,
    smoke,
    snapshots,
)
from rangectl.errors import RangeError

_SELDOM = (100_000, 20, 100)
"""How often garbage is looked for: hardly while modules load, which took a fifth of the time."""

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
snapshots.register(app)
exercises.register(app)
implants.register(app)


def main() -> None:
    """Run the program; the only place that catches errors, and turns them into exit codes."""
    gc.set_threshold(*_SELDOM)
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    interrupts.listen()
    try:
        app()
    except RangeError as error:
        interrupts.end_if_any()
        print(f"rangectl: {error}", file=sys.stderr)
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None
    except SystemExit as ended:
        if ended.code == interrupts.CODE:
            interrupts.end()
        raise
    except Exception:
        interrupts.end_if_any()
        raise


if __name__ == "__main__":
    main()
