"""Commands about files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from rangectl.cli import options
from rangectl.cli.options import AsJson, Name, Teams, Vars


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (validate, plan, graph, schema):
        app.command()(command)


def validate(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Topologies and exercises, by path or name."),
    ],
    var: Vars = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Check files and name every problem of each. Exit 3 when there is one."""
    from rangectl.cli import show
    from rangectl.errors import InvalidFileError
    from rangectl.wiring import reading

    given = options.variables(var)
    problems = [problem for file in files for problem in reading.problems(file, given)]
    if as_json:
        show.facts({"problems": problems})
        raise typer.Exit(InvalidFileError.exit_code if problems else 0)
    if problems:
        raise InvalidFileError(tuple(problems))
    print(f"{len(files)} {'file' if len(files) == 1 else 'files'} without a problem")


def plan(
    file: Annotated[
        str, typer.Argument(metavar="TOPOLOGY", help="A topology file, or the name of one.")
    ],
    name: Name = None,
    teams: Teams = "blue",
    var: Vars = None,
    host: Annotated[
        list[str] | None, typer.Option(metavar="HOST", help="Tell this host alone; repeatable.")
    ] = None,
    *,
    show_origin: Annotated[
        bool,
        typer.Option("--show-origin", help="Tell each value of the hosts, and where it is said."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell what `up` would do and why, and do nothing. Without an engine: all that it would make.

    With --show-origin: for each value of a host which file, line and layer it comes from.
    """
    from rangectl.cli import planning
    from rangectl.wiring import reading

    document = reading.document(file, given=options.variables(var))
    wanted = planning.chosen(document.model, host or ())
    if show_origin:
        planning.show_origins(document, wanted, as_json=as_json)
    else:
        under = name or document.model.name
        planning.show_plan(document.model, under, options.teams(teams), wanted, as_json=as_json)


def graph(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A topology or an exercise, by path or name.")
    ],
    *,
    form: Annotated[
        Literal["mermaid", "svg", "html"] | None,
        typer.Option("--format", help="Default: as the name after --out ends, or mermaid."),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write to this file.")] = None,
    var: Vars = None,
) -> None:
    """Draw a topology, or the chains of an exercise.

    As Mermaid text, an SVG image, or an HTML page that holds all it needs.
    """
    from rangectl.errors import UsageError
    from rangectl.plan import chain, chain_drawing, drawing, graph
    from rangectl.wiring import reading

    chosen = form or _form(out)
    if reading.kind_of(file) == "exercise":
        drawn = chain_drawing.draw_chart(chain.chart(reading.exercise(file)[1]), chosen)
    else:
        topology = reading.topology(file, given=options.variables(var))
        drawn = drawing.draw(graph.graph(topology), chosen)
    if out is None:
        print(drawn, end="")
        return
    try:
        out.write_text(drawn, encoding="utf-8")
    except OSError as error:
        message = f"{out} cannot be written: {error.strerror}"
        raise UsageError(message) from error


def _form(out: Path | None) -> Literal["mermaid", "svg", "html"]:
    from rangectl.errors import UsageError

    match suffix := out.suffix if out else "":
        case ".svg":
            return "svg"
        case ".html":
            return "html"
        case "" | ".mmd" | ".mermaid" | ".md" | ".txt":
            return "mermaid"
        case _:
            message = f"--out {out}: a graph is not drawn as {suffix}"
            raise UsageError(message, hint="end it in .svg, .html or .mmd, or say --format")


def schema(
    kind: Annotated[
        Literal["topology", "exercise", "traffic"],
        typer.Argument(metavar="KIND", help="topology, exercise or traffic."),
    ],
) -> None:
    """Print the JSON Schema of a kind of file."""
    from rangectl.cli import show
    from rangectl.model.parse.schemas import schema as schema_of

    show.facts(schema_of(kind))
