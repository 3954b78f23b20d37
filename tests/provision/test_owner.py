"""Telling the living from the dead among builders."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from rangectl.provision import owner


def test_this_process_lives() -> None:
    assert owner.alive(owner.me()) is True


def test_a_process_that_ended_is_dead() -> None:
    code = "from rangectl.provision import owner; print(owner.me())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert owner.alive(done.stdout.strip()) is False


def test_a_pid_given_anew_is_not_taken_for_its_former_bearer() -> None:
    boot, pid, start = owner.me().split(".")
    assert owner.alive(f"{boot}.{pid}.{int(start) - 1}") is False


def test_nothing_is_said_of_another_machine_s_process() -> None:
    _, pid, start = owner.me().split(".")
    assert owner.alive(f"another-boot.{pid}.{start}") is None


def test_nothing_is_said_of_a_process_that_another_container_started() -> None:
    code = "import sys; from rangectl.provision import owner; print(owner.alive(sys.argv[1]))"
    apart = ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, "-c", code, owner.me()]
    done = subprocess.run(apart, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "None"


def test_the_work_folder_says_whose_it_is() -> None:
    folder = owner.work_folder()
    try:
        assert owner.alive(folder.name.removeprefix("rangectl-build-")) is True
    finally:
        folder.rmdir()


def test_a_folder_goes_with_the_programs_that_write_into_it() -> None:
    folder = owner.work_folder()
    code = (
        "import sys; from pathlib import Path; print('writes', flush=True)\n"
        "while 1: Path(sys.argv[1]).mkdir(exist_ok=True)"
    )
    command = [sys.executable, "-c", code, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:  # noqa: S603
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writes\n"
        owner.remove_folder(folder)
        assert writer.wait(10) == -signal.SIGKILL
    assert not folder.exists()


@pytest.mark.parametrize("depth", [1, 36, 200])
def test_a_socket_s_name_fits_whatever_the_folder_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: int
) -> None:
    folder = tmp_path / ("x" * depth)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    work = owner.work_folder()
    try:
        assert len(f"{work}/c.0123456789abcdef") < 108
    finally:
        work.rmdir()
