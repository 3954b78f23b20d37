"""A run that is killed: its ranges are silent within seconds, and it is over."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from rangectl.model.events import Ended, Started
from tests.e2e.playing import Playing
from tests.e2e.program import HERE, Program, wait_until

pytestmark = [pytest.mark.engine, pytest.mark.slow]
PROMISED = 5.0
LINKS = "tail -n +3 /proc/net/dev | cut -d: -f1"


@pytest.fixture
def brief(program: Program, client: docker.DockerClient, tmp_path: Path) -> Iterator[Playing]:
    """A run of one small range, after STARTEX."""
    name, said = f"kil-{secrets.token_hex(3)}", tmp_path / "said"
    play = Playing(program, client, str(HERE / "brief.yaml"), name, ("alder",), said)
    try:
        play.start()
        play.until(Started, 90)
        yield play
    finally:
        if play.director is not None and play.director.poll() is None:
            play.kill()
        program.run("down", name, code=None)
        program.run("exercise", "remove", name, code=None)


def test_a_run_that_is_killed_is_silent_at_once_and_over(brief: Playing) -> None:
    range_, run = brief.range("alder"), brief.program.run
    asks = "ssh -o BatchMode=yes -o ConnectTimeout=2 web01 true"
    range_.must("hunt01", asks, "trainee")
    before = time.monotonic()
    assert f"{brief.name}: 1 range" in run("exercise", "kill", brief.name).stdout
    assert "switch" not in range_.ids()
    # The kernel takes cables away a moment after the namespace that they led to.
    hosts = ("web01", "sink01", "hunt01")
    wait_until(lambda: {range_.must(host, LINKS).strip() for host in hosts} == {"lo"}, "no cables")
    took = time.monotonic() - before
    assert range_.sh("hunt01", asks, "trainee")[0] == 255
    assert took < PROMISED
    assert brief.end() == 0
    assert [one.why for one in brief.events() if isinstance(one, Ended)] == ["killed"]
    assert "ENDEX (killed)" in run("score", brief.name).stdout
    assert "is over" in run("exercise", "start", brief.exercise, *again(brief), code=2).stderr


def again(play: Playing) -> tuple[str, ...]:
    """The words that begin a run once more."""
    return "--name", play.name, "--teams", ",".join(play.teams)
