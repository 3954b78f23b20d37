"""Commands about images, and the smoke test of topologies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rangectl.cli import show
from rangectl.cli.options import AsJson, Outside, OutsideName


def register(app: typer.Typer) -> None:
    """Add the commands."""
    image = typer.Typer(
        name="image", help="Build the images of roles.", rich_markup_mode=None, no_args_is_help=True
    )
    image.command()(build)
    app.add_typer(image)
    app.command()(smoke)


def build(
    topologies: Annotated[
        list[str], typer.Argument(metavar="TOPOLOGY", help="Topology files, or names.")
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Build every image that topologies need. Those that are there are not built again."""
    from rangectl.app.up import build_images
    from rangectl.wiring import machine, reading

    wanted = [reading.topology(file) for file in topologies]
    with show.telling(as_json=as_json) as tell:
        images = build_images(wanted, machine.edges(), tell)
    if as_json:
        show.facts(images)
        return
    show.table(("ROLES", "IMAGE"), sorted(images.items()))


def smoke(
    files: Annotated[
        list[str], typer.Argument(metavar="TOPOLOGY", help="Topology files, or names.")
    ],
    junit: Annotated[
        Path | None, typer.Option(metavar="OUT", help="File to write a JUnit report to.")
    ] = None,
    outside: Outside = None,
    outside_name: OutsideName = None,
) -> None:
    """Try each topology from up to down, and leave nothing. Exit 6 when a step fails."""
    from rangectl.app.smoke import Case, Smoke
    from rangectl.cli.junit import write
    from rangectl.errors import HonestNo, InvalidFileError, UsageError
    from rangectl.wiring import machine, reading

    if junit is not None and not junit.parent.is_dir():
        message = f"--junit: there is no folder {junit.parent}"
        raise UsageError(message)
    aim = reading.aim(outside, outside_name)
    cases: list[Case] = []
    with show.telling(as_json=False) as tell:
        for file in files:
            try:
                topology = reading.topology(file)
            except InvalidFileError as error:
                cases.append(Case(Path(file).stem, "validate", 0.0, str(error)))
                continue
            cases.append(Case(topology.name, "validate", 0.0, None))
            name = f"smoke-{topology.name}"[:31].rstrip("-")
            cases += Smoke(topology, name, machine.edges(), tell, aim).run()
    if junit is not None:
        write(junit, cases)
    failed = [case for case in cases if case.trouble]
    for case in failed:
        print(f"{case.topology}: {case.step}: {case.trouble}")
    seconds = sum(case.seconds for case in cases)
    print(f"{len(files)} topologies, {len(cases)} steps, {len(failed)} failed, {seconds:.1f} s")
    if failed:
        raise HonestNo(", ".join(sorted({case.topology for case in failed})) + " failed")
