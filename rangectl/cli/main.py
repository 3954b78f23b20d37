"""The command line: parse, call one use case, print, exit."""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Sequence
from copy import copy
from typing import Annotated

import typer
import typer.models

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
    usage,
)
from rangectl.errors import RangeError, UsageError

_SELDOM = (100_000, 20, 100)
"""How often garbage is looked for: hardly while modules load, which took a fifth of the time."""

_FIRST_STEPS = (
    "To begin: rangectl doctor; rangectl up minimal; rangectl status; rangectl down minimal."
    " An exercise: rangectl exercise start first-light --teams alder,birch."
)

app = typer.Typer(
    name="rangectl",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    epilog=_FIRST_STEPS,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def program(
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Build cyber ranges, plant inert implants, and score the teams that hunt them."""
    if version:
        from importlib import metadata

        print(f"rangectl {metadata.version('rangectl')}")
        raise typer.Exit


doctor.register(app)
files.register(app)
images.register(app)
ranges.register(app)
smoke.register(app)
snapshots.register(app)
exercises.register(app)
implants.register(app)


def called(words: Sequence[str]) -> typer.Typer:
    """Return the program with no command but the one that words begin with: to make all of them
    takes several times as long. It is whole where they begin with none.
    """
    word = words[0] if words else ""
    commands = [one for one in app.registered_commands if _name(one) == word]
    groups = [
        one
        for one in app.registered_groups
        if one.typer_instance is not None and one.typer_instance.info.name == word
    ]
    if not commands and not groups:
        return app
    narrow = copy(app)
    narrow.registered_commands, narrow.registered_groups = commands, groups
    return narrow


def _name(command: typer.models.CommandInfo) -> str:
    return command.name or getattr(command.callback, "__name__", "").replace("_", "-")


def main() -> None:
    """Run the program; the only place that catches errors, and turns them into exit codes."""
    gc.set_threshold(*_SELDOM)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # none is wanted, looking costs
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    interrupts.listen()
    try:
        sys.exit(called(sys.argv[1:])(standalone_mode=False))
    except typer.TyperException as error:
        _say(*usage.told(error))
        raise SystemExit(UsageError.exit_code) from None
    except RangeError as error:
        interrupts.end_if_any()
        _say(f"rangectl: {error}", error.hint)
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
    finally:
        gc.freeze()  # all that is left goes with the process; to look through it takes a while


def _say(message: str, hint: str | None) -> None:
    print(message, file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)


if __name__ == "__main__":
    main()
