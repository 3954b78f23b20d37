"""Commands about images."""

from __future__ import annotations

from typing import Annotated

import typer

from rangectl.cli import options, show
from rangectl.cli.options import AsJson, Vars


def register(app: typer.Typer) -> None:
    """Add the commands."""
    image = typer.Typer(
        name="image", help="Build the images of roles.", rich_markup_mode=None, no_args_is_help=True
    )
    image.command()(build)
    app.add_typer(image)


def build(
    topologies: Annotated[
        list[str], typer.Argument(metavar="TOPOLOGY", help="Topology files, or names.")
    ],
    var: Vars = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Build every image that topologies need. Those that are there are not built again."""
    from rangectl.app.up import build_images
    from rangectl.wiring import machine, reading

    given = options.variables(var)
    wanted = [reading.topology(file, given=given) for file in topologies]
    with show.telling(as_json=as_json) as tell:
        images = build_images(wanted, machine.edges(), tell)
    if as_json:
        show.facts(images)
        return
    show.table(("ROLES", "IMAGE"), sorted(images.items()))
