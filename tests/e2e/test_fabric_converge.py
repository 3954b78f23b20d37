"""`up` is a reconciler: twice changes nothing, and what was taken away comes back."""

from __future__ import annotations

import docker
import pytest

from tests.e2e.conftest import TOPOLOGY
from tests.e2e.program import Program, Range

pytestmark = [pytest.mark.engine, pytest.mark.slow]
Pair = tuple[Range, Range]


def again(program: Program, one: Range) -> list[str]:
    """Bring the pair up again and return the changes."""
    done = program.json("up", TOPOLOGY, "--name", one.name, "--teams", "a,b")
    changes: list[str] = done["changes"]
    return changes


def test_a_second_up_changes_nothing(program: Program, pair: Pair) -> None:
    before = pair[0].ids()
    assert again(program, pair[0]) == []
    assert pair[0].ids() == before


def test_a_second_up_says_that_there_is_nothing_to_change(program: Program, pair: Pair) -> None:
    said = program.run("up", TOPOLOGY, "--name", pair[0].name, "--teams", "a,b")
    assert said.stdout.splitlines()[-1] == "nothing to change"


def test_a_host_removed_by_hand_comes_back_with_cables_and_checks(
    program: Program, pair: Pair, client: docker.DockerClient
) -> None:
    here, other = pair
    before, addresses, untouched = here.ids(), here.addresses(), other.ids()
    client.api.remove_container(before["web01"], force=True, v=True)
    assert again(program, here) == [f"{here}: create web01: it is missing"]
    program.run("status", here.name)
    after = here.ids()
    assert after.pop("web01") != before.pop("web01")
    assert (after, here.addresses(), other.ids()) == (before, addresses, untouched)
    assert "Velmora" in here.must("hunt01", f"curl -sm 5 http://{addresses['web01']}/")


def test_a_stopped_host_is_started_again(
    program: Program, pair: Pair, client: docker.DockerClient
) -> None:
    here, _ = pair
    before = here.ids()
    client.api.stop(before["web01"], timeout=10)
    assert again(program, here)[0] == f"{here}: start web01: it is stopped"
    program.run("status", here.name)
    assert here.ids() == before


@pytest.mark.parametrize("how", ["killed", "removed"])
def test_one_up_heals_a_range_whose_switch_is_gone(
    program: Program, pair: Pair, client: docker.DockerClient, how: str
) -> None:
    here, _ = pair
    before = here.ids()
    switch = before.pop("switch")
    client.api.kill(switch)
    if how == "removed":
        client.api.remove_container(switch, force=True)
    assert again(program, here)
    program.run("status", here.name)
    after = here.ids()
    assert (after.pop("switch") == switch) == (how == "killed")
    assert after == before
    assert again(program, here) == []
