"""Commands about files."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from rangectl.cli.options import AsJson


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (validate, schema):
        app.command()(command)


def validate(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Topologies and exercises, by path or name."),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Check files and name every problem of each. Exit 3 when there is one."""
    from rangectl.cli import show
    from rangectl.errors import InvalidFileError
    from rangectl.wiring import reading

    problems = [problem for file in files for problem in reading.problems(file)]
    if as_json:
        show.facts({"problems": problems})
        raise typer.Exit(InvalidFileError.exit_code if problems else 0)
    if problems:
        raise InvalidFileError(tuple(problems))
    print(f"{len(files)} {'file' if len(files) == 1 else 'files'} without a problem")


def schema(
    kind: Annotated[
        Literal["topology", "exercise"],
        typer.Argument(metavar="KIND", help="topology or exercise."),
    ],
) -> None:
    """Print the JSON Schema of a kind of file."""
    from rangectl.cli import show
    from rangectl.model.parse import schema as schema_of

    show.facts(schema_of(kind))
