"""`exec` runs a command in a host and ends as it did."""

from __future__ import annotations

import pytest

from tests.e2e.program import Program, Range

pytestmark = [pytest.mark.engine, pytest.mark.slow]
Pair = tuple[Range, Range]


def test_output_and_exit_code_are_those_of_the_command(program: Program, standing: Pair) -> None:
    script = "hostname; echo bad >&2; exit 7"
    done = program.run("exec", str(standing[0]), "web01", "--", "sh", "-c", script, code=7)
    assert sorted(done.stdout.splitlines()) == ["bad", "web01"]


def test_options_after_the_dashes_are_the_command_s(program: Program, standing: Pair) -> None:
    done = program.run("exec", str(standing[0]), "web01", "--", "echo", "--help", "-n")
    assert done.stdout == "--help -n\n"


def test_a_command_runs_as_the_user_asked_for(program: Program, standing: Pair) -> None:
    done = program.run("exec", str(standing[0]), "hunt01", "--user", "trainee", "--", "id", "-un")
    assert done.stdout == "trainee\n"


def test_a_command_that_does_not_exist_fails_as_in_a_shell(
    program: Program, standing: Pair
) -> None:
    done = program.run("exec", str(standing[0]), "web01", "--", "no-such-command", code=None)
    assert done.returncode in {126, 127}  # engines differ in which
    assert "no-such-command" in done.stdout + done.stderr


def test_a_range_must_be_named_where_there_are_two(program: Program, standing: Pair) -> None:
    done = program.run("exec", standing[0].name, "web01", "--", "true", code=2)
    assert str(standing[1]) in done.stderr
