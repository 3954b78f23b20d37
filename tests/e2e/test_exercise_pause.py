"""A whole exercise paused by another command, and let go on, on a real engine."""

from __future__ import annotations

import pytest

from rangectl.model.events import Paused, Resumed
from tests.e2e.playing import Playing

pytestmark = [pytest.mark.engine, pytest.mark.slow]


def test_a_run_that_is_paused_stands_still_until_it_is_resumed(lasting: Playing) -> None:
    run, name = lasting.program.run, lasting.name
    run("exercise", "pause", name)
    containers = lasting.client.api.containers(filters={"status": "paused"})
    hosts = [one for one in containers if f"-{name}-" in str(one["Names"])]
    assert len(hosts) == 8 * len(lasting.teams), [one["Names"] for one in containers]
    before = lasting.events()
    assert "paused since" in run("score", name).stdout
    assert "is paused already" in run("exercise", "pause", name, code=2).stderr
    assert "goes on" in run("exercise", "resume", name).stdout
    assert "is not paused" in run("exercise", "resume", name, code=2).stderr
    for range_ in lasting.ranges():
        range_.must("web01", "true")
    kinds = [type(one) for one in lasting.events() if isinstance(one, Paused | Resumed)]
    assert kinds == [Paused, Resumed]
    assert [one.kind for one in lasting.events()[len(before) :]][:2] == ["halt", "resumed"]
