"""What is said of a command that was not called as it is meant to be."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Call

PYDANTIC = (
    "Value error",
    "Input should",
    "unable to parse",
    "valid integer",
    "Traceback",
    "Error:",
)
SAID: dict[tuple[str, ...], tuple[str, str]] = {
    ("upp", "minimal"): ("there is no command 'upp'", "did you mean 'up'?"),
    ("help",): ("there is no command 'help'", "rangectl --help"),
    ("topologies/minimal.yaml",): (
        "there is no command 'topologies/minimal.yaml'",
        (
            "rangectl validate topologies/minimal.yaml checks it, "
            "rangectl up topologies/minimal.yaml brings it up"
        ),
    ),
    ("minimal",): (
        "there is no command 'minimal'",
        "rangectl validate minimal checks it, rangectl up minimal brings it up",
    ),
    ("first-light",): (
        "there is no command 'first-light'",
        (
            "rangectl validate first-light checks it, "
            "rangectl exercise start first-light --teams alder,birch runs it"
        ),
    ),
    ("node",): ("there is no command 'node'", "rangectl --help lists them"),
    ("exercise", "strat"): ("there is no command 'strat'", "did you mean 'start' or 'status'?"),
    ("up",): (
        "TOPOLOGY is missing: A topology file, or the name of one",
        "rangectl up TOPOLOGY; see: rangectl up --help",
    ),
    ("exercise", "start", "first-light"): (
        "--teams is missing: Teams, separated by commas",
        "rangectl exercise start FILE --teams NAME,...; see: rangectl exercise start --help",
    ),
    ("exercise", "start", "first-light", "--team", "alder"): (
        "there is no option --team",
        "did you mean --teams?",
    ),
    ("exercise", "start", "first-light", "--teams", "alder,", "birch"): (
        "--teams: not names with commas between: 'alder,'",
        "without spaces: --teams alder,birch",
    ),
    ("exercise", "start", "minimal", "--teams", "alder"): (
        "'minimal' is the name of a topology, not of an exercise",
        "rangectl up minimal brings it up",
    ),
    ("up", "first-light"): (
        "'first-light' is the name of an exercise, not of a topology",
        (
            "rangectl exercise start first-light --teams alder,birch runs it; "
            "images are its topology's"
        ),
    ),
    ("up", "minimal", "birch"): (
        "too much: birch",
        "rangectl up TOPOLOGY; see: rangectl up --help",
    ),
    ("exercise", "mark", "monday", "alder", "x", "ten"): (
        'POINTS: must be a whole number (not "ten")',
        "see: rangectl exercise mark --help",
    ),
    ("exercise", "mark", "monday", "alder", "x", "9"): (
        "POINTS: must be at most 5 (not 9)",
        "see: rangectl exercise mark --help",
    ),
    ("exercise", "verify", "first-light", "--play", "win"): (
        "--play: 'win' is not one of 'reference', 'idle', 'everything', 'rebuild'",
        "see: rangectl exercise verify --help",
    ),
    ("schema", "topologies"): (
        "KIND: 'topologies' is not one of 'topology', 'exercise', 'traffic'",
        "see: rangectl schema --help",
    ),
    ("score", "monday", "--at", "yesterday"): (
        '--at: not a moment: "yesterday" (write 2026-01-31T09:30:00)',
        "see: rangectl score --help",
    ),
    ("smoke", "minimal", "--jobs", "x"): (
        '--jobs: must be a whole number (not "x")',
        "see: rangectl smoke --help",
    ),
    ("implant", "show", "cron.dropinn"): (
        "there is no entry 'cron.dropinn'",
        'did you mean "cron.dropin"?',
    ),
}


@pytest.mark.parametrize("words", SAID, ids=" ".join)
def test_a_wrong_call_is_told_what_is_wrong_and_what_to_write(
    words: tuple[str, ...], call: Call
) -> None:
    said = call(*words)
    message, hint = SAID[words]
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines() == [f"rangectl: {message}", f"hint: {hint}"]


@pytest.mark.parametrize("words", [("plan", "minimal", "--host"), ("validate", "minimal", "--var")])
def test_an_option_without_its_value_is_told_so(words: tuple[str, ...], call: Call) -> None:
    said = call(*words)
    assert (said.code, said.err) == (2, f"rangectl: {words[-1]} needs a value behind it\n")


@pytest.mark.parametrize("words", SAID, ids=" ".join)
def test_no_library_speaks_to_the_user(words: tuple[str, ...], call: Call) -> None:
    said = call(*words).err
    assert [word for word in PYDANTIC if word in said] == []


def test_the_version_is_told(call: Call) -> None:
    assert call("--version").out.startswith("rangectl ")


def test_a_short_help_is_help(call: Call) -> None:
    assert call("up", "-h").out == call("up", "--help").out
