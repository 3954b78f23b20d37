"""The engine's command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rangectl.errors import EnvironmentUnfitError, RangeError
from rangectl.provision.engine_cli import DockerCli, without_proxies


def fake(folder: Path, script: str) -> DockerCli:
    program = folder / "docker"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return DockerCli({"PATH": f"{folder}:/usr/bin:/bin"})


def test_a_failure_carries_the_engine_s_last_words(tmp_path: Path) -> None:
    with pytest.raises(RangeError, match="docker commit failed: no space left"):
        fake(tmp_path, "echo no space left >&2; exit 1").run("commit")


def test_no_engine_is_an_unfit_environment(tmp_path: Path) -> None:
    docker = fake(tmp_path, "echo Cannot connect to the Docker daemon at x >&2; exit 1")
    with pytest.raises(EnvironmentUnfitError):
        docker.image("debian")


def test_no_docker_at_all_is_an_unfit_environment(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentUnfitError, match="not installed"):
        DockerCli({"PATH": str(tmp_path)}).run("ps")


def test_an_image_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert fake(tmp_path, "echo Error: No such image: x >&2; exit 1").image("x") is None


def test_removing_what_is_gone_is_fine(tmp_path: Path) -> None:
    fake(tmp_path, "echo Error: No such container: x >&2; exit 1").remove("x")


def test_a_removal_that_another_has_begun_is_waited_for(tmp_path: Path) -> None:
    tried = tmp_path / "tried"
    busy = "Error: removal of container x is already in progress"
    gone = "Error: No such container: x"
    script = f"[ -e {tried} ] && echo '{gone}' >&2 || echo '{busy}' >&2; echo >>{tried}; exit 1"
    fake(tmp_path, script).remove("x")
    assert tried.read_text() == "\n\n"


def test_proxies_of_the_docker_configuration_are_kept_out_of_images(tmp_path: Path) -> None:
    home = tmp_path / ".docker"
    home.mkdir()
    config = {"proxies": {"default": {"httpProxy": "http://p.example"}}, "currentContext": "lab"}
    (home / "config.json").write_text(json.dumps(config))
    (home / "contexts").mkdir()
    env = without_proxies({"HOME": str(tmp_path)}, tmp_path / "state")
    copy = Path(env["DOCKER_CONFIG"])
    assert json.loads((copy / "config.json").read_text()) == {"currentContext": "lab"}
    assert (copy / "contexts").is_dir()


def test_a_configuration_without_proxies_is_used_as_it_is(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path)}
    assert without_proxies(env, tmp_path / "state") == env
