"""The containment proof on a real engine, with leaks that are opened on purpose.

What lies "outside" is a container of the test's own with a documentation address, on the bridge
that leaks: no packet leaves the machine.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import docker
import pytest

from rangectl.engine.agent import DockerNode
from rangectl.engine.docker_engine import DockerEngine
from rangectl.plan.containment import attempt_problems, structure_problems
from rangectl.plan.fabric import Fabric, Wired
from tests.engine.node_contract import NAME, OUTSIDE
from tests.engine.ranges import LABEL, containers

pytestmark = pytest.mark.engine

SLEEP = ["sleep", "infinity"]


@dataclass(frozen=True)
class Leak:
    """A Docker bridge that a host was attached to."""

    gateway: str


def attach(ids: tuple[str, str], bridge: str, net: str) -> str:
    """Say in shell how a host and the outside are plugged into a bridge."""
    near, far = secrets.token_hex(4), secrets.token_hex(4)
    host, outside = ids
    return f"""
set -e
ip link add l{near} type veth peer name leak0 netns {host}
ip link set l{near} master {bridge} up
nsenter -t {host} -n sh -ec '
    ip address add {net}.7/24 dev leak0; ip link set leak0 up
    ip route add {OUTSIDE} via {net}.9'
ip link add l{far} type veth peer name out0 netns {outside}
ip link set l{far} master {bridge} up
nsenter -t {outside} -n sh -ec '
    ip link set lo up; ip address add {net}.9/24 dev out0; ip link set out0 up
    ip address add {OUTSIDE}/32 dev lo'
"""


@contextmanager
def leak(client: docker.DockerClient, image: str, host: str) -> Iterator[Leak]:
    """Attach a host to a Docker bridge, and the outside too."""
    mine = {LABEL: "node"}
    name = f"test-{secrets.token_hex(4)}"
    options = {"com.docker.network.bridge.enable_ip_masquerade": "false"}
    network = client.networks.create(name, driver="bridge", labels=mine, options=options)
    network.reload()
    gateway = str(network.attrs["IPAM"]["Config"][0]["Gateway"])
    outside = client.containers.run(
        image, entrypoint=SLEEP, detach=True, network_mode="none", labels=mine
    )
    try:
        pids = [
            str(client.api.inspect_container(one)["State"]["Pid"])
            for one in (host, str(outside.id))
        ]
        net = gateway.rpartition(".")[0]
        script = attach((pids[0], pids[1]), f"br-{str(network.id)[:12]}", net)
        operate(client, image, script)
        yield Leak(gateway)
        operate(client, image, f"nsenter -t {pids[0]} -n ip link delete leak0")
    finally:
        outside.remove(force=True)
        network.remove()


def operate(client: docker.DockerClient, image: str, script: str) -> None:
    """Run a script with the powers of whoever runs the engine's machine."""
    client.containers.run(
        image,
        entrypoint=["sh", "-c", script],
        remove=True,
        network_mode="host",
        pid_mode="host",
        cap_add=["NET_ADMIN", "SYS_ADMIN", "SYS_PTRACE"],
        security_opt=["seccomp=unconfined", "apparmor=unconfined"],
        labels={LABEL: "node"},
    )


@pytest.fixture(scope="module")
def fabric(docker_fabric: Fabric, docker_wired: Wired) -> Fabric:
    assert docker_wired.missing == ()
    return docker_fabric


@pytest.fixture(scope="module")
def desk(fabric: Fabric) -> str:
    return fabric.machines[0].container


@pytest.fixture(scope="module")
def problems(
    docker_client: docker.DockerClient,
    docker_node: DockerNode,
    image: str,
    fabric: Fabric,
    desk: str,
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], str]]:
    """What reaching and reading the structure say of an open leak, and the bridge's gateway."""
    with leak(docker_client, image, desk) as opened:
        reached = attempt_problems(fabric, docker_node.attempts(fabric, None, OUTSIDE, NAME))
        read = structure_problems(fabric, docker_node.structure(fabric))
        yield reached, read, opened.gateway


Problems = tuple[tuple[str, ...], tuple[str, ...], str]


@pytest.mark.parametrize("way", ["tcp", "udp", "icmp", "raw"])
def test_a_leak_to_the_outside_is_reached(problems: Problems, way: str) -> None:
    leaks = [one for one in problems[0] if OUTSIDE in one and f"by {way}" in one]
    assert leaks
    assert all(one.startswith("leak: desk in segment unplanned leak0") for one in leaks)


@pytest.mark.parametrize("way", ["tcp", "icmp", "raw"])
def test_the_engine_behind_a_leak_is_reached(problems: Problems, way: str) -> None:
    _, _, gateway = problems
    assert [one for one in problems[0] if gateway in one and f"by {way}" in one]


def test_the_structure_shows_a_leak_by_itself(problems: Problems) -> None:
    assert "desk: the interface leak0 is not planned" in problems[1]


@contextmanager
def wired(node: DockerNode, engine: DockerEngine, image: str) -> Iterator[Fabric]:
    with containers(engine, image) as fabric:
        try:
            assert node.wire(fabric).missing == ()
            yield fabric
        finally:
            node.unwire(fabric.range)


def test_a_range_is_contained_again_when_the_leak_is_closed(
    docker_client: docker.DockerClient,
    docker_node: DockerNode,
    docker_engine: DockerEngine,
    image: str,
) -> None:
    with wired(docker_node, docker_engine, image) as fabric:
        with leak(docker_client, image, fabric.machines[0].container):
            assert structure_problems(fabric, docker_node.structure(fabric)) != ()
        assert structure_problems(fabric, docker_node.structure(fabric)) == ()
        attempts = docker_node.attempts(fabric, None, OUTSIDE, NAME)
        assert attempt_problems(fabric, attempts) == ()


@pytest.fixture
def two(
    docker_node: DockerNode, docker_engine: DockerEngine, image: str
) -> Iterator[tuple[Fabric, Fabric]]:
    with (
        wired(docker_node, docker_engine, image) as one,
        wired(docker_node, docker_engine, image) as other,
    ):
        yield one, other


def test_two_ranges_do_not_reach_each_other(
    docker_node: DockerNode, two: tuple[Fabric, Fabric]
) -> None:
    assert attempt_problems(two[0], docker_node.attempts(*two, OUTSIDE, NAME)) == ()
    assert [docker_node.wire(fabric).changed for fabric in two] == [(), ()]


def test_ranges_whose_bridges_are_joined_reach_each_other(
    docker_client: docker.DockerClient,
    docker_node: DockerNode,
    image: str,
    two: tuple[Fabric, Fabric],
) -> None:
    _join(docker_client, image, two[0].switch, two[1].switch)
    reached = attempt_problems(two[0], docker_node.attempts(*two, OUTSIDE, NAME))
    read = structure_problems(two[0], docker_node.structure(two[0]))
    for way in ("tcp", "icmp", "raw", "broadcast"):
        assert any(f"by {way}" in one for one in reached)
    assert "switch: joint (veth) leads to no planned NIC" in read


def _join(client: docker.DockerClient, image: str, one: str, other: str) -> None:
    pids = [client.api.inspect_container(switch)["State"]["Pid"] for switch in (one, other)]
    script = f"""
set -e
ip link add joint netns {pids[0]} type veth peer name joint netns {pids[1]}
for pid in {pids[0]} {pids[1]}; do nsenter -t $pid -n ip link set joint master office up; done
sleep 1.5 # until the kernel takes notice of the carrier
"""
    operate(client, image, script)


def test_a_way_whose_control_fails_is_void(
    docker_node: DockerNode, docker_engine: DockerEngine, fabric: Fabric
) -> None:
    edge = fabric.machines[1]
    docker_engine.execute(edge.container, ["ip", "link", "set", "eth1", "down"])
    found = attempt_problems(fabric, docker_node.attempts(fabric, None, OUTSIDE, NAME))
    assert docker_node.wire(fabric).changed == ("edge: corrected eth1",)
    voids = [one for one in found if one.startswith("void: edge in segment internet")]
    assert len(voids) == 7


def test_answers_that_come_late_are_waited_for(
    docker_client: docker.DockerClient,
    docker_node: DockerNode,
    image: str,
    two: tuple[Fabric, Fabric],
) -> None:
    fabric = two[0]
    desk, switch = (
        docker_client.api.inspect_container(one)["State"]["Pid"]
        for one in (fabric.machines[0].container, fabric.switch)
    )
    find = f"""
set -e
index=$(nsenter -t {desk} -n ip -o link show eth0 | sed 's/.*@if\\([0-9]*\\):.*/\\1/')
port=$(nsenter -t {switch} -n ip -o link | sed -n "s/^$index: \\([^@:]*\\).*/\\1/p")
"""
    operate(docker_client, image, f"{find} nsenter -t {switch} -n ip link set $port down")
    mend = f"""{find}
for turn in $(seq 200); do # until witnesses are there
    nsenter -t {switch} -n ip -o link | grep -q ': w[0-9]*-' && break; sleep 0.05
done
sleep 1.7; nsenter -t {switch} -n ip link set $port up
"""
    with ThreadPoolExecutor() as pool:
        mended = pool.submit(operate, docker_client, image, mend)
        found = attempt_problems(fabric, docker_node.attempts(*two, OUTSIDE, NAME))
        mended.result()
    assert found == ()
