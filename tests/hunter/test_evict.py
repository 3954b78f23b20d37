"""Removal on a host: exactly what was seen goes, and its neighbours stay."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from rangectl.hunter import evict


def start_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def carried_out(capsys: pytest.CaptureFixture[str], *steps: dict[str, Any]) -> list[str]:
    evict.main(json.dumps(steps))
    return list(json.loads(capsys.readouterr().out))


def test_a_line_goes_and_its_neighbours_and_the_mode_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "table"
    file.write_bytes(b"# mine\n1 * * * * a\nbad \n2 * * * * b")
    file.chmod(0o600)
    step = {"do": "line", "path": str(file), "line": "bad "}
    assert carried_out(capsys, step) == ["done"]
    assert file.read_bytes() == b"# mine\n1 * * * * a\n2 * * * * b"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["table"]


def test_a_file_that_changed_since_it_was_seen_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "program"
    file.write_bytes(b"other")
    step = {"do": "file", "path": str(file), "sha256": hashlib.sha256(b"seen").hexdigest()}
    assert carried_out(capsys, step) == ["changed since"]
    assert file.exists()


def test_a_file_that_is_the_one_that_was_seen_goes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "program"
    file.write_bytes(b"seen")
    step = {"do": "file", "path": str(file), "sha256": hashlib.sha256(b"seen").hexdigest()}
    assert carried_out(capsys, step, step) == ["done", "not there"]


def test_a_link_is_never_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"bad\n")
    (tmp_path / "link").symlink_to(target)
    step = {"do": "line", "path": str(tmp_path / "link"), "line": "bad"}
    assert carried_out(capsys, step) == ["not there"]
    assert target.read_bytes() == b"bad\n"


def test_a_process_ends_with_those_that_run_the_same_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "agent"
    program.write_text("import time\ntime.sleep(60)\n")
    command = [sys.executable, str(program)]
    with subprocess.Popen(command) as one, subprocess.Popen(command) as two:  # noqa: S603
        time.sleep(0.3)
        step = {"do": "kill", "pid": one.pid, "start": start_of(one.pid), "program": str(program)}
        assert carried_out(capsys, step) == ["done"]
        assert (one.wait(5), two.wait(5)) == (-9, -9)


def test_a_process_that_took_over_the_id_is_spared(capsys: pytest.CaptureFixture[str]) -> None:
    with subprocess.Popen(["sleep", "60"]) as other:  # noqa: S607
        step = {"do": "kill", "pid": other.pid, "start": start_of(other.pid) - 1, "program": ""}
        assert carried_out(capsys, step) == ["not there"]
        assert other.poll() is None
        other.kill()
