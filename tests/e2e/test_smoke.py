"""`smoke` as CI runs it: a sound topology passes every step, a bad one is a failed case."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import docker
import pytest
from junitparser import JUnitXml

from rangectl.app import smoke
from tests.e2e.program import HERE, Program

pytestmark = [pytest.mark.engine, pytest.mark.slow]
STEPS = list(smoke.STEPS)


def test_every_step_is_a_case_and_nothing_is_left(
    program: Program, client: docker.DockerClient, tmp_path: Path
) -> None:
    text = (HERE / "tiny.yaml").read_text()
    sound, bad, report = (tmp_path / name for name in ("sound.yaml", "bad.yaml", "out.xml"))
    sound.write_text(text.replace("name: tiny", "name: sound"))
    bad.write_text(text.replace("zone: adversary", "zone: nowhere"))
    done = program.run(
        "smoke", str(bad), str(sound), "--keep-going", "--junit", str(report), code=6
    )
    assert "2 topologies, 10 steps, 1 failed, " in done.stdout
    suites = {suite.name: list(suite) for suite in JUnitXml.fromfile(str(report))}
    assert [(case.name, case.is_passed) for case in suites["sound"]] == [
        (step, True) for step in STEPS
    ]
    (refused,) = suites["bad"]
    assert refused.name == "validate"
    assert "bad.yaml:5:20: segments.internet.zone: must be" in refused.result[0].text
    label = {"label": ["rangectl.range=smoke-sound/smoke"]}
    assert client.api.containers(all=True, filters=label) == []


def test_an_interrupted_one_writes_what_it_has_and_leaves_nothing(
    program: Program, client: docker.DockerClient, tmp_path: Path
) -> None:
    sound, report = tmp_path / "sound.yaml", tmp_path / "out.xml"
    sound.write_text((HERE / "tiny.yaml").read_text().replace("name: tiny", "name: cut"))
    process = program.start("smoke", str(sound), "--junit", str(report))
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if line.startswith("create:"):
            os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate()
    assert process.returncode == 130, said
    assert "up INTERRUPTED" in out
    (suite,) = JUnitXml.fromfile(str(report))
    assert (suite.tests, suite.errors, suite.failures) == (len(STEPS), 1, 0)
    label = {"label": ["rangectl.range=smoke-cut/smoke"]}
    assert client.api.containers(all=True, filters=label) == []
