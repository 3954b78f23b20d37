"""rangectl in a container, as in a CI job, with nothing but the way to the engine."""

from __future__ import annotations

import subprocess

import docker
import pytest

from tests.e2e.program import HERE

pytestmark = [pytest.mark.engine, pytest.mark.slow]
ROOT = HERE.parents[1]


def test_a_container_with_the_engine_s_socket_brings_ranges_up(client: docker.DockerClient) -> None:
    words = [str(ROOT / "script/in-container"), ".venv/bin/rangectl", "smoke"]
    words += [str(HERE / "tiny.yaml"), "--only", "up"]
    done = subprocess.run(  # noqa: S603 - ours
        words, capture_output=True, text=True, timeout=240, check=False
    )
    assert (done.returncode, "1 topologies, 5 steps, 0 failed" in done.stdout) == (0, True), (
        done.stdout + done.stderr
    )
    label = {"label": ["rangectl.range=smoke-tiny/smoke"]}
    assert client.api.containers(all=True, filters=label) == []
