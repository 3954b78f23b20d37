"""Conversations with an agent that does not answer, without an engine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import docker
import pytest

from rangectl.engine import agent, agent_link
from rangectl.engine.agent import DockerNode
from rangectl.engine.agent_link import Link
from rangectl.errors import EnvironmentUnfitError


@dataclass
class Silent:
    """A channel on which nothing ever comes."""

    said: list[bytes] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def send(self, data: bytes) -> None:
        self.said.append(data)

    def receive(self) -> Iterator[bytes]:
        self.over.wait()
        return iter(())

    def alive(self) -> bool:
        return True

    def close(self) -> None:
        self.over.set()


def test_an_agent_that_does_not_say_how_a_connection_went_is_to_blame_and_not_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (agent, agent_link):
        monkeypatch.setattr(module, "SLACK", 0.1)
    channel = Silent()
    node = DockerNode(docker.DockerClient(version="1.41"), lambda: "none")
    node._link = Link(channel)
    with pytest.raises(EnvironmentUnfitError, match="node: dial: no answer within"):
        node.dial("client", "10.20.1.10", 80, timeout=0.1)
    asked, hung_up = (json.loads(line) for line in channel.said)
    assert (asked["verb"], hung_up) == ("dial", {"stream": asked["id"], "close": 1})
    node.close()
