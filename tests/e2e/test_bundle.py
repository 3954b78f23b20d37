"""A bundle made on one machine brings a range up on another one, which has no network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.island import island
from tests.e2e.program import HERE, Program

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.aside]


def test_a_bundle_brings_a_range_up_where_there_is_no_network(
    program: Program, tmp_path: Path
) -> None:
    bundle = tmp_path / "tiny.bundle"
    made = program.json("image", "save", str(HERE / "tiny.yaml"), "--to", str(bundle))
    assert made["topologies"] == ["topologies/tiny.yaml"]
    with island() as alone:
        devices = alone.run("cat", "/proc/net/dev").splitlines()[2:]
        assert [line.split(":")[0].strip() for line in devices] == ["lo"]
        words = ("image", "load", str(bundle), "--to", "tiny", "--seal", made["seal"])
        assert "next: cd tiny && rangectl up topologies/tiny.yaml" in alone.run("rangectl", *words)
        said = alone.run("rangectl", "up", "tiny", cwd=alone.folder / "tiny")
        assert "tiny/blue: contained" in said
        assert "role sinkhole" not in said
        assert "web: ok" in alone.run("rangectl", "status")
        assert "nothing left" in alone.run("rangectl", "down", "tiny")
