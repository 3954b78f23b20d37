"""Commands about files: what is planned, where values come from, files nobody should read."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Call

ROOT = Path(__file__).parents[2]


def test_a_plan_without_an_engine_says_so_and_makes_everything(call: Call) -> None:
    said = call("plan", "minimal", "--teams", "alder,birch")
    assert said.code == 0
    assert "told as if nothing were up" in said.err
    head = "minimal/alder, minimal/birch: nothing of it is up, so all of it is made"
    assert said.out.splitlines()[0] == head
    assert said.out.endswith("containers: 20 to create\n")


def test_a_plan_as_json_names_every_host(call: Call) -> None:
    said = call("plan", "wide", "--var", "each=3", "--json")
    hosts = [one["host"] for one in json.loads(said.out)["ranges"][0]["changes"]]
    assert len(hosts) == 3 * 5 + 4
    assert {"north-3", "edge", "switch", "client"} <= {*hosts}


def test_a_plan_of_ten_thousand_hosts_takes_three_seconds_at_most(call: Call) -> None:
    began = time.process_time()
    said = call("plan", "wide", "--var", "each=2000")
    assert said.out.endswith("containers: 10004 to create\n")
    assert time.process_time() - began < 3


def test_a_plan_can_be_of_one_host(call: Call) -> None:
    said = call("plan", "minimal", "--host", "desk")
    assert said.out.splitlines()[1:] == [
        "  create desk-1 .. desk-3 (3 hosts): they are missing (base, workstation; office)",
        "containers: 3 to create",
    ]


def test_a_plan_can_be_of_hosts_that_match_a_pattern(call: Call) -> None:
    said = call("plan", "minimal", "--host", "*01")
    assert "web01" in said.out
    assert "desk" not in said.out


def test_a_host_that_is_not_there_is_told_with_the_nearest(call: Call) -> None:
    said = call("plan", "minimal", "--host", "web1")
    assert (said.code, said.err.splitlines()[-1]) == (2, 'hint: did you mean "web01"?')


def test_origins_are_told_as_a_table_and_as_json(call: Call) -> None:
    words = ("plan", "wide", "--show-origin", "--host", "north", "--var", "each=4")
    table = call(*words).out.splitlines()
    assert table[0] == "north: 4 hosts, north-1 .. north-4"
    assert any("${each} comes from --var" in line for line in table)
    (told,) = json.loads(call(*words, "--json").out)
    assert told["hosts"] == ["north-1", "north-2", "north-3", "north-4"]


def test_the_environment_gives_variables(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANGECTL_VAR_EACH", "4")
    assert "${each} comes from RANGECTL_VAR_EACH" in call("plan", "wide", "--show-origin").out


@pytest.mark.parametrize(
    ("word", "hint"),
    [("eech=3", 'did you mean "each"?'), ("each", "write --var hosts=30"), ("each=x", None)],
)
def test_a_variable_that_cannot_be_is_wrong_usage(word: str, hint: str | None, call: Call) -> None:
    said = call("plan", "wide", "--var", word)
    assert said.code == 2
    assert (f"hint: {hint}" in said.err) == (hint is not None)


def test_a_variables_value_that_makes_no_topology_is_a_bad_file(call: Call) -> None:
    said = call("plan", "wide", "--var", "each=0")
    assert said.code == 3
    assert "hosts.north.count: must be at least 1 (not 0) (${each} comes from --var)" in said.err


PRIVATE = "root:x:0:0"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a topology that includes `part.yaml`, and something outside of it."""
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "outside.yaml").write_text(f"hosts: {PRIVATE}\n")
    (inner / "top.yaml").write_text("version: 1\nname: top\ninclude: part.yaml\n")
    return inner


def test_no_link_leads_out_of_the_folder(folder: Path, call: Call) -> None:
    (folder / "part.yaml").symlink_to(folder.parent / "outside.yaml")
    said = call("validate", str(folder / "top.yaml"))
    assert said.code == 3
    assert "it lies outside of the folder" in said.err
    assert PRIVATE not in said.err


def test_a_link_in_a_circle_is_refused(folder: Path, call: Call) -> None:
    (folder / "part.yaml").symlink_to(folder / "part.yaml")
    assert call("validate", str(folder / "top.yaml")).code == 3


def test_a_pipe_a_device_and_a_folder_are_not_waited_for(folder: Path, call: Call) -> None:
    os.mkfifo(folder / "part.yaml")
    assert "it is no file" in call("validate", str(folder / "top.yaml")).err
    (folder / "part.yaml").unlink()
    (folder / "part.yaml").mkdir()
    assert "it is no file" in call("validate", str(folder / "top.yaml")).err


def test_an_included_file_without_rights_is_told(folder: Path, call: Call) -> None:
    said = call("validate", str(folder / "top.yaml"))
    assert 'include: cannot include "part.yaml": no such file or directory' in said.err


LIMIT = 400 << 20


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    resource.setrlimit(resource.RLIMIT_CPU, (5, 5))


@pytest.mark.parametrize("included", [False, True])
def test_a_file_of_a_hundred_megabytes_is_refused_in_bounded_memory(
    folder: Path, *, included: bool
) -> None:
    large = folder / ("part.yaml" if included else "top.yaml")
    with large.open("r+b" if large.exists() else "wb") as file:
        file.truncate(100 << 20)
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "rangectl.cli.main", "validate", str(folder / "top.yaml")],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        preexec_fn=limited,
    )
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "the file is larger than 1 MiB" in ended.stderr


@pytest.fixture
def site(folder: Path) -> Path:
    """Return a folder with an exercise on a topology of devices, servers and desks."""
    topology = (ROOT / "topologies/minimal.yaml").read_text()
    devices = "hosts:\n  plc: {count: 2, segments: [office], init: process}\n"
    changed = topology.replace("hosts:\n", devices).replace("name: minimal", "name: site")
    (folder / "site.yaml").write_text(changed)
    exercise = (ROOT / "exercises/first-light.yaml").read_text()
    changed = exercise.replace("topology: minimal", "topology: site")
    (folder / "hunt.yaml").write_text(
        changed.replace("ssh.authkey, on: web01", "ssh.authkey, on: plc-*")
    )
    return folder


def test_an_implant_on_a_host_that_cannot_carry_it_is_told_where_it_can_stand(
    site: Path, call: Call
) -> None:
    said = call("validate", str(site / "hunt.yaml"))
    told = "cannot stand on plc-1: that runs process, it needs systemd (it can on ns01, web01"
    assert f"hunt.yaml:16:36: actors.karsk-2.chain[0].on: ssh.authkey {told}" in said.err


def test_an_exercise_on_a_bad_topology_is_told_the_problems_of_both(site: Path, call: Call) -> None:
    for name, old, new in (("site", "count: 3", "count: 0"), ("hunt", "seed: 7", "seed: -7")):
        file = site / f"{name}.yaml"
        file.write_text(file.read_text().replace(old, new))
    said = call("validate", str(site / "hunt.yaml"))
    assert "hosts.desk.count: must be at least 1" in said.err
    assert "seed: must be at least 0" in said.err
    assert 'the topology "site" is not without problems itself' in said.err
