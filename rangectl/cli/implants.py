"""Commands about the catalogue, and about what was planted."""

from __future__ import annotations

from typing import Annotated

import typer

from rangectl.cli import show
from rangectl.cli.options import AsJson


def register(app: typer.Typer) -> None:
    """Add the commands."""
    implant = typer.Typer(
        name="implant",
        help="The catalogue of implants, and what a thing in a range is.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    implant.command("list")(list_entries)
    implant.command("show")(show_entry)
    implant.command()(identify)
    app.add_typer(implant)


def list_entries(
    *,
    attack: Annotated[
        bool, typer.Option("--attack", help="By tactic and technique, in every numbering.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List every kind of implant, or what they cover of ATT&CK."""
    from rangectl.implants.coverage import coverage
    from rangectl.wiring import reading

    entries = reading.entries()
    rows = coverage(entries)
    if as_json:
        facts = [one.model_dump(mode="json") for one in entries.values()]
        show.facts({"entries": facts, "coverage": rows})
    elif attack:
        show.table(
            ("TACTIC (18)", "TACTIC (19)", "TECHNIQUE", "ALSO", "ENTRIES"),
            [
                (r.tactic, r.newer, r.technique, ", ".join(r.also), ", ".join(r.entries))
                for r in rows
            ],
        )
    else:
        ordered = sorted(entries.values(), key=lambda one: one.number)
        show.table(
            ("NO", "ENTRY", "ATT&CK", "DIFFICULTY", "WHAT"),
            [(str(e.number), e.key, e.attack.id, str(e.difficulty), e.title) for e in ordered],
        )


def show_entry(
    entry: Annotated[str, typer.Argument(metavar="ENTRY", help="Its key, such as cron.dropin.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show one entry: components, the hunt, the removal."""
    from rangectl.errors import UsageError
    from rangectl.implants.coverage import whole
    from rangectl.model.parse.problem import nearest
    from rangectl.wiring import reading

    entries = reading.entries()
    if entry not in entries:
        message = f"there is no entry {entry!r}"
        raise UsageError(message, hint=nearest(entry, entries) or "rangectl implant list")
    if as_json:
        show.facts(entries[entry].model_dump(mode="json"))
        return
    print("\n".join(whole(entries[entry])))


def identify(
    where: Annotated[
        str, typer.Argument(metavar="NAME/TEAM", help="A run on record and one of its teams.")
    ],
    host: Annotated[str | None, typer.Option(metavar="HOST", help="Only on this host.")] = None,
    path: Annotated[str | None, typer.Option(help="What is this file?")] = None,
    line: Annotated[str | None, typer.Option(help="What is this line?")] = None,
    account: Annotated[str | None, typer.Option(help="What is this account?")] = None,
    process: Annotated[
        str | None, typer.Option(help="What is the process with this command line?")
    ] = None,
    sha256: Annotated[str | None, typer.Option(help="What has this digest?")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Tell an instructor what a thing in a range is.

    Without the run's record it tells nothing.
    """
    from rangectl.errors import UsageError
    from rangectl.implants.identify import By
    from rangectl.implants.identify import identify as look_up
    from rangectl.wiring import records

    asked: dict[By, str | None] = {
        "path": path,
        "line": line,
        "account": account,
        "process": process,
        "sha256": sha256,
    }
    given = [(by, value) for by, value in asked.items() if value is not None]
    if len(given) != 1:
        message = "give one of --path, --line, --account, --process and --sha256"
        raise UsageError(message)
    ((by, value),) = given
    found = look_up(records.planted(where), by, value, host)
    if as_json:
        show.facts(found)
        return
    if not found:
        print("none: it was not planted")
        return
    show.table(
        ("WHAT", "ENTRY", "HOST", "COMPONENT", "PATH"),
        [(i.nature, i.entry or "-", i.host, i.component, i.path or "-") for i in found],
    )
