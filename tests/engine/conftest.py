"""A real engine, its node agent (one of the tests' own) and a wired range."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import docker
import platformdirs
import pytest
from docker.errors import NotFound

from rangectl.engine.agent import DockerNode
from rangectl.engine.docker_engine import DockerEngine, connect
from rangectl.plan.fabric import Fabric, Wired
from rangectl.provision.images import RoleImages
from rangectl.provision.rolebook import Rolebook
from rangectl.store.library import shipped
from tests.engine.ranges import LABEL, containers

AGENT = f"test-agent-{secrets.token_hex(4)}"


@pytest.fixture(scope="session")
def docker_client() -> Iterator[docker.DockerClient]:
    client = connect()
    yield client
    client.close()


@pytest.fixture(scope="session")
def docker_engine(docker_client: docker.DockerClient) -> DockerEngine:
    return DockerEngine(docker_client)


@pytest.fixture(scope="session")
def image() -> str:
    images = RoleImages(Rolebook(shipped("roles")), Path(platformdirs.user_state_dir("rangectl")))
    return images.ensure("debian", (), lambda _: None)


@pytest.fixture(scope="session")
def docker_node(docker_client: docker.DockerClient, image: str) -> Iterator[DockerNode]:
    node = DockerNode(docker_client, lambda: image, name=AGENT, labels={LABEL: "node"})
    yield node
    node.close()
    with suppress(NotFound):
        docker_client.api.remove_container(AGENT, force=True)


@pytest.fixture(scope="module")
def docker_fabric(docker_engine: DockerEngine, image: str) -> Iterator[Fabric]:
    with containers(docker_engine, image) as fabric:
        yield fabric


@pytest.fixture(scope="module")
def docker_wired(docker_node: DockerNode, docker_fabric: Fabric) -> Iterator[Wired]:
    yield docker_node.wire(docker_fabric)
    docker_node.unwire(docker_fabric.range)
