"""Calling the command line, with a state folder of its own and no engine in reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from rangectl.cli.main import main


@dataclass(frozen=True)
class Ended:
    """How a call of the program ended."""

    code: int
    out: str
    err: str


Call = Callable[..., Ended]


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """Return what calls the program with words, in a folder that is empty but for its state."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RANGECTL_HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")

    def work(*words: str) -> Ended:
        monkeypatch.setattr("sys.argv", ["rangectl", *words])
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        else:
            code = 0
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return work
