"""`smoke` as CI runs it: a sound topology passes every step, a bad one is a failed case."""

from __future__ import annotations

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
