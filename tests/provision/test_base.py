"""Where the base image comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from rangectl.errors import EnvironmentUnfitError, RangeError
from rangectl.progress import Progress
from rangectl.provision import base
from rangectl.provision.apt import NEUTRAL, AptAccess
from rangectl.provision.engine_cli import DockerCli

APT = AptAccess(NEUTRAL)


def fake(folder: Path, script: str) -> DockerCli:
    """Make an engine that keeps a record of its commands and answers as the script does."""
    program = folder / "docker"
    program.write_text(f'#!/bin/sh\necho "$*" >>{folder}/record\n{script}\n')
    program.chmod(0o755)
    return DockerCli({"PATH": f"{folder}:/usr/bin:/bin"})


def test_a_pulled_image_is_taken(tmp_path: Path) -> None:
    assert base._pull(fake(tmp_path, "echo Pulling; echo done"), "debian:bookworm") is None
    assert (tmp_path / "record").read_text() == "pull debian:bookworm\n"


def test_why_nothing_was_pulled_is_said(tmp_path: Path) -> None:
    docker = fake(tmp_path, "echo Error: no such host >&2; exit 1")
    assert base._pull(docker, "debian:bookworm") == "Error: no such host"


def test_a_silent_registry_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "_ANSWER_WITHIN", 0.2)
    docker = fake(tmp_path, "exec sleep 60")
    assert base._pull(docker, "debian:bookworm") == "none answered within 0.2 s"


def test_without_registry_and_mmdebstrap_the_way_out_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker = fake(tmp_path, "echo Error: No such image >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    said: list[Progress] = []
    with pytest.raises(EnvironmentUnfitError, match="mmdebstrap is missing") as caught:
        base.ensure(docker, "debian", APT, tmp_path / "locks", said.append)
    assert caught.value.hint is not None
    assert "apt install mmdebstrap" in caught.value.hint
    assert "no registry" in said[-1].text


def test_a_bootstrap_that_fails_says_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker = fake(tmp_path, "cat >/dev/null")
    (tmp_path / "mmdebstrap").write_text("#!/bin/sh\necho E: mirror unreachable >&2\nexit 100\n")
    (tmp_path / "mmdebstrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(RangeError, match="E: mirror unreachable"):
        base._bootstrap(docker, "rangectl/bootstrap:1", APT)


def test_an_image_that_is_there_costs_one_look(tmp_path: Path) -> None:
    docker = fake(tmp_path, """echo '{"Id": "sha256:1", "Config": {"Labels": null}}'""")
    said: list[Progress] = []
    assert base.ensure(docker, "debian", APT, tmp_path / "locks", said.append).id == "sha256:1"
    assert said == []
    assert len((tmp_path / "record").read_text().splitlines()) == 1
