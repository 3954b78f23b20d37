"""`up` may be killed at any moment: the next one converges, and `down` leaves nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.engine, pytest.mark.slow]
SOAK = Path(__file__).parents[2] / "script/soak"


def test_up_killed_once_in_every_phase_is_mended_by_the_next_one() -> None:
    done = subprocess.run(  # noqa: S603 - a program of this project
        [sys.executable, SOAK, "kills", "--times", "7", "--seed", "6", "--teams", "a"],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split() for line in done.stdout.partition("recovered")[2].splitlines()]
    phases = {row[0]: row[1:] for row in rows if len(row) == 4}
    assert phases.keys() >= {"observe", "images", "create", "start", "wire", "ready", "proof"}
    assert all(kills == recovered and kills != "0" for kills, recovered, _ in phases.values())
