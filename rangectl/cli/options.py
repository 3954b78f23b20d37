"""Options that several commands share."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from rangectl.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")


def is_name(text: str) -> bool:
    """Say whether this can be a name of ranges, a run or a team."""
    return _NAME.fullmatch(text) is not None


def name(text: str | None) -> str | None:
    """Return a name as it was given; UsageError for what cannot be one."""
    if text is not None and not is_name(text):
        message = f"not a name: {text[:40]!r}"
        raise UsageError(message, hint=_HINT)
    return text


def teams(text: str) -> tuple[str, ...]:
    """Read `alder,birch`; UsageError where one cannot be a team's name, or is there twice."""
    given = tuple(one.strip() for one in text.split(","))
    for number, one in enumerate(given):
        if not one or " " in one:
            message = f"--teams: not names with commas between: {text[:40]!r}"
            raise UsageError(message, hint="without spaces: --teams alder,birch")
        if not is_name(one):
            message = f"--teams: not the name of a team: {one[:40]!r}"
            raise UsageError(message, hint=_HINT)
        if one in given[:number]:
            message = f"--teams: {one!r} is there twice"
            raise UsageError(message, hint="write each name once, with commas between: alder,birch")
    return given


def _checked(text: str) -> str:
    teams(text)
    return text


def variables(texts: list[str] | None) -> dict[str, str]:
    """Read `hosts=30`, `site=north`; UsageError for what is not NAME=VALUE, or is there twice."""
    given: dict[str, str] = {}
    for text in texts or ():
        name_, equals, value = text.partition("=")
        if not equals or not name_:
            message = f"--var: not NAME=VALUE: {text[:40]!r}"
            raise UsageError(message, hint="write --var hosts=30")
        if name_ in given:
            message = f"--var: {name_[:40]!r} is there twice"
            raise UsageError(message)
        given[name_] = value
    return given


_HINT = "a name is lower-case letters, digits and hyphens, 31 at most, and begins with a letter"
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON, progress too.")]
Name = Annotated[
    str | None,
    typer.Option(
        "--name",
        metavar="NAME",
        callback=name,
        help="Name to bring it up under; default: the file's own.",
    ),
]
RunName = Annotated[str, typer.Argument(metavar="NAME", callback=name, help="Name of the run.")]
Teams = Annotated[
    str,
    typer.Option(
        "--teams", metavar="NAME,...", callback=_checked, help="Teams, separated by commas."
    ),
]
Vars = Annotated[
    list[str] | None,
    typer.Option(
        "--var",
        metavar="NAME=VALUE",
        help="A value for a variable of the topology; RANGECTL_VAR_NAME in the environment too.",
    ),
]
Outside = Annotated[
    str | None,
    typer.Option(
        envvar="RANGECTL_OUTSIDE",
        metavar="ADDRESS",
        help="For the proof: an address out of the range; default: 192.0.2.1.",
    ),
]
OutsideName = Annotated[
    str | None,
    typer.Option(
        envvar="RANGECTL_OUTSIDE_NAME",
        metavar="NAME",
        help="For the proof: a name out of the range; default: example.com.",
    ),
]
