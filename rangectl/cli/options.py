"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print facts and progress as JSON.")]
Name = Annotated[
    str | None, typer.Option("--name", help="Name to bring it up under; default: the file's own.")
]
Teams = Annotated[str, typer.Option("--teams", help="Teams, separated by commas.")]
Outside = Annotated[
    str | None,
    typer.Option(
        envvar="RANGECTL_OUTSIDE",
        help="Address the proof tries as the outside; default: 192.0.2.1.",
    ),
]
OutsideName = Annotated[
    str | None,
    typer.Option(
        envvar="RANGECTL_OUTSIDE_NAME",
        help="Name the proof tries to resolve; default: example.com.",
    ),
]
