"""Locks among threads and processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rangectl.errors import EnvironmentUnfitError, RangeError
from rangectl.provision import locks


def test_only_one_holds_a_lock_and_nothing_is_left(tmp_path: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        with locks.held(tmp_path, "image"):
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.002)
            inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))
    assert most == [1] * 40
    assert not tmp_path.exists()


def test_an_error_frees_the_lock(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="x"), locks.held(tmp_path, "image"):
        raise ValueError("x")  # noqa: EM101
    with locks.held(tmp_path, "image"):
        pass


def test_a_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from rangectl.provision import locks\n"
        "with locks.held(Path(sys.argv[1]), 'image'): print('held', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:  # noqa: S603
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        other.kill()
    with locks.held(tmp_path, "image"):
        pass


def test_who_holds_what_is_said_to_whoever_wants_it_too(tmp_path: Path) -> None:
    with (
        locks.hold(tmp_path, "minimal", "up"),
        locks.hold(tmp_path, "other", "down"),
        pytest.raises(RangeError) as caught,
        locks.hold(tmp_path, "minimal", "down"),
    ):
        raise AssertionError
    said = rf"minimal: `rangectl up` \(pid {os.getpid()}\) has been at work on it for \d+ s"
    assert re.fullmatch(said, str(caught.value))
    assert not tmp_path.exists()
    with locks.hold(tmp_path, "minimal", "down"):
        pass


def test_what_a_killed_command_held_is_free(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from rangectl.provision import locks\n"
        "with locks.hold(Path(sys.argv[1]), 'x', 'up'): print('held', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:  # noqa: S603
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(RangeError, match=rf"\(pid {other.pid}\)"),
            locks.hold(tmp_path, "x", "up"),
        ):
            raise AssertionError
        other.kill()
    with locks.hold(tmp_path, "x", "up"):
        pass
    assert not tmp_path.exists()


def test_locks_that_cannot_be_kept_say_where(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(EnvironmentUnfitError, match="cannot keep locks in"),
        locks.hold(tmp_path / "file", "x", "up"),
    ):
        raise AssertionError


def test_a_full_disk_keeps_nobody_from_holding_a_lock(tmp_path: Path) -> None:
    (tmp_path / "x.lock").symlink_to("/dev/full")
    with locks.hold(tmp_path, "x", "up"):
        pass
    assert not tmp_path.exists()


def test_a_sweep_takes_the_file_of_a_killed_holder_and_spares_a_living_one(tmp_path: Path) -> None:
    (tmp_path / "dead.lock").touch()
    with locks.held(tmp_path, "alive"):
        locks.sweep(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["alive.lock"]
    locks.sweep(tmp_path)
    assert not tmp_path.exists()
