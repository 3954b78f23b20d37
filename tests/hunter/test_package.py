"""The players as they are sent: a folder of another name, without the rest of the project."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import rangectl.hunter
import rangectl.kit
from tests.hunter.test_register import TOLD

SOURCE = Path(rangectl.hunter.__file__).parent
CHECKOUT = Path(rangectl.kit.__file__).parents[2]


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    shutil.copytree(SOURCE, tmp_path / "hunter", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("outbox", "receipts", "briefing", "keys"):
        (tmp_path / folder).mkdir()
    (tmp_path / "briefing" / "register.json").write_text(json.dumps(TOLD))
    return tmp_path


def played(kit: Path, who: str, ssh: str = "false") -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "HOME": str(kit), "HUNT_SSH": ssh}
    env |= {f"HUNT_{name.upper()}": str(kit / name) for name in ("outbox", "receipts", "briefing")}
    client = f"env PYTHONPATH={CHECKOUT} {sys.executable} -m rangectl.kit"
    env |= {"HUNT_KEYS": str(kit / "keys"), "HUNT": client}
    command = [sys.executable, "-m", "hunter", "--play", who, "--seat-log", str(kit / "log")]
    return subprocess.run(  # noqa: S603 - our own program
        command, cwd=kit, env=env, capture_output=True, text=True, check=False, timeout=60
    )


def handed_in(kit: Path) -> list[str]:
    return [json.loads(path.read_text())["kind"] for path in sorted(kit.glob("outbox/*.json"))]


def test_the_idle_player_says_done_and_nothing_else(kit: Path) -> None:
    assert played(kit, "idle").returncode == 0
    assert handed_in(kit) == ["done"]


def test_without_an_outbox_a_player_says_so_and_gives_up(kit: Path) -> None:
    (kit / "outbox").rmdir()
    run = played(kit, "idle")
    assert (run.returncode, "there is no outbox" in run.stdout) == (5, True)


def test_the_reference_hunter_outlives_hosts_that_do_not_answer(kit: Path) -> None:
    clock = {"clock": {"length_s": 3, "hold_s": 1}}
    (kit / "briefing" / "register.json").write_text(json.dumps(TOLD | clock))
    assert played(kit, "reference").returncode == 0
    assert handed_in(kit) == ["request", "done"]
    assert "asked for the partner seat" in (kit / "log").read_text()


EMPTY = {
    "files": {},
    "homes": {},
    "sockets": "",
    "owners": "",
    **{name: [] for name in ("tables", "keys", "set_id", "processes", "peers", "altered", "all")},
}
SHELL = {"path": "/etc/cron.d/x", "sha256": "0", "text": "* * * * * root /x\n"}


@pytest.mark.parametrize(
    "told",
    [
        '{"files": 3}',
        "[" * 100_000,
        json.dumps(EMPTY | {"sockets": f"tcp E 0 0 a 1.1.1.1:80 pid={'9' * 5000}"}),
        json.dumps(EMPTY | {"processes": [{"pid": "x", "start": [], "argv": [1, {}]}]}),
        json.dumps(EMPTY | {"files": {"/etc/cron.d/x": SHELL | {"text": 7}}, "tables": [SHELL]}),
        json.dumps({"files": [{"path": 1, "text": 2, "owned": True}]}),
    ],
    ids=["type", "depth", "number", "process", "text", "row"],
)
def test_nonsense_from_a_host_is_said_and_survived(kit: Path, told: str) -> None:
    clock = {"clock": {"length_s": 5, "hold_s": 1}}
    (kit / "briefing" / "register.json").write_text(json.dumps(TOLD | clock))
    ssh = kit / "ssh"
    (kit / "told").write_text(told)
    ssh.write_text(f"#!/bin/sh\ncat >/dev/null\ncat {kit / 'told'}\n")
    ssh.chmod(0o755)
    run = played(kit, "reference", str(ssh))
    assert (run.returncode, "told" in run.stdout) == (0, True), run.stdout + run.stderr


@pytest.mark.parametrize("path", sorted(SOURCE.glob("*.py")), ids=lambda path: path.name)
def test_no_file_that_is_sent_says_where_it_comes_from(path: Path) -> None:
    assert "rangectl" not in path.read_text(encoding="utf-8")
