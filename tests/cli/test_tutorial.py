"""The tutorial says what happens: its files are written and its commands run, engines apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.cli.conftest import Call

PAGE = Path(__file__).parents[2] / "docs/tutorial.md"
BLOCK = re.compile(r"^```(yaml|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NEEDS_AN_ENGINE = {"up", "status", "exec", "shell", "down"}


def commands(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the words of each command of a block, and the lines that it is said to print."""
    for part in re.split(r"^\$ rangectl ", text, flags=re.MULTILINE)[1:]:
        command, *lines = part.splitlines()
        yield command.split(), lines


def missing(wanted: list[str], printed: list[str]) -> list[str]:
    """Return the lines that are not printed in this order."""
    rest = iter(printed)
    return [line for line in wanted if line not in rest]


def test_the_tutorial_does_what_it_says(tmp_path: Path, call: Call) -> None:
    ran = 0
    for kind, text in BLOCK.findall(PAGE.read_text()):
        if kind == "yaml":
            name = text.partition("\n")[0].removeprefix("# ")
            (tmp_path / name).write_text(text)
            continue
        for words, lines in commands(text):
            if words[0] in NEEDS_AN_ENGINE:
                continue
            said = call(*words)
            ran += 1
            assert missing(lines, [*said.err.splitlines(), *said.out.splitlines()]) == []
    assert ran >= 7
    assert (tmp_path / "clinic.html").read_text().startswith("<!doctype html>")


def test_the_tutorial_shows_every_command_of_a_ranges_life() -> None:
    shown = {
        words[0]
        for kind, text in BLOCK.findall(PAGE.read_text())
        if kind == "console"
        for words, _ in commands(text)
    }
    assert shown >= {"validate", "plan", "graph", "up", "status", "exec", "down"}
