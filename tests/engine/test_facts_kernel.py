"""What is read of this machine's kernel, without an engine."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import docker
import pytest

from rangectl.engine import facts
from rangectl.errors import EnvironmentUnfitError
from rangectl.plan.fitness import LIMITS


def test_every_limit_that_is_judged_is_one_that_this_kernel_has() -> None:
    assert [name for name in LIMITS if facts._setting(name) is None] == []


def test_a_setting_is_what_the_kernel_says() -> None:
    assert facts._setting("kernel.pid_max") == int(Path("/proc/sys/kernel/pid_max").read_text())


def test_a_setting_that_there_is_not_is_unknown() -> None:
    assert facts._setting("kernel.no_such_setting") is None


def test_free_memory_is_less_than_the_machine_has() -> None:
    free = facts._free_memory()
    total = int(Path("/proc/meminfo").read_text().split()[1]) * 1024
    assert free is not None
    assert 0 < free < total


def test_a_clock_that_is_ahead_is_seen() -> None:
    assert facts._skew("2100-01-01T00:00:00Z") > 1e9
    assert facts._skew("no time") == 0


def test_without_rights_features_are_untried_not_lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert set(facts._features().values()) == {None}


def test_an_engine_that_never_answers_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "_PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"tcp://127.0.0.1:{mute.getsockname()[1]}"
        client = docker.DockerClient(base_url=address, version="1.41")
        with closing(client), pytest.raises(EnvironmentUnfitError, match="does not say what it is"):
            facts.read(client)
