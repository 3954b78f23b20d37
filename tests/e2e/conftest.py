"""The installed program on the real engine, and one live pair of ranges that tests share."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.e2e.playing import Playing, Verifying, playing
from tests.e2e.program import HERE, Program, Range
from tests.e2e.provoking import Provoked, provoke

TOPOLOGY = str(HERE / "small.yaml")


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return Program(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def client() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture(scope="session")
def _pair(program: Program) -> Iterator[str]:
    name = f"fab-{secrets.token_hex(3)}"
    try:
        program.run("up", TOPOLOGY, "--name", name, "--teams", "a,b")
        yield name
    finally:
        program.run("down", name)


def whole(name: str, program: Program, client: docker.DockerClient) -> tuple[Range, Range]:
    program.run("up", TOPOLOGY, "--name", name, "--teams", "a,b")
    return Range(program, client, name, "a"), Range(program, client, name, "b")


@pytest.fixture
def pair(_pair: str, program: Program, client: docker.DockerClient) -> tuple[Range, Range]:
    """Two ranges of small.yaml, a and b, whole again whatever the test before did to them."""
    return whole(_pair, program, client)


@pytest.fixture(scope="module")
def standing(_pair: str, program: Program, client: docker.DockerClient) -> tuple[Range, Range]:
    """The same two, for tests that change nothing: whole when their file begins."""
    return whole(_pair, program, client)


@pytest.fixture
def topology(tmp_path: Path) -> Path:
    """A copy of small.yaml that a test may change."""
    copy = tmp_path / "small.yaml"
    copy.write_bytes(Path(TOPOLOGY).read_bytes())
    return copy


@pytest.fixture(scope="session")
def verifying(
    program: Program, client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Verifying]:
    """A verification of first-light: begun at once, it plays while other tests run."""
    program.run("image", "build", "minimal", seconds=500)
    name, folder = f"ver-{secrets.token_hex(3)}", tmp_path_factory.mktemp("verify")
    verifying = Verifying(program, client, name, folder / "answer", folder / "said")
    verifying.start()
    try:
        yield verifying
    finally:
        verifying.clear()


@pytest.fixture(scope="session")
def lasting(
    verifying: Verifying,
    program: Program,
    client: docker.DockerClient,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Playing]:
    """A run of four teams with all implants in place, on a clock that ends no test."""
    verifying.until_up()
    name, said = f"las-{secrets.token_hex(3)}", tmp_path_factory.mktemp("lasting") / "said"
    teams = ("alder", "birch", "cedar", "dogwood")
    play = Playing(program, client, str(HERE / "lasting.yaml"), name, teams, said)
    with playing(play):
        yield play


@pytest.fixture(scope="session")
def provoked(lasting: Playing) -> Provoked:
    """The same run, once its adversary was given reasons to react: he does while others test."""
    return provoke(lasting)
