"""The command line: help, exit codes, and what is told when something is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from rangectl.cli.main import app, called
from rangectl.model.events import Ended, RunCreated, Started
from rangectl.store import library
from rangectl.store.sqlite import SqliteLog
from tests.cli.conftest import Call

ROOT = Path(__file__).parents[2]
HEAVY = ("docker", "paramiko", "pydantic", "ansible_runner", "rich", "cryptography", "yaml")
LOADED = f"""
import sys
from rangectl.cli.main import main
try:
    main()
finally:
    print("loaded:", *[name for name in {HEAVY} if name in sys.modules])
"""
BAD = """\
version: 1
name: bad
defaults: {limits: {memory: 128MB}}
segments:
  office: {zone: partner, subnet: 10.20.1.0/24}
hosts:
  web01: {segments: [ofice]}
  kit01: {kind: kitt, segments: [office]}
"""


BUG = """
from rangectl.cli import main

@main.app.command()
def burst() -> None:
    1 / 0

main.main()
"""


def python(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *words]
    environment = {**os.environ, "DOCKER_HOST": "unix:///nowhere/docker.sock"}
    return subprocess.run(  # noqa: S603 - our own program
        command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment
    )


def commands(group: typer.core.TyperGroup, *above: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*above, name)
        if isinstance(command, typer.core.TyperGroup):
            yield from commands(command, *above, name)


def parameters(group: typer.core.TyperGroup) -> Iterator[tuple[str, str | None]]:
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            yield from ((f"{name} {one}", text) for one, text in parameters(command))
        else:
            yield from (
                (f"{name} {one.name}", getattr(one, "help", None)) for one in command.params
            )


def program(words: Sequence[str] = ()) -> typer.core.TyperGroup:
    made = get_command(called(words))
    assert isinstance(made, typer.core.TyperGroup)
    return made


def every_command() -> list[tuple[str, ...]]:
    return [(), *commands(program())]


def on_record(home: Path, name: str) -> None:
    """Put a run on record that nobody played."""
    folder = home / "runs" / name
    folder.mkdir(parents=True)
    at = datetime(2026, 1, 5, 8, tzinfo=UTC)
    hour = timedelta(hours=1)
    facts = {"run": name, "exercise": "first-light", "teams": ("alder",), "seed": 7}
    times = {"length": hour, "compression": 1.0, "hold": timedelta(seconds=150)}
    created = RunCreated.model_validate({"at": at, **facts, **times})
    SqliteLog(folder).append([created, Started(at=at), Ended(at=at + hour, why="time")])


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_command_explains_itself(words: tuple[str, ...], call: Call) -> None:
    said = call(*words, "--help")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"Usage: {' '.join(('rangectl', *words))} [OPTIONS]")


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_lists_of_commands_cut_no_sentence(words: tuple[str, ...], call: Call) -> None:
    assert "..." not in call(*words, "--help").out.partition("Commands:")[2]


def test_every_option_and_argument_explains_itself() -> None:
    explained = dict(parameters(program()))
    assert [name for name, text in explained.items() if not text] == []
    assert "exercise start file" in explained


def test_help_loads_nothing_heavy() -> None:
    said = python(LOADED, "--help")
    assert said.stdout.splitlines()[-1] == "loaded:"


def test_without_a_word_the_program_explains_itself(call: Call) -> None:
    said = call()
    assert said.code == 2
    assert "Commands:" in said.out + said.err


@pytest.mark.parametrize(
    "words",
    [
        ("perhaps",),
        ("up",),
        ("down",),
        ("down", "minimal", "--all"),
        ("up", "minimal", "--teams", ""),
        ("up", "minimal", "--teams", "alder,alder"),
        ("up", "minimal", "--teams", "Alder"),
        ("up", "minimal", "--name", "a/b"),
        ("up", "minimal", "--outside", "somewhere"),
        ("score", "../runs"),
        ("score", "nothing"),
        ("report", "nothing"),
        ("exercise", "stop", "nothing"),
        ("exercise", "remove", ".."),
        ("exercise", "start", "first-light"),
        ("schema", "host"),
        ("smoke", "minimal", "--junit", "nowhere/out.xml"),
        ("exercise", "verify", "first-light", "--seed", "-1"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_wrong_usage(words: tuple[str, ...], call: Call) -> None:
    said = call(*words)
    assert said.code == 2, said.err
    assert said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_an_unknown_topology_names_those_that_are_shipped(call: Call) -> None:
    said = call("up", "maximal")
    assert said.code == 2
    shipped = ", ".join(library.names("topologies"))
    assert said.err.splitlines() == [
        "rangectl: no file and no topology is called 'maximal'",
        f"hint: did you mean 'minimal'? give a path, or the name of one: {shipped}",
    ]


def test_a_path_that_leads_nowhere_is_called_that(call: Call) -> None:
    assert "there is no file ./maximal.yaml\n" in call("up", "./maximal.yaml").err


def test_topologies_and_exercises_are_validated_by_name(call: Call) -> None:
    said = call("validate", "minimal", "first-light")
    assert (said.code, said.out) == (0, "2 files without a problem\n")


def test_what_is_neither_a_topology_nor_an_exercise_is_not_validated(call: Call) -> None:
    said = call("validate", "maximal")
    assert said.code == 2
    names = [*library.names("topologies"), *library.names("exercises"), *library.names("traffic")]
    shipped = ", ".join(names)
    assert said.err.splitlines() == [
        "rangectl: there is no file, topology, exercise or profile 'maximal'",
        f"hint: did you mean 'minimal'? give a path, or the name of one: {shipped}",
    ]


def test_an_exercise_without_its_topology_and_briefing_is_told_both(
    call: Call, tmp_path: Path
) -> None:
    text = (ROOT / "exercises/first-light.yaml").read_text()
    text = text.replace("topology: minimal", "topology: minimul").replace("-light.md", "-night.md")
    (tmp_path / "bad.yaml").write_text(text)
    said = call("validate", "bad.yaml", "--json")
    assert json.loads(said.out)["problems"] == [
        'bad.yaml:6:11: topology: unknown topology "minimul" (did you mean "minimal"?)',
        'bad.yaml:7:11: briefing: there is no file "first-night.md" (put it beside the exercise)',
    ]


def test_down_asks_which(call: Call) -> None:
    assert "say which: a NAME, --all, or --orphans" in call("down").err


def test_a_bad_file_yields_every_problem_at_once(call: Call, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    said = call("validate", "bad.yaml")
    assert said.code == 3
    lines = [line.removeprefix("rangectl: ") for line in said.err.splitlines()]
    places = [line.split(": ")[0] for line in lines if line.startswith("bad.yaml:")]
    assert [place.split(":")[1] for place in places] == ["3", "7", "8"]


def test_problems_are_told_as_json_too(call: Call, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    said = call("validate", "bad.yaml", "--json")
    assert said.code == 3
    assert len(json.loads(said.out)["problems"]) == 3


def test_a_bad_file_is_not_brought_up(call: Call, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    assert call("up", "bad.yaml").code == 3


def test_good_files_are_said_to_be_good(call: Call) -> None:
    files = [str(ROOT / "topologies/minimal.yaml"), str(ROOT / "exercises/first-light.yaml")]
    said = call("validate", *files)
    assert (said.code, said.out) == (0, "2 files without a problem\n")


def test_what_is_left_at_the_end_is_not_looked_through_for_garbage() -> None:
    seen = "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 1000))"
    said = python(f"{seen}; from rangectl.cli.main import main; main()", "--version")
    assert said.stdout.splitlines()[1:] == ["True"]


def test_a_command_is_made_without_the_others() -> None:
    for first in program().commands:
        assert [*program([first, "--help"]).commands] == [first]
    assert called(["upp"]) is called([]) is app


@pytest.mark.parametrize("words", [("status",), ("up", "minimal"), ("down", "--all")], ids=" ".join)
def test_without_an_engine_the_environment_is_unfit(words: tuple[str, ...]) -> None:
    said = python("from rangectl.cli.main import main; main()", *words)
    assert said.returncode == 4
    where = "unix:///nowhere/docker.sock"
    assert f"no Docker Engine answers at {where}: No such file or directory\n" in said.stderr
    assert "hint: start it, or run script/setup" in said.stderr


def test_the_schema_of_a_topology_is_json(call: Call) -> None:
    said = call("schema", "topology")
    assert said.code == 0
    assert json.loads(said.out)["properties"].keys() >= {"segments", "hosts"}


def test_runs_on_record_are_listed_scored_and_reported(call: Call, tmp_path: Path) -> None:
    on_record(tmp_path, "monday")
    assert call("exercise", "list").out == "monday\n"
    assert "alder" in call("score", "monday").out
    assert "\nalder:\n  - " in call("report", "monday").out
    told = call("report", "monday", "--format", "json")
    assert json.loads(told.out)["teams"]


@pytest.mark.parametrize("zone", ["T08:30:00", " 08:30:00Z", "T10:30:00+02:00"])
def test_a_moment_is_read_in_its_zone_and_in_utc_without_one(
    call: Call, tmp_path: Path, zone: str
) -> None:
    on_record(tmp_path, "monday")
    said = call("score", "monday", "--at", f"2026-01-05{zone}")
    assert said.out.startswith("monday: first-light, at 2026-01-05 08:30:00Z, ")


def test_the_reasons_of_a_score_are_told_as_json_too(call: Call, tmp_path: Path) -> None:
    on_record(tmp_path, "monday")
    reasons = json.loads(call("score", "monday", "--explain", "alder", "--json").out)
    assert "of 100 points" in reasons[0]


def test_an_unknown_team_is_wrong_usage(call: Call, tmp_path: Path) -> None:
    on_record(tmp_path, "monday")
    said = call("score", "monday", "--explain", "birch")
    assert said.code == 2, said.err
    assert "birch" in said.err


def test_an_unknown_run_names_those_on_record(call: Call, tmp_path: Path) -> None:
    on_record(tmp_path, "monday")
    assert "hint: on record: monday" in call("score", "tuesday").err


def test_a_run_that_is_over_is_not_stopped_again(call: Call, tmp_path: Path) -> None:
    on_record(tmp_path, "monday")
    said = call("exercise", "stop", "monday")
    assert (said.code, said.err.splitlines()[0]) == (2, "rangectl: this run is over")


def test_a_bug_keeps_its_traceback() -> None:
    said = python(BUG, "burst")
    assert said.returncode == 1
    assert "ZeroDivisionError" in said.stderr


def test_an_interrupt_that_a_library_turned_into_an_error_is_still_an_interrupt() -> None:
    code = (
        "import os, signal\nfrom rangectl.cli import main\n"
        "def app(**_):\n    try:\n        os.kill(os.getpid(), signal.SIGINT)\n"
        "    except KeyboardInterrupt:\n        raise ValueError('serialising') from None\n"
        "main.called = lambda _: app\nmain.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 130
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("rangectl: interrupted")


@pytest.mark.parametrize(
    "words", [(), ("web01", "--all"), ("web01", "--segment", "lan"), ("--segment", "lan", "--all")]
)
def test_reset_wants_to_know_which_hosts_in_one_way(call: Call, words: tuple[str, ...]) -> None:
    done = call("reset", "a/b", *words)
    assert done.code == 2
    assert "say which: one HOST or more, --segment, or --all" in done.err


def test_a_drawing_goes_where_it_is_asked_for_in_the_form_of_its_name(
    call: Call, tmp_path: Path
) -> None:
    assert call("graph", "minimal").out.startswith("flowchart")
    assert call("graph", "minimal", "--out", "it.html").out == ""
    assert (tmp_path / "it.html").read_text().startswith("<!doctype html>")
    assert call("graph", "minimal", "--out", "it.html", "--format", "svg").code == 0
    assert (tmp_path / "it.html").read_text().startswith("<svg")


def test_a_drawing_of_a_form_that_there_is_not_is_refused(call: Call, tmp_path: Path) -> None:
    said = call("graph", "minimal", "--out", "it.png")
    assert (said.code, said.err) == (
        2,
        (
            "rangectl: --out it.png: a graph is not drawn as .png\n"
            "hint: end it in .svg, .html or .mmd, or say --format\n"
        ),
    )
    assert not (tmp_path / "it.png").exists()


def test_a_file_of_another_kind_is_called_what_it_is(call: Call) -> None:
    exercise, topology = ROOT / "exercises/first-light.yaml", ROOT / "topologies/minimal.yaml"
    said = call("plan", str(exercise))
    assert (said.code, said.err) == (
        3,
        (
            f"rangectl: {exercise}: is an exercise, not a topology\n"
            "hint: rangectl exercise start runs exercises; images are its topology's\n"
        ),
    )
    said = call("exercise", "start", str(topology), "--teams", "alder")
    assert (said.code, said.err) == (
        3,
        (
            f"rangectl: {topology}: is a topology, not an exercise\n"
            "hint: rangectl up brings topologies up\n"
        ),
    )


def test_a_drawing_that_cannot_be_written_is_told(call: Call) -> None:
    said = call("graph", "minimal", "--out", "nowhere/it.svg")
    assert (said.code, said.err) == (
        2,
        "rangectl: nowhere/it.svg cannot be written: No such file or directory\n",
    )
