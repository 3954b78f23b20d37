"""The agent's container: whole under its name, or not there under it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import docker
import pytest

from rangectl.engine import agent_container
from rangectl.engine.agent_container import AgentContainer
from rangectl.errors import EnvironmentUnfitError
from tests.engine.ranges import LABEL

pytestmark = pytest.mark.engine


def names(client: docker.DockerClient, name: str) -> list[str]:
    rows = client.api.containers(all=True, filters={"name": f"^/{name}"})
    return sorted(row["Names"][0] for row in rows)


@pytest.fixture
def agent(docker_client: docker.DockerClient, image: str) -> Iterator[AgentContainer]:
    name = f"test-agent-{secrets.token_hex(4)}"
    made = AgentContainer(docker_client, lambda: image, name, {LABEL: "node"})
    yield made
    made.remove()
    made.sweep()
    assert names(docker_client, name) == []


def test_clients_that_come_at_once_share_one_agent(
    docker_client: docker.DockerClient, agent: AgentContainer
) -> None:
    with ThreadPoolExecutor(4) as pool:
        channels = list(pool.map(lambda _: agent.channel(), range(4)))
    assert all(channel.alive() for channel in channels)
    for channel in channels:
        channel.close()
    assert names(docker_client, agent._name) == [f"/{agent._name}"]


def test_an_agent_whose_maker_was_killed_stands_in_nobody_s_way_and_is_swept(
    docker_client: docker.DockerClient, agent: AgentContainer
) -> None:
    half = agent._make(f"{agent._name}-making-dead")
    channel = agent.channel()
    assert channel.alive()
    channel.close()
    agent.sweep()
    assert names(docker_client, agent._name) == [f"/{agent._name}"]
    assert half not in {row["Id"] for row in docker_client.api.containers(all=True)}


def test_an_agent_has_more_of_a_busy_machine_than_any_host(agent: AgentContainer) -> None:
    agent.channel().close()
    settings = agent._client.api.inspect_container(agent._name)["HostConfig"]
    assert settings["CpuShares"] > 10 * 1024


def test_an_agent_that_was_made_and_not_started_is_started(agent: AgentContainer) -> None:
    agent.channel().close()
    agent._client.api.stop(agent._name, timeout=0)
    channel = agent.channel()
    assert channel.alive()
    channel.close()


def test_two_versions_do_not_take_the_agent_from_each_other(
    docker_client: docker.DockerClient,
    image: str,
    agent: AgentContainer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    newer = AgentContainer(docker_client, lambda: image, agent._name, {LABEL: "node"})
    newer._hash.update(b"newer")
    channel = agent.channel()
    with monkeypatch.context() as hasty:
        hasty.setattr(agent_container, "_PATIENCE", 1.0)
        with pytest.raises(EnvironmentUnfitError, match="another version of rangectl is at work"):
            newer.channel()
    assert newer.is_taken()
    assert channel.alive()
    channel.close()
    again = newer.channel()
    assert again.alive()
    assert agent.is_taken()
    again.close()
