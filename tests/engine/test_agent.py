"""The node agent on a real engine."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv4Address

import docker
import pytest

from rangectl.checks.sockets import SocketChecker
from rangectl.engine.agent import DockerNode
from rangectl.engine.docker_engine import DockerEngine
from rangectl.errors import RangeError
from rangectl.model.topology import Service
from rangectl.plan.containment import structure_problems
from rangectl.plan.fabric import Fabric, Wired
from rangectl.plan.probing import Processes, Stat, Write
from tests.engine.conftest import AGENT
from tests.engine.node_contract import NodeContract

pytestmark = pytest.mark.engine

SERVER = """
import socket, threading
def tcp():
    link = socket.create_server(("", 8000))
    while True:
        threading.Thread(target=answer, args=link.accept()).start()
def answer(made, _):
    data = b""
    while part := made.recv(65536):
        data += part
    made.sendall(b"HTTP/1.0 200 %d\\r\\n\\r\\n" % len(data) + b"!" * 3000000)
    made.close()
def udp():
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.bind(("", 8000))
    while True:
        data, sender = link.recvfrom(65536)
        link.sendto(b"<%s>" % data, sender)
threading.Thread(target=udp).start()
tcp()
"""


@pytest.fixture(scope="module")
def node(docker_node: DockerNode) -> DockerNode:
    return docker_node


@pytest.fixture(scope="module")
def fabric(docker_fabric: Fabric) -> Fabric:
    return docker_fabric


@pytest.fixture(scope="module")
def first(docker_wired: Wired) -> Wired:
    return docker_wired


@pytest.fixture
def ids(first: Wired, fabric: Fabric) -> dict[str, str]:
    assert first.missing == ()
    return {machine.spec.name: machine.container for machine in fabric.machines}


class TestDockerNode(NodeContract):
    pass


def until(what: Callable[[], bool], seconds: float = 90) -> bool:
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def dialled(node: DockerNode, client: str, port: int, proto: str = "tcp") -> socket.socket:
    end = time.monotonic() + 20
    while True:
        try:
            return node.dial(client, "10.20.1.20", port, proto)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def says(engine: DockerEngine, container: str, *command: str) -> str:
    with suppress(RangeError):  # it may be starting again
        return engine.execute(container, command).output.decode().strip()
    return ""


def boots(engine: DockerEngine, host: str) -> bool:
    """Whether init has brought up what it should; the state of the whole depends on the machine."""
    return says(engine, host, "systemctl", "is-active", "ssh") == "active"


def kill_agent(client: docker.DockerClient) -> None:
    pid = client.api.inspect_container(AGENT)["State"]["Pid"]
    os.kill(pid, signal.SIGKILL)


@pytest.fixture
def serving(docker_engine: DockerEngine, ids: dict[str, str]) -> str:
    if not says(docker_engine, ids["desk"], "pgrep", "-f", "create_server"):
        docker_engine.spawn(ids["desk"], ["python3", "-c", SERVER], "root")
    return ids["client"]


def test_systemd_comes_up_well(docker_engine: DockerEngine, ids: dict[str, str]) -> None:
    assert until(lambda: boots(docker_engine, ids["desk"]))


def test_ssh_answers_over_a_dialled_connection(node: DockerNode, ids: dict[str, str]) -> None:
    checker = SocketChecker(node.dial)
    service = Service(name="ssh", check="ssh", port=22)
    assert until(lambda: checker.check(ids["client"], "10.20.1.20", service) is None)


def test_init_has_its_own_cgroups_and_no_controller(
    docker_engine: DockerEngine, ids: dict[str, str]
) -> None:
    script = "mkdir /sys/fs/cgroup/freezer/x /sys/fs/cgroup/pids/x 2>&1; echo $?"
    said = says(docker_engine, ids["desk"], "sh", "-c", script)
    assert said.endswith("1"), said


def test_nothing_of_the_engine_shows(node: DockerNode, ids: dict[str, str]) -> None:
    assert node.probe([(ids["desk"], [Stat("/.dockerenv")])])[0][0].stat is None


def test_processes_are_seen_as_their_host_sees_them(
    node: DockerNode, docker_engine: DockerEngine, ids: dict[str, str]
) -> None:
    docker_engine.spawn(ids["desk"], ["sleep", "12345"], "nobody")
    found = node.probe([(ids["desk"], [Processes()])])[0][0].processes
    inner = says(docker_engine, ids["desk"], "pgrep", "-f", "sleep 12345")
    (mine,) = [one for one in found if one.command == ("sleep", "12345")]
    assert (str(mine.pid), mine.ppid, mine.uid) == (inner, 0, 65534)
    assert found[0].pid == 1


def test_connections_are_seen_with_their_process(
    node: DockerNode, docker_engine: DockerEngine, ids: dict[str, str], serving: str
) -> None:
    dialled(node, serving, 8000).close()
    talk = "import socket,time; s=socket.create_connection(('10.20.1.20', 8000)); time.sleep(99)"
    docker_engine.spawn(ids["edge"], ["python3", "-c", talk], "root")

    def seen() -> bool:
        found = node.probe([(ids["edge"], [Processes()])])[0][0].processes
        return any(("10.20.1.20", 8000) in one.connections for one in found)

    assert until(seen)


def test_a_dialled_connection_is_a_socket_with_both_halves(node: DockerNode, serving: str) -> None:
    with dialled(node, serving, 8000) as link:
        link.settimeout(20)
        link.sendall(b"x" * 2_000_000)
        link.shutdown(socket.SHUT_WR)
        parts = []
        while part := link.recv(65536):
            parts.append(part)
    assert b"".join(parts) == b"HTTP/1.0 200 2000000\r\n\r\n" + b"!" * 3_000_000


def test_an_http_client_works_on_a_dialled_socket(node: DockerNode, serving: str) -> None:
    connection = http.client.HTTPConnection("10.20.1.20")
    connection.sock = dialled(node, serving, 8000)
    connection.sock.settimeout(20)
    connection.request("GET", "/")
    connection.sock.shutdown(socket.SHUT_WR)
    response = connection.getresponse()
    assert (response.status, len(response.read())) == (200, 3_000_000)
    connection.close()


def test_datagrams_keep_their_boundaries(node: DockerNode, serving: str) -> None:
    dialled(node, serving, 8000).close()
    with dialled(node, serving, 8000, "udp") as link:
        link.settimeout(10)
        for word in (b"one", b"two"):
            link.send(word)
        assert sorted([link.recv(100), link.recv(100)]) == [b"<one>", b"<two>"]


def test_a_port_that_refuses_is_an_oserror(node: DockerNode, ids: dict[str, str]) -> None:
    with pytest.raises(OSError, match="refused"):
        node.dial(ids["client"], "10.20.1.20", 9)


def test_dialling_from_a_container_that_is_gone_is_an_oserror(node: DockerNode) -> None:
    with pytest.raises(OSError, match="does not run"):
        node.dial("0" * 64, "10.20.1.20", 9)


def test_many_requests_are_in_flight_at_once(node: DockerNode, ids: dict[str, str]) -> None:
    link = node._connected()
    asked = {"queries": [{"kind": "Stat", "path": "/etc"}]}
    hosts = [{"container": ids["desk"], "asked": [0]}]
    futures = [link.start("probe", **asked, hosts=hosts) for _ in range(2000)]
    assert all(future.result(60)[0][0]["stat"]["type"] == "folder" for future in futures)


def test_a_client_that_does_not_read_stalls_nobody(node: DockerNode, ids: dict[str, str]) -> None:
    deaf = node._container.channel()
    asked = {
        "hosts": [{"container": ids["desk"], "asked": [0]}],
        "queries": [{"kind": "ReadTail", "path": "/usr/bin/bash", "size": 16_000_000}],
    }
    line = json.dumps({"id": 1, "verb": "probe", **asked}).encode() + b"\n"
    deaf._socket.settimeout(1)
    with suppress(TimeoutError):
        while True:
            deaf.send(line)
    with ThreadPoolExecutor(1) as pool:
        probe = pool.submit(node.probe, [(ids["desk"], [Stat("/etc")])])
        assert probe.result(10)[0][0].stat is not None
    deaf.close()


def test_a_changed_address_is_corrected_and_nothing_else(
    node: DockerNode, docker_engine: DockerEngine, fabric: Fabric, ids: dict[str, str]
) -> None:
    command = "ip address flush dev eth0; ip address add 10.20.1.99/24 dev eth0"
    assert docker_engine.execute(ids["edge"], ["sh", "-c", command]).code == 0
    told = node.differences(fabric)
    changed = node.wire(fabric).changed
    assert {one.partition(":")[0] for one in changed} == {"edge"}
    assert told is not None
    assert len(told) == len(changed)
    assert "eth0.address: 10.20.1.99/24 -> none" in {one.field for one in told}
    assert structure_problems(fabric, node.structure(fabric)) == ()


def test_a_machine_that_cannot_be_wired_keeps_no_other_from_it(
    node: DockerNode, fabric: Fabric, docker_engine: DockerEngine, ids: dict[str, str]
) -> None:
    says(docker_engine, ids["edge"], "ip", "address", "add", "198.51.100.77/24", "dev", "eth1")
    astray = tuple(
        replace(one, spec=replace(one.spec, gateway=IPv4Address("192.0.2.1")))
        if one.spec.name == "desk"
        else one
        for one in fabric.machines
    )
    wired = node.wire(replace(fabric, machines=astray), 0.5)
    assert [one.partition(" (cannot be wired: ")[0] for one in wired.missing] == ["desk"]
    assert "unreachable" in wired.missing[0]
    assert "edge: took 198.51.100.77/24 from eth1" in wired.changed
    mended = node.wire(fabric)
    assert mended.missing == ()
    assert mended.changed == ("desk: routed over 10.20.1.1",)


def test_a_killed_agent_is_back_for_the_next_call(
    node: DockerNode, docker_client: docker.DockerClient, fabric: Fabric, ids: dict[str, str]
) -> None:
    kill_agent(docker_client)
    assert ids
    assert node.wire(fabric).changed == ()


def test_an_agent_of_other_code_is_replaced_and_keeps_the_ranges(
    node: DockerNode, docker_client: docker.DockerClient, fabric: Fabric, ids: dict[str, str]
) -> None:
    before = docker_client.api.inspect_container(AGENT)["Id"]
    newer = DockerNode(docker_client, node._container._base, name=AGENT)
    newer._container._hash.update(b"newer")
    node.close()
    assert str(fabric.range) in newer._ask("ranges")
    newer.close()
    assert str(fabric.range) in node._ask("ranges")
    assert docker_client.api.inspect_container(AGENT)["Id"] != before
    assert node.wire(fabric).changed == ()
    assert ids


def start_of_init(node: DockerNode, host: str) -> int:
    found = node.probe([(host, [Processes()])])[0][0].processes
    return found[0].start if found else 0


def test_a_rebooted_host_comes_back_wired_with_its_files_as_they_were(
    node: DockerNode,
    docker_engine: DockerEngine,
    docker_client: docker.DockerClient,
    fabric: Fabric,
    ids: dict[str, str],
) -> None:
    desk = ids["desk"]
    before = start_of_init(node, desk)
    node.plant([(desk, [Write("/etc/own", b"changed by a trainee")])])
    kill_agent(docker_client)
    node.close()
    assert until(lambda: boots(docker_engine, desk))
    docker_engine.execute(desk, ["systemctl", "reboot"])

    def back() -> bool:
        container = docker_client.api.inspect_container(desk)
        if not container["State"]["Running"] or not container["RestartCount"]:
            return False
        return boots(docker_engine, desk)

    assert until(back)
    assert "10.20.1.20" in says(docker_engine, desk, "ip", "-brief", "address")
    assert start_of_init(node, desk) > before
    assert structure_problems(fabric, node.structure(fabric)) == ()
    (found,) = node.probe([(desk, [Stat("/etc/own")])])[0]
    assert found.stat is not None
    assert found.stat.size == len(b"changed by a trainee")


def test_an_agent_that_keeps_a_range_is_not_removed(
    node: DockerNode, docker_client: docker.DockerClient, ids: dict[str, str]
) -> None:
    node.release()
    assert ids
    assert docker_client.api.inspect_container(AGENT)["State"]["Running"]


def test_an_agent_that_was_never_there_is_not_made_to_be_removed(
    docker_client: docker.DockerClient, image: str
) -> None:
    name = f"{AGENT}-none"
    DockerNode(docker_client, lambda: image, name=name).release()
    assert docker_client.containers.list(all=True, filters={"name": name}) == []


def test_who_greets_an_agent_makes_none(docker_client: docker.DockerClient, image: str) -> None:
    name = f"{AGENT}-greeted"
    node = DockerNode(docker_client, lambda: image, name=name)
    node.greet()
    assert docker_client.containers.list(all=True, filters={"name": name}) == []
    assert node.cross([]) == ()
    another = DockerNode(docker_client, lambda: image, name=name)
    another.greet()
    (there,) = docker_client.containers.list(filters={"name": name})
    assert len(there.attrs["ExecIDs"]) == 2
    another.close()
    node.release()


def test_two_who_end_an_agent_at_once_both_find_it_gone(
    docker_client: docker.DockerClient, image: str
) -> None:
    name = f"{AGENT}-two"
    nodes = [DockerNode(docker_client, lambda: image, name=name) for _ in range(2)]
    assert nodes[0].cross([]) == nodes[1].cross([]) == ()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda node: node.release(), (*nodes, *nodes)))
    assert docker_client.containers.list(all=True, filters={"name": name}) == []
