"""The survey, run on this machine the way it is sent to a host."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rangectl.hunter import survey, traces
from rangectl.hunter.reading import read_view

TEXT = Path(survey.__file__).read_text(encoding="utf-8")


def test_it_runs_from_standard_input_and_tells_a_view() -> None:
    call = TEXT + "\nTABLES, homes, set_id = (), dict, lambda **_: []\n"
    ask = json.dumps({"wide": False, "deep": False, "watch": 0, "also": []})
    command = [sys.executable, "-I", "-"]
    told = subprocess.run(  # noqa: S603 - our own program
        command, input=f"{call}\nmain({ask!r})\n", capture_output=True, text=True, check=True
    )
    view = read_view(json.loads(told.stdout))
    assert os.getpid() in {process.pid for process in view.processes}


def test_a_walk_lists_files_but_neither_links_nor_pipes(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "pipe")
    assert [one["path"] for one in survey.walk([str(tmp_path)], setid=False)] == [f"{tmp_path}/a"]


def test_a_walk_for_set_id_programs_lists_nothing_else(tmp_path: Path) -> None:
    for name, mode in (("plain", 0o755), ("marked", 0o755 | stat.S_ISUID)):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(mode)
    rows = survey.walk([str(tmp_path)], setid=True)
    assert [(Path(one["path"]).name, one["mode"]) for one in rows] == [("marked", 0o4755)]


def test_set_id_programs_are_found_and_where_the_seats_own_rights_end(tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir(mode=0)
    (tmp_path / "a\tb").write_text("x")
    (tmp_path / "a\tb").chmod(0o4755)
    files, closed = survey.reached([str(tmp_path)])
    assert [(one["path"], one["mode"]) for one in files] == [(f"{tmp_path}/a\tb", 0o4755)]
    assert closed == ([] if os.getuid() == 0 else [f"{tmp_path}/shut"])


def test_a_quick_look_is_at_the_programs_that_are_known(tmp_path: Path) -> None:
    for name, mode in (("a", 0o4755), ("b", 0o4755), ("c", 0o755)):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(mode)
    rows = survey.set_id(deep=False, also=[f"{tmp_path}/{name}" for name in "ac"])
    assert [one["path"] for one in rows] == [f"{tmp_path}/a"]


def test_a_walk_of_what_is_not_there_is_empty(tmp_path: Path) -> None:
    assert survey.walk([str(tmp_path / "gone")], setid=True) == []


def test_a_binary_is_told_by_its_digest_alone(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"\0")
    told = survey.described(str(tmp_path / "b"))
    assert told is not None
    assert (told["text"], told["sha256"][:8]) == (None, "6e340b9c")


@pytest.mark.parametrize("name", ["gone", "folder", "pipe"])
def test_what_is_no_file_is_not_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert survey.content(str(tmp_path / name)) is None


def test_programs_that_lines_name_are_found_once() -> None:
    lines = ["* * * * * /opt/a -q", "* * * * * /opt/a && '/opt/b c'"]
    assert survey.named(lines) == ["/opt/a", "/opt/b"]


@pytest.mark.parametrize("split", [survey.split, traces.split])
def test_files_that_are_read_at_once_are_told_apart(
    split: Callable[[bytes, list[str]], dict[str, bytes]], tmp_path: Path
) -> None:
    held = {"empty": b"", "odd": b"\n==> no head <==\n", "bare": b"no end of line", "a b": b"\0x\n"}
    for name, content in held.items():
        (tmp_path / name).write_bytes(content)
    asked = [str(tmp_path / name) for name in ("gone", *held, "gone too")]
    told = survey.run(["head", "-v", "-c", "99", "--", *asked])
    assert split(told, asked) == {str(tmp_path / name): text for name, text in held.items()}
    assert split(b"", asked) == {}
