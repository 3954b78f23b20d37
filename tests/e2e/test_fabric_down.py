"""`down` needs nothing but the labels on the engine."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.e2e.program import HERE, Program, Range

pytestmark = [pytest.mark.engine, pytest.mark.slow]
Names = tuple[Range, Range]


@pytest.fixture
def two(program: Program, client: docker.DockerClient, tmp_path: Path) -> Iterator[Names]:
    """Two names up at once, the file they came from gone."""
    copy = tmp_path / "tiny.yaml"
    shutil.copy(HERE / "tiny.yaml", copy)
    names = [f"fab-{secrets.token_hex(3)}-{number}" for number in (1, 2)]
    try:
        for name in names:
            program.run("up", str(copy), "--name", name, "--teams", "a")
        copy.unlink()
        yield Range(program, client, names[0], "a"), Range(program, client, names[1], "a")
    finally:
        for name in names:
            program.run("down", name)


def test_one_name_goes_and_the_other_stays(two: Names, tmp_path: Path) -> None:
    stranger = Program(tmp_path / "nothing-here")
    gone, stays = two
    before = stays.ids()
    done = stranger.run("down", gone.name)
    assert f"{gone}: down" in done.stdout
    assert (gone.ids(), stays.ids()) == ({}, before)
    stranger.run("status", stays.name)
    assert "no range is up" in stranger.run("status", gone.name, code=2).stderr


def test_down_without_its_switch_leaves_nothing(
    two: Names, program: Program, client: docker.DockerClient
) -> None:
    client.api.remove_container(two[0].ids()["switch"], force=True)
    program.run("down", two[0].name)
    assert two[0].ids() == {}


def test_down_twice_is_no_error(two: Names, program: Program) -> None:
    program.run("down", two[0].name)
    assert "nothing was up" in program.run("down", two[0].name).stdout
