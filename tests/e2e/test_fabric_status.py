"""`status` says what is well, and exits 6 when something is not."""

from __future__ import annotations

import docker
import pytest

from tests.e2e.program import Program, Range

pytestmark = [pytest.mark.engine, pytest.mark.slow]
Pair = tuple[Range, Range]


def test_all_is_well_after_up(program: Program, pair: Pair) -> None:
    lines = program.json("status", pair[0].name)
    assert {line["range"] for line in lines} == {str(one) for one in pair}
    assert all(line["running"] for line in lines)
    checks = [wrong for line in lines for _, wrong in line["checks"]]
    assert checks
    assert set(checks) == {None}


def test_a_stopped_service_is_named_and_the_exit_code_is_6(program: Program, pair: Pair) -> None:
    pair[0].must("web01", "systemctl stop nginx")
    try:
        lines = program.json("status", pair[0].name, code=6)
    finally:
        pair[0].must("web01", "systemctl start nginx")
    bad = [
        (line["range"], line["host"], name)
        for line in lines
        for name, wrong in line["checks"]
        if wrong
    ]
    assert bad == [(str(pair[0]), "web01", "intranet")]


def test_a_stopped_host_is_not_well(
    program: Program, pair: Pair, client: docker.DockerClient
) -> None:
    client.api.stop(pair[0].ids()["hunt01"], timeout=10)
    done = program.run("status", pair[0].name, code=6)
    assert "not well: hunt01" in done.stderr
