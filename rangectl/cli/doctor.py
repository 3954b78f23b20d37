"""The command that says whether this machine is fit for ranges."""

from __future__ import annotations

from typing import Annotated

import typer

from rangectl.cli.options import AsJson

_SIGNS = {"good": "ok", "warning": "warning", "prevents": "PREVENTS"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(
    hosts: Annotated[
        int, typer.Option(min=1, max=100_000, metavar="N", help="For how many hosts in all.")
    ] = 20,
    *,
    as_json: AsJson = False,
) -> None:
    """Say whether this machine is fit for ranges, and what to mend. Exit 4 if it is unfit."""
    from rangectl.cli import show
    from rangectl.errors import EnvironmentUnfitError
    from rangectl.plan.fitness import findings
    from rangectl.wiring import fitness

    found = findings(fitness.facts(), hosts)
    if as_json:
        show.facts(found)
    else:
        for one in found:
            print(f"{_SIGNS[one.grade]:8}  {one.subject}: {one.text}")
            if one.mend:
                print(f"{'':8}  -> {one.mend}")
    preventing = [one.subject for one in found if one.grade == "prevents"]
    if preventing:
        message = f"no range can live here: {', '.join(preventing)}"
        raise EnvironmentUnfitError(message, hint="mend what is marked PREVENTS")
