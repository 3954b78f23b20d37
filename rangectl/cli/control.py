"""Commands about a run that is under way: how it stands, and what the instructor does to it."""

from __future__ import annotations

from typing import Annotated

import typer

from rangectl.cli import show
from rangectl.cli.options import AsJson, RunName

Inject = Annotated[str, typer.Argument(metavar="INJECT", help="Name of the inject.")]


def register(exercise: typer.Typer) -> None:
    """Add the commands."""
    for command in (status, inject, replies, mark, extend, pause, resume, stop, kill):
        exercise.command()(command)


def status(
    name: RunName,
    *,
    truth: Annotated[
        bool, typer.Option("--truth", help="Show states, channels and reactions: the answers.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show how a run stands.

    The truth of every implant is for the instructor's eyes.
    """
    from rangectl.scoring.telling_truth import as_facts, as_lines
    from rangectl.scoring.truth import standing
    from rangectl.wiring import machine, records

    log = records.log(name, must_exist=True)
    found = standing(log.read(), machine.WallClock().now())
    if as_json:
        show.facts(as_facts(found, truth=truth))
        return
    print("\n".join(as_lines(found, truth=truth)))


def inject(
    name: RunName,
    which: Inject,
    team: Annotated[
        str | None, typer.Option(metavar="TEAM", help="For this team alone; default: for all.")
    ] = None,
) -> None:
    """Send an inject: one of the exercise's own, or a common one."""
    from rangectl.app.control import order
    from rangectl.wiring import machine, records

    log = records.log(name, must_exist=True)
    order(log, machine.WallClock(), which, team, records.injects(log))
    print(f"{name}: {which} goes to {team or 'all'}")


def replies(
    name: RunName,
    team: Annotated[
        str | None, typer.Option(metavar="TEAM", help="Of this team alone; default: of all.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what teams said to messages, beside what is expected."""
    from rangectl.scoring.marks import as_lines, replied
    from rangectl.wiring import records

    log = records.log(name, must_exist=True)
    found = [one for one in replied(log.read()) if team in {None, one.team}]
    if as_json:
        show.facts(found)
        return
    print("\n".join(as_lines(found, records.expected(log))) or "no message was sent")


def mark(
    name: RunName,
    team: Annotated[str, typer.Argument(metavar="TEAM", help="Whose.")],
    which: Inject,
    points: Annotated[int, typer.Argument(metavar="POINTS", min=0, max=5, help="0 to 5.")],
    why: Annotated[str, typer.Option(help="A word to the team, for the report.")] = "",
) -> None:
    """Mark what a team did with a message.

    Marks may be given after ENDEX, too; the last one of a message counts.
    """
    from rangectl.app.control import Mark
    from rangectl.app.control import mark as give
    from rangectl.wiring import machine, records

    log = records.log(name, must_exist=True)
    give(log, machine.WallClock(), Mark(team, which, points, why))
    print(f"{name}: {team}: {which}: {points} of 5")


def extend(
    name: RunName,
    by: Annotated[str, typer.Argument(metavar="DURATION", help="How much longer, such as 10m.")],
) -> None:
    """Make an exercise longer, on its own clock."""
    from rangectl.app.control import extend as lengthen
    from rangectl.errors import UsageError
    from rangectl.model.base import parse_duration
    from rangectl.wiring import machine, records

    try:
        more = parse_duration(by)
    except ValueError as error:
        raise UsageError(str(error)) from error
    lengthen(records.log(name, must_exist=True), machine.WallClock(), more)
    print(f"{name}: {by} longer")


def pause(name: RunName) -> None:
    """Freeze a whole run: ranges, clock, holds, injects."""
    from rangectl.app.control import pause as freeze
    from rangectl.wiring import machine, records

    freeze(machine.edges(), records.log(name, must_exist=True), name)
    print(f"{name}: paused")
    show.note(f"it stands still until: rangectl exercise resume {name}")


def resume(name: RunName) -> None:
    """Let a paused run go on where it stopped."""
    from rangectl.app.control import resume as go_on
    from rangectl.wiring import machine, records

    go_on(machine.edges(), records.log(name, must_exist=True), name)
    print(f"{name}: goes on")


def stop(name: RunName) -> None:
    """End a run that is under way: ENDEX now."""
    from rangectl.app.control import stop as end
    from rangectl.wiring import machine, records

    end(records.log(name, must_exist=True), machine.WallClock())
    print(f"{name}: ENDEX")


def kill(name: RunName) -> None:
    """Silence a run at once: cut every cable, and say ENDEX."""
    from rangectl.app.control import kill as cut
    from rangectl.wiring import machine, records

    log = records.log(name) if name in records.runs() else None
    ranges = cut(machine.edges(), log, name)
    print(f"{name}: {ranges} {'range' if ranges == 1 else 'ranges'} cut off, ENDEX")
    show.note(f"the hosts stand, unconnected, until: rangectl down {name}")
