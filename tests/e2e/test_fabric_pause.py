"""A range frozen whole, a host kept and brought back, and a host alone brought up."""

from __future__ import annotations

import docker
import pytest

from tests.e2e.program import Program, Range

pytestmark = [pytest.mark.engine, pytest.mark.slow]
Pair = tuple[Range, Range]


def states(program: Program, name: str) -> dict[str, set[str]]:
    lines = program.json("status", name)
    teams = {line["range"] for line in lines}
    return {
        team: {"paused" if line["paused"] else "awake" for line in lines if line["range"] == team}
        for team in teams
    }


def test_a_paused_range_stands_still_and_the_other_goes_on(program: Program, pair: Pair) -> None:
    here, other = pair
    program.run("pause", str(here))
    assert states(program, here.name) == {str(here): {"paused"}, str(other): {"awake"}}
    refused = program.run("reset", str(here), "web01", code=5)
    assert f"{here} is paused" in refused.stderr
    program.run("resume", str(here))
    program.run("status", here.name)


def test_a_kept_host_comes_back_with_its_files_wired(program: Program, pair: Pair) -> None:
    here, _ = pair
    here.must("web01", "echo kept >/srv/note; echo '# mine' >>/home/hunter/.ssh/authorized_keys")
    here.must("web01", "touch /dev/shm/lost")
    assert "shm/lost" in program.run("snapshot", str(here), "web01", code=6).stderr
    here.must("web01", "rm /dev/shm/lost; rm -rf /tmp/*")
    program.run("snapshot", str(here), "web01", "--as", "before")
    here.must("web01", "rm /srv/note")
    program.run("restore", str(here), "web01", "--as", "before")
    program.run("status", here.name)
    assert here.must("web01", "cat /srv/note") == "kept\n"
    assert "# mine" in here.must("web01", "cat /home/hunter/.ssh/authorized_keys")
    assert here.must("hunt01", "ssh -o BatchMode=yes web01 hostname", "trainee") == "web01\n"
    program.run("snapshot", str(here), "web01", "--as", "after", "--anyway")
    used = program.run("snapshots", str(here), "--remove", code=6).stderr
    assert f"1 removed; hosts are made of the others: {here} web01 (before)" in used
    assert [one["word"] for one in program.json("snapshots", here.name)] == ["before"]


def test_a_host_alone_comes_back_and_another_stays_away(
    program: Program, pair: Pair, client: docker.DockerClient, topology: object
) -> None:
    here, other = pair
    for host in ("web01", "sink01"):
        client.api.remove_container(here.ids()[host], force=True)
    words = ("up", str(topology), "--name", here.name, "--teams", "a", "--only", "web01")
    assert program.json(*words)["changes"] == [f"{here}: create web01: it is missing"]
    assert "sink01" not in here.ids()
    assert "sink01" in other.ids()
