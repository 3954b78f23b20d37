"""What is read of the real engine and of this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing

import docker
import pytest

from rangectl.engine import facts
from rangectl.plan.fitness import LIMITS, findings

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    with closing(docker.from_env()) as made:
        yield made


def test_the_engine_and_its_machine_are_read(client: docker.DockerClient) -> None:
    found = facts.read(client)
    version = client.version()
    assert (found.engine, found.api) == (version["Version"], version["ApiVersion"])
    assert found.here
    assert found.kernel == os.uname().release
    assert {name for name, value in found.limits.items() if value} == set(LIMITS)
    assert found.features == dict.fromkeys(found.features, True)
    assert {"bridge", "veth", "nf_tables", "network namespaces"} == set(found.features)
    assert abs(found.skew) < 5
    assert found.disk is not None
    assert found.confined == ()
    assert found.inodes is None or found.inodes > 0
    assert found.free_memory is not None
    assert found.free_memory < found.memory


def test_nothing_prevents_a_range_where_the_tests_of_ranges_run(
    client: docker.DockerClient,
) -> None:
    judged = findings(facts.read(client), 20)
    assert [one for one in judged if one.grade == "prevents"] == []
