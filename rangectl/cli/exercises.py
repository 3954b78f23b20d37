"""Commands about exercises: runs, scores, reports, the demo."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import typer

from rangectl.cli import control, onward, options, show
from rangectl.cli.options import AsJson, Name, Outside, OutsideName, RunName, Teams
from rangectl.cli.options import name as checked_name

Play = Literal["reference", "idle", "everything", "rebuild"]
File = Annotated[str, typer.Argument(metavar="FILE", help="An exercise file, or the name of one.")]
Keep = Annotated[bool, typer.Option("--keep", help="Leave the ranges and the record in place.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    exercise = typer.Typer(
        name="exercise",
        help="Run exercises, and see to the runs on record.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    exercise.command()(start)
    control.register(exercise)
    exercise.command("list")(list_runs)
    exercise.command()(remove)
    exercise.command()(verify)
    app.add_typer(exercise)
    app.command()(score)
    app.command()(report)
    app.command()(demo)


def start(
    file: File,
    teams: Teams,
    name: Name = None,
    outside: Outside = None,
    outside_name: OutsideName = None,
    *,
    same_for_all: Annotated[
        bool,
        typer.Option("--same-for-all", help="Plant the same in every team's range, names and all."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run an exercise from STARTEX to ENDEX. An interrupted run goes on where it stopped."""
    from rangectl.app.exercise import Order
    from rangectl.app.exercise import start as begin
    from rangectl.model.topology import expanded_names
    from rangectl.wiring import aims, machine, records

    material = records.material(file, same=same_for_all)
    order = Order(
        name or material.exercise.name,
        options.teams(teams),
        aims.aim(outside, outside_name),
    )
    kits = [
        one
        for entry, host in material.topology.hosts.items()
        if host.kind == "kit"
        for one in expanded_names(entry, host)
    ]
    clock = material.exercise.clock
    lines = onward.begun(order.name, order.teams, kits, clock.length / clock.compression)
    with show.telling(as_json=as_json) as tell:
        told = onward.telling(tell, lines)
        run = begin(material, order, machine.edges(), records.log(order.name), told)
    _print_board(run.name, None, as_json=as_json)
    for line in onward.ended(run.name):
        show.note(line)


def list_runs(*, as_json: AsJson = False) -> None:
    """List the runs on record."""
    from rangectl.wiring import records

    runs = records.runs()
    if as_json:
        show.facts(runs)
        return
    print("\n".join(runs) or "no run is on record")


def remove(name: RunName) -> None:
    """Take a run's ranges down and delete its record, with the score."""
    from rangectl.app.exercise import remove as take_away
    from rangectl.wiring import machine, records

    records.log(name, must_exist=True)
    take_away(machine.edges(), name, lambda: records.forget(name))
    print(f"{name}: ranges down, record deleted")


def verify(
    file: File,
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            metavar="NAME",
            callback=checked_name,
            help="Name of the run; default: verify-EXERCISE.",
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**32 - 1, help="Seed to use instead of the file's.")
    ] = None,
    only: Annotated[
        Play | None,
        typer.Option("--play", help="Play this alone, which is quicker and proves less."),
    ] = None,
    outside: Outside = None,
    outside_name: OutsideName = None,
    *,
    keep: Keep = False,
    as_json: AsJson = False,
) -> None:
    """Prove that an exercise is solvable and cannot be gamed.

    Four teams play by themselves. Exit 6 when the score of one breaks its bound.
    """
    from rangectl.app.contest import verify as play
    from rangectl.app.verify import PLAYS
    from rangectl.errors import HonestNo
    from rangectl.wiring import aims, records

    material = records.material(file, seed)
    aim = aims.aim(outside, outside_name)
    name = name or f"verify-{material.exercise.name}"[:31]
    with show.telling(as_json=as_json) as tell:
        contest = records.contest(name, aim=aim, tell=tell, keep=keep)
        verdicts = play(material, contest, PLAYS if only is None else (only,))
    if as_json:
        show.facts(verdicts)
    else:
        show.table(
            ("PLAY", "SCORE", "BOUND", "KEPT"),
            [(v.play, f"{v.score:.1f}", v.bound, "yes" if v.kept else "NO") for v in verdicts],
        )
        for verdict in verdicts:
            for why in verdict.why:
                print(f"{verdict.play}: {why}")
    if not all(verdict.kept for verdict in verdicts):
        broken = ", ".join(verdict.play for verdict in verdicts if not verdict.kept)
        message = f"{material.exercise.name} is not solvable or can be gamed: {broken}"
        raise HonestNo(
            message, hint="--keep leaves the run; then: rangectl score NAME --explain TEAM"
        )


def score(
    name: RunName,
    at: Annotated[
        datetime | None,
        typer.Option(help="As it stood at this moment; UTC unless it says its zone."),
    ] = None,
    explain: Annotated[
        str | None, typer.Option(metavar="TEAM", help="Explain every point of a team.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the board of a run, now or at any time in its past.

    D detection, P precision, T speed, E eviction, R report: 0 to 1 each. M: points earned,
    H: points taken off; the score is M less H.
    """
    from datetime import UTC

    from rangectl.scoring import board as boards
    from rangectl.wiring import records

    moment = at.replace(tzinfo=at.tzinfo or UTC) if at else None
    if explain is None:
        _print_board(name, moment, as_json=as_json)
        return
    events = records.log(name, must_exist=True).read()
    reasons = boards.explain(boards.board(events, moment), explain)
    if as_json:
        show.facts(reasons)
    else:
        print("\n".join(reasons))


def report(
    name: RunName,
    form: Annotated[
        Literal["html", "json", "text"], typer.Option("--format", help="How to print it.")
    ] = "text",
) -> None:
    """Show the board of a run, with the reasons for every team.

    D detection, P precision, T speed, E eviction, R report: 0 to 1 each. M: points earned,
    H: points taken off; the score is M less H.
    """
    from rangectl.scoring import board as boards
    from rangectl.wiring import records

    board = boards.board(records.log(name, must_exist=True).read())
    if form == "json":
        show.facts(boards.as_dict(board))
    elif form == "html":
        from rangectl.scoring.page import as_page

        print(as_page(board), end="")
    else:
        print(boards.as_text(board, reasons=True), end="")


def demo(*, keep: Keep = False) -> None:
    """Play the main job: one team hunts, one does nothing. Then all is taken down."""
    from rangectl.app.contest import demo as play
    from rangectl.scoring import board as boards
    from rangectl.wiring import aims, records

    with show.telling(as_json=False) as tell:
        contest = records.contest("demo", aim=aims.aim(None, None), tell=tell, keep=keep)
        board = play(records.material("first-light"), contest)
    print(boards.as_text(board, reasons=True), end="")


def _print_board(name: str, at: datetime | None, *, as_json: bool) -> None:
    from rangectl.scoring import board as boards
    from rangectl.wiring import records

    board = boards.board(records.log(name, must_exist=True).read(), at)
    if as_json:
        show.facts(boards.as_dict(board))
    else:
        print(boards.as_text(board), end="")
