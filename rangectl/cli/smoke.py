"""The smoke test of topologies, for CI."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rangectl.cli import options, show
from rangectl.cli.options import AsJson, Outside, OutsideName, Vars


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(smoke)


def smoke(
    files: Annotated[
        list[str], typer.Argument(metavar="TOPOLOGY", help="Topology files, or names.")
    ],
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="STEP|HOST", help="Run this step, try this host; may be repeated."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=16, help="Topologies at once.")] = 1,
    junit: Annotated[
        Path | None, typer.Option(metavar="OUT", help="File to write a JUnit report to.")
    ] = None,
    outside: Outside = None,
    outside_name: OutsideName = None,
    var: Vars = None,
    *,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Go on after a step that failed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Try each topology from up to down, and leave nothing. Exit 6 when a step fails.

    The steps: validate, images, up, contain, checks, reach, up again, reset, down.
    """
    from rangectl.app.smoke import Smoke, choose, run_all
    from rangectl.cli import junit as report
    from rangectl.cli import outcome
    from rangectl.errors import HonestNo, UsageError
    from rangectl.wiring import aims, machine

    if junit is not None and not junit.parent.is_dir():
        message = f"--junit: there is no folder {junit.parent}"
        raise UsageError(message)
    aim = aims.aim(outside, outside_name)
    checked, topologies = outcome.validated(files, options.variables(var))
    choice = choose(only or (), topologies, keep_going=keep_going)
    smokes = []
    with show.telling(as_json=as_json) as tell:
        for one in topologies if choice.steps > {"validate"} else ():
            name = f"smoke-{one.name}"[:31].rstrip("-")
            say = outcome.named(tell, one.name) if jobs > 1 else tell
            smokes.append(Smoke(one, name, machine.edges(), say, aim, choice, machine.stopped))
        refused = any(case.trouble for case in checked)
        cases = outcome.by_topology(
            [*checked, *run_all(smokes, machine.several(jobs), failed=refused)]
        )
    if junit is not None:
        report.write(junit, cases)
    outcome.show_cases(cases, as_json=as_json)
    if machine.stopped() or any(case.interrupted for case in cases):
        raise KeyboardInterrupt
    failed = [f"{case.topology} ({case.step})" for case in cases if case.trouble]
    if failed:
        raise HonestNo(f"failed: {', '.join(failed)}")  # noqa: EM102
