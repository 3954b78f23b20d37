"""Ctrl-C during `up`: an exit code of its own, and nothing that the next command cannot mend."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Iterator

import docker
import pytest

from tests.e2e.program import HERE, Program, Range

pytestmark = [pytest.mark.engine, pytest.mark.slow]


@pytest.fixture
def lone(program: Program, client: docker.DockerClient) -> Iterator[Range]:
    here = Range(program, client, f"fab-{secrets.token_hex(3)}", "a")
    try:
        yield here
    finally:
        program.run("down", here.name)


def interrupt(program: Program, phase: str, *words: str) -> tuple[int, str]:
    """Press Ctrl-C as soon as `up` says that it is in a phase."""
    process = program.start(*words)
    said = ""
    assert process.stderr is not None
    for line in process.stderr:
        said += line
        if line.startswith(f"{phase}:"):
            os.killpg(process.pid, signal.SIGINT)
    process.communicate()
    return process.returncode, said


@pytest.mark.parametrize(("phase", "stands"), [("create", "before start"), ("ready", "in ready")])
def test_an_interrupted_up_exits_130_and_goes_on_later(
    program: Program, lone: Range, phase: str, stands: str
) -> None:
    words = ("up", str(HERE / "tiny.yaml"), "--name", lone.name, "--teams", "a")
    code, said = interrupt(program, phase, *words)
    assert code == 130, said
    assert f"interrupted {stands} (done: observe, images" in said.splitlines()[-1]
    assert len(lone.ids()) == 3
    assert "Traceback" not in said
    program.run(*words)
    program.run("status", lone.name)
    program.run("down", lone.name)
    assert lone.ids() == {}
