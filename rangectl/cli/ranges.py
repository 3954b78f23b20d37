"""Commands about ranges."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from rangectl.cli import options, show
from rangectl.cli.options import AsJson, Name, Outside, OutsideName, Teams, Vars
from rangectl.errors import UsageError

Range = Annotated[
    str, typer.Argument(metavar="NAME/TEAM", help="A range; NAME will do where it has one team.")
]
Ranges = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of ranges, or one of them: NAME/TEAM.")
]
Only = Annotated[
    list[str] | None,
    typer.Option(metavar="HOST", help="Leave all but this host (or desk-*) as it is; repeatable."),
]
HostName = Annotated[str, typer.Argument(metavar="HOST", help="A host of the range.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (up, status, reset, pause, resume, down, contain, reach, shell):
        app.command()(command)
    app.command("exec", context_settings={"ignore_unknown_options": True})(execute)


def up(
    topology: Annotated[
        str, typer.Argument(metavar="TOPOLOGY", help="A topology file, or the name of one.")
    ],
    name: Name = None,
    teams: Teams = "blue",
    outside: Outside = None,
    outside_name: OutsideName = None,
    var: Vars = None,
    only: Only = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Bring ranges up, one for each team, and prove containment."""
    from rangectl.wiring import machine

    machine.ahead()
    from rangectl.app.up import Wish, up_as_wished
    from rangectl.wiring import aims, reading

    wanted = reading.topology(topology, given=options.variables(var))
    aim = aims.aim(outside, outside_name)
    edges, names = machine.edges(), options.teams(teams)
    wish = Wish(wanted, name or wanted.name, names, tuple(only or ()))
    with show.telling(as_json=as_json) as tell:
        done = up_as_wished(wish, edges, tell, aim)
    if as_json:
        show.facts(
            {
                "ranges": [str(range_.spec.id) for range_ in done.ranges],
                "changes": done.changes,
                "proofs": done.proofs,
                "services": done.services,
                "seconds": dict(done.seconds),
            }
        )
        return
    for change in done.changes:
        print(change)
    for proof in done.proofs:
        how = f"{proof.attempts} ways out tried" if proof.attempts else "structure as wanted"
        print(f"{proof.range}: contained ({how})")
    print("  ".join(f"{phase} {seconds:.2f} s" for phase, seconds in done.seconds))
    if not done.changes:
        print("nothing to change")


def status(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Name of the ranges; default: all.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show hosts and whether their services answer. Exit 6 when one does not."""
    from rangectl.wiring import machine

    machine.ahead()
    from rangectl.app.status import status as read_status
    from rangectl.errors import HonestNo

    lines = read_status(machine.edges(), name)
    if as_json:
        show.facts(lines)
    elif lines:
        show.table(
            ("RANGE", "HOST", "STATE", "ADDRESSES", "SERVICES"),
            [
                (
                    line.range,
                    line.host,
                    line.state,
                    " ".join(address for _, address in line.addresses),
                    ", ".join(f"{service}: {wrong or 'ok'}" for service, wrong in line.checks),
                )
                for line in lines
            ],
        )
    else:
        print("nothing is up")
    bad = [line.host for line in lines if not line.running or any(w for _, w in line.checks)]
    if bad:
        raise HonestNo(f"not well: {', '.join(sorted(set(bad)))}")  # noqa: EM102


def pause(name: Ranges) -> None:
    """Freeze ranges whole, until they are resumed."""
    from rangectl.app.pause import pause as freeze
    from rangectl.wiring import machine

    print(f"{', '.join(freeze(machine.edges(), name))}: paused")


def resume(name: Ranges) -> None:
    """Let paused ranges go on."""
    from rangectl.app.pause import resume as thaw
    from rangectl.wiring import machine, records

    run = name.partition("/")[0]
    log = records.log(run) if run in records.runs() else None
    print(f"{', '.join(thaw(machine.edges(), name, log))}: goes on")


def reset(
    range_: Range,
    hosts: Annotated[list[str] | None, typer.Argument(metavar="HOST", help="Hosts.")] = None,
    segment: Annotated[
        str | None, typer.Option(metavar="SEGMENT", help="Every host of this segment.")
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every host of the range.")] = False,
) -> None:
    """Replace hosts by fresh ones. In a running exercise their implants are planted again."""
    from rangectl.app import reset as app
    from rangectl.wiring import machine

    if sum((bool(hosts), segment is not None, everything)) != 1:
        message = "say which: one HOST or more, --segment, or --all"
        raise UsageError(message, hint="such as: rangectl reset minimal/alder web01")
    with show.telling(as_json=False) as tell:
        if hosts:
            app.reset(machine.edges(), range_, hosts, tell)
            what = ", ".join(dict.fromkeys(hosts))
        elif segment is not None:
            app.reset_segment(machine.edges(), range_, segment, tell)
            what = f"segment {segment}"
        else:
            app.reset_all(machine.edges(), range_, tell)
            what = "every host"
    print(f"{range_}: {what}: fresh and ready")


def down(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Name of the ranges; or --all.")
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All ranges of this engine.")] = False,
    orphans: Annotated[
        bool, typer.Option("--orphans", help="What killed commands left, and no whole range.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take ranges down, whatever stands of them; no file is needed."""
    from rangectl.app.down import down as take_down
    from rangectl.app.down import down_orphans
    from rangectl.wiring import machine

    if sum((name is not None, everything, orphans)) != 1:
        message = "say which: a NAME, --all, or --orphans"
        raise UsageError(message)
    if orphans:
        removed = down_orphans(machine.edges())
        if as_json:
            show.facts(removed)
        else:
            lines = [f"removed: {one}" for one in removed]
            print("\n".join(lines) or "nothing was left of killed commands")
        return
    with show.telling(as_json=as_json) as tell:
        done = take_down(machine.edges(), name, tell)
    if as_json:
        show.facts(done)
        return
    if not done.ranges:
        there = sorted({one.range.name for one in machine.edges().engine.seen()})
        others = f"; up are: {', '.join(there)}" if there else ""
        print("nothing was up" + (f" under the name {name!r}{others}" if name else ""))
        return
    kept = f", {done.snapshots} snapshots" if done.snapshots else ""
    gone = f"{done.containers} containers{kept} removed"
    print(f"{', '.join(done.ranges)}: down, {gone}, nothing left")


def contain(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the ranges.")],
    outside: Outside = None,
    outside_name: OutsideName = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Prove that nothing in a range reaches out of it. Exit 6 when something does."""
    from rangectl.app.contain import contain as prove
    from rangectl.app.ranges import live
    from rangectl.wiring import aims, machine

    edges = machine.edges()
    proofs = prove(edges, live(edges, name), aims.aim(outside, outside_name))
    if as_json:
        show.facts(proofs)
        return
    for proof in proofs:
        print(
            f"{proof.range}: contained: {proof.attempts} ways out tried, none open; "
            f"{proof.controls} controls reached what they should"
        )


def reach(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the ranges.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Try who reaches whom, on which port. Exit 6 when it is not as the routers' policies say."""
    from rangectl.app.ranges import live
    from rangectl.app.reach import reach as cross
    from rangectl.wiring import machine

    edges = machine.edges()
    tried = [(range_, cross(edges, range_)) for range_ in live(edges, name)]
    if as_json:
        show.facts([{"range": str(one.spec.id), **asdict(found)} for one, found in tried])
        return
    for range_, found in tried:
        print(
            f"{range_.spec.id}: as the policy says: {found.allowed} ways that it allows are open, "
            f"{found.denied} others are closed"
        )


def execute(
    range_: Range,
    host: HostName,
    command: Annotated[
        list[str],
        typer.Argument(
            metavar="COMMAND", help="What to run; -- before it, if it has options of its own."
        ),
    ],
    user: Annotated[str, typer.Option(metavar="USER", help="Who runs it.")] = "root",
) -> None:
    """Run a command in a host and exit as it does."""
    from rangectl.app.ranges import one
    from rangectl.wiring import machine

    edges = machine.edges()
    result = edges.engine.execute(one(edges, range_).container(host).id, command, user)
    typer.echo(result.output, nl=False)
    raise typer.Exit(result.code)


def shell(
    range_: Range,
    host: HostName,
    user: Annotated[
        str | None,
        typer.Option(
            metavar="USER", help="Whose shell; default: trainee in a kit, root elsewhere."
        ),
    ] = None,
) -> None:
    """Open a shell in a host."""
    from rangectl.app.ranges import one
    from rangectl.wiring import machine

    seen = one(machine.edges(), range_).container(host)
    if not sys.stdin.isatty():
        message = "a shell needs a terminal"
        raise UsageError(message, hint="for one command: rangectl exec NAME/TEAM HOST -- COMMAND")
    machine.shell(seen.id, user or ("trainee" if seen.kind == "kit" else "root"))
