"""The real engine freezes, keeps and tells as the port promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import docker
import pytest

from rangectl.engine.docker_engine import DockerEngine
from rangectl.engine.docker_stills import DockerStills
from rangectl.plan.spec import RangeSpec
from tests.engine import ranges
from tests.engine.engine_contract import Stop, wanted
from tests.engine.stills_contract import Note, StillsContract


@pytest.fixture
def engine(docker_engine: DockerEngine) -> DockerEngine:
    return docker_engine


@pytest.fixture
def stills(docker_client: docker.DockerClient) -> DockerStills:
    return DockerStills(docker_client)


@pytest.fixture
def spec(docker_client: docker.DockerClient) -> Iterator[RangeSpec]:
    made = ranges.spec((replace(ranges.HOSTS[0], init="process"),))
    yield made
    label = {"label": f"{ranges.LABEL}={made.id.name}"}
    for row in docker_client.api.containers(all=True, filters=label):
        docker_client.api.remove_container(row["Id"], force=True, v=True)
    for row in docker_client.api.images(filters=label):
        docker_client.api.remove_image(row["Id"], force=True)


@pytest.fixture
def stop(docker_client: docker.DockerClient) -> Stop:
    return lambda container: docker_client.api.stop(container, timeout=0)


@pytest.fixture
def note(engine: DockerEngine) -> Note:
    def write(container: str, path: str) -> None:
        assert engine.execute(container, ["touch", path]).code == 0

    return write


@pytest.fixture
def noted(engine: DockerEngine) -> Note:
    def read(container: str, path: str) -> None:
        assert engine.execute(container, ["test", "-f", path]).code == 0

    return read


@pytest.mark.engine
class TestDockerStills(StillsContract):
    pass


@pytest.mark.engine
def test_the_last_words_steer_no_terminal(
    engine: DockerEngine, stills: DockerStills, spec: RangeSpec, image: str
) -> None:
    words = "printf 'one\\ntwo \\033[31mred\\n'; exec sleep 60"
    said = replace(wanted(spec, image)[1], entrypoint=("/bin/sh", "-c", words))
    (made,) = engine.create([said])
    engine.start([made.id])
    while "two" not in (told := stills.last_words(made.id, lines=1)):
        assert told.startswith("it runs")
    assert told == "it runs\n| two \N{REPLACEMENT CHARACTER}[31mred"
