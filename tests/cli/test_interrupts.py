"""Ctrl-C: once ends the step, twice stops, thrice drops everything."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys, time
import typer
from rangectl.cli import main, show
from rangectl.progress import Progress

@main.app.command()
def work() -> None:
    with show.telling(as_json=False) as tell:
        for phase in ("observe", "create", "wire", "ready"):
            tell(Progress("phase", f"{phase}: it"))
            end = time.monotonic() + 0.6
            try:
                while time.monotonic() < end:
                    time.sleep(0.01)
            finally:
                if "stubborn" in sys.argv[0]:
                    time.sleep(20)
            print(f"{phase} ended", flush=True)

main.main()
"""


def press(phase: str, times: int, name: str = "rangectl") -> tuple[int, str, str]:
    """Press Ctrl-C as often when a phase begins, with time to heed each."""
    code = f"import sys; sys.argv = [{name!r}, 'work']\n{PROGRAM}"
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if line.startswith(f"{phase}:"):
            break
    for _ in range(times):
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
    out, rest = process.communicate(timeout=15)
    return process.returncode, out, said + rest


@pytest.mark.parametrize(("phase", "done"), [("create", "observe, create"), ("wire", "wire")])
def test_once_ends_the_step_and_says_where_it_stands(phase: str, done: str) -> None:
    code, out, said = press(phase, 1)
    assert code == 130
    assert out.endswith(f"{phase} ended\n")
    assert f"rangectl: ending this step ({phase}); Ctrl-C again stops at once" in said
    assert f"{done}); the same command again goes on where this one stopped" in said
    assert "Traceback" not in said


def test_a_phase_that_only_waits_is_not_waited_for() -> None:
    code, out, said = press("ready", 1)
    assert (code, "ready ended" in out) == (130, False)
    assert "interrupted in ready (done: observe, create, wire)" in said


def test_twice_stops_in_the_step() -> None:
    code, out, said = press("create", 2)
    assert (code, "create ended" in out) == (130, False)
    assert "interrupted in create (done: observe)" in said


def test_thrice_drops_even_what_does_not_end() -> None:
    code, _, said = press("create", 3, "stubborn")
    assert code == 130
    assert "dropped" in said
