"""Commands about snapshots of hosts."""

from __future__ import annotations

from typing import Annotated

import typer

from rangectl.cli import show
from rangectl.cli.options import AsJson, name
from rangectl.cli.ranges import HostName, Range

Word = Annotated[
    str, typer.Option("--as", metavar="WORD", callback=name, help="The word it is kept under.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (snapshot, restore, snapshots):
        app.command()(command)


def snapshot(
    range_: Range,
    host: HostName,
    word: Word = "kept",
    *,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Go without files that are in memory alone.")
    ] = False,
) -> None:
    """Keep the files of a host, until its range goes down. Exit 6 if it has some in memory."""
    from rangectl.app.snapshot import take
    from rangectl.wiring import machine

    made = take(machine.edges(), range_, host, word, anyway=anyway)
    print(f"{made.range} {made.host}: kept as {made.word}")


def restore(range_: Range, host: HostName, word: Word = "kept") -> None:
    """Put a host back as it was kept; reset makes it fresh again."""
    from rangectl.app.snapshot import restore as bring_back
    from rangectl.wiring import machine

    bring_back(machine.edges(), range_, host, word)
    print(f"{range_}: {host}: as it was kept, and ready")


def snapshots(
    ranges: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME", help="Of ranges, or of one of them: NAME/TEAM; default: all."
        ),
    ] = None,
    host: Annotated[str | None, typer.Option(metavar="HOST", help="Of this host alone.")] = None,
    word: Annotated[
        str | None, typer.Option("--as", metavar="WORD", help="Kept under this word alone.")
    ] = None,
    *,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove them. Exit 6 if hosts are made of some.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List what is kept of hosts, or remove it."""
    from rangectl.app.snapshot import Which, forget, kept
    from rangectl.errors import HonestNo
    from rangectl.wiring import machine

    which = Which(ranges, host, word)
    if remove:
        found, used = forget(machine.edges(), which)
        if used:
            made = ", ".join(f"{one.range} {one.host} ({one.word})" for one in used)
            message = f"{len(found)} removed; hosts are made of the others: {made}"
            raise HonestNo(message, hint="rangectl reset makes a host of something else")
    else:
        found = kept(machine.edges(), which)
    if as_json:
        show.facts(found)
    elif found:
        rows = [
            (str(one.range), one.host, one.word, f"{one.at:%Y-%m-%d %H:%M:%S}", one.image[7:19])
            for one in found
        ]
        show.table(("RANGE", "HOST", "REMOVED" if remove else "KEPT AS", "AT (UTC)", "IMAGE"), rows)
    else:
        print("nothing is kept")
