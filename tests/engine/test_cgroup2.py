"""Engine and node agent keep their promises on cgroup v2, and a range lives and goes there."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from rangectl.engine.agent import DockerNode
from rangectl.engine.docker_engine import DockerEngine
from rangectl.engine.docker_stills import DockerStills
from rangectl.engine.facts import read
from rangectl.plan.fabric import Fabric, Wired
from tests.e2e.program import RANGECTL
from tests.engine.node_contract import NodeContract
from tests.engine.ranges import LABEL, containers
from tests.own_engine import OwnEngine, image_tags, save

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.aside]

DESK = """\
version: 1
name: desk
segments:
  office: {zone: partner, subnet: 10.20.1.0/24}
hosts:
  desk:
    segments: [office]
    roles: [base]
    services: [{name: login, check: ssh, port: 22}]
"""


@pytest.fixture(scope="module")
def topology(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("topology") / "desk.yaml"
    made.write_text(DESK)
    return made


@pytest.fixture(scope="module")
def own(topology: Path) -> Iterator[OwnEngine]:
    """An engine in a mount namespace with nothing but cgroup v2."""
    subprocess.run([RANGECTL, "image", "build", topology], check=True, capture_output=True)  # noqa: S603
    folder = Path(tempfile.mkdtemp(prefix="cg2-", dir="/var/tmp"))
    engine = OwnEngine(folder / "engine", cgroup2=True)
    try:
        engine.start()
        save(image_tags(topology), folder / "images.tar")
        engine.load(folder / "images.tar")
        yield engine
    finally:
        engine.close()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def client(own: OwnEngine) -> Iterator[docker.DockerClient]:
    with own.client() as made:
        yield made


@pytest.fixture(scope="module")
def base(client: docker.DockerClient) -> str:
    (row,) = client.api.images("rangectl/base")
    return str(row["Id"])


@pytest.fixture(scope="module")
def node(client: docker.DockerClient, base: str) -> Iterator[DockerNode]:
    made = DockerNode(client, lambda: base, name="test-agent-2", labels={LABEL: "node"})
    yield made
    made.close()
    client.api.remove_container("test-agent-2", force=True)


@pytest.fixture(scope="module")
def fabric(client: docker.DockerClient, base: str) -> Iterator[Fabric]:
    with containers(DockerEngine(client), base) as made:
        yield made


@pytest.fixture(scope="module")
def first(node: DockerNode, fabric: Fabric) -> Wired:
    return node.wire(fabric)


class TestNodeOnCgroup2(NodeContract):
    pass


def test_this_engine_says_that_it_is_on_version_2(client: docker.DockerClient) -> None:
    assert read(client).cgroups == "2"


def test_systemd_runs_in_its_own_cgroup_alone(
    client: docker.DockerClient, first: Wired, fabric: Fabric
) -> None:
    assert "desk" in first.opened
    desk = next(one.container for one in fabric.machines if one.spec.name == "desk")
    engine = DockerEngine(client)
    script = "systemctl is-system-running --wait; mkdir /sys/fs/cgroup/mine && echo own"
    said = engine.execute(desk, ["timeout", "30", "sh", "-c", script]).output.decode().split()
    assert said[-1] == "own"
    assert said[0] in {"running", "degraded"}


def test_hosts_freeze_there(client: docker.DockerClient, first: Wired, fabric: Fabric) -> None:
    assert first.opened
    stills, hosts = DockerStills(client), [one.container for one in fabric.machines]
    stills.freeze(hosts)
    frozen = [stills.last_words(one) for one in hosts]
    stills.thaw(hosts)
    assert set(frozen) == {"it is frozen"}


def test_a_range_from_nothing_to_nothing(own: OwnEngine, topology: Path, tmp_path: Path) -> None:
    env = own.environment(RANGECTL_HOME=str(tmp_path))

    def run(*words: str) -> str:
        done = subprocess.run(  # noqa: S603 - the program under test
            [RANGECTL, *words], env=env, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    up = ("up", str(topology), "--name", "two", "--json")
    assert json.loads(run(*up))["services"] == 1
    assert json.loads(run(*up))["changes"] == []
    run("pause", "two")
    run("resume", "two")
    run("reset", "two", "desk")
    run("status", "two")
    run("down", "two")
    with own.client() as client:
        mine = client.api.containers(all=True, filters={"label": ["rangectl.range=two/blue"]})
    assert mine == []
