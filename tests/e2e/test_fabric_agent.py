"""The node agent may die at any time; whoever needs it next finds it again."""

from __future__ import annotations

import os
import signal

import docker
import pytest

from rangectl.engine.agent_container import NAME
from tests.e2e.program import Program, Range

pytestmark = [pytest.mark.engine, pytest.mark.slow]


def pid(client: docker.DockerClient) -> int:
    return int(client.api.inspect_container(NAME)["State"]["Pid"])


def test_the_next_command_works_after_the_agent_was_killed(
    program: Program, pair: tuple[Range, Range], client: docker.DockerClient
) -> None:
    os.kill(pid(client), signal.SIGKILL)
    program.run("status", pair[0].name)


def test_the_next_command_works_after_the_agent_was_removed(
    program: Program, pair: tuple[Range, Range], client: docker.DockerClient
) -> None:
    client.api.remove_container(NAME, force=True)
    program.run("status", pair[0].name)
