"""The real engine keeps the promises, and makes hosts that are closed by themselves."""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar, cast

import docker
import pytest
from docker.errors import DockerException

from rangectl.engine import docker_engine
from rangectl.engine.agent import DockerNode
from rangectl.engine.docker_engine import DockerEngine, connect, telling
from rangectl.errors import EnvironmentUnfitError
from rangectl.plan.containers import Seen
from rangectl.plan.spec import RangeSpec
from tests.engine import ranges
from tests.engine.engine_contract import EngineContract, Stop, wanted

ENVIRONMENT = {"PATH", "HOME", "HOSTNAME", "container"}


@pytest.fixture
def engine(docker_engine: DockerEngine) -> DockerEngine:
    return docker_engine


def own(client: docker.DockerClient, spec: RangeSpec) -> list[str]:
    label = {"label": f"{ranges.LABEL}={spec.id.name}"}
    return [row["Id"] for row in client.api.containers(all=True, filters=label)]


@pytest.fixture
def spec(docker_client: docker.DockerClient) -> Iterator[RangeSpec]:
    """Two hosts are enough here, and neither needs an init."""
    made = ranges.spec(tuple(replace(host, init="process") for host in ranges.HOSTS[:2]))
    yield made
    for container in own(docker_client, made):
        docker_client.api.remove_container(container, force=True, v=True)


@pytest.fixture
def stop(docker_client: docker.DockerClient) -> Stop:
    return lambda container: docker_client.api.stop(container, timeout=0)


@pytest.mark.engine
class TestDockerEngine(EngineContract):
    pass


@pytest.fixture
def desk(engine: DockerEngine, spec: RangeSpec, image: str) -> Seen:
    made = engine.create(wanted(spec, image)[1:2])[0]
    engine.start([made.id])
    return made


def said(engine: DockerEngine, host: Seen, *command: str) -> str:
    return engine.execute(host.id, command).output.decode().strip()


@pytest.mark.engine
def test_output_and_code_of_a_command_come_back(engine: DockerEngine, desk: Seen) -> None:
    ended = engine.execute(desk.id, ["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (ended.code, sorted(ended.output.split())) == (3, [b"err", b"out"])


@pytest.mark.engine
def test_a_command_runs_as_whom_one_says(engine: DockerEngine, desk: Seen) -> None:
    assert engine.execute(desk.id, ["id", "-un"], "nobody").output == b"nobody\n"


@pytest.mark.engine
def test_a_host_has_no_network_but_its_own_loopback(
    engine: DockerEngine, desk: Seen, docker_client: docker.DockerClient
) -> None:
    assert said(engine, desk, "ls", "/sys/class/net") == "lo"
    assert docker_client.api.inspect_container(desk.id)["NetworkSettings"]["Networks"] == {}
    assert said(engine, desk, "cat", "/proc/sys/net/ipv6/conf/all/disable_ipv6") == "1"


@pytest.mark.engine
def test_a_host_knows_its_name_and_not_the_machines_resolver(
    engine: DockerEngine, desk: Seen
) -> None:
    assert said(engine, desk, "hostname") == "desk"
    assert engine.execute(desk.id, ["test", "-s", "/etc/resolv.conf"]).code == 1


@pytest.mark.engine
def test_nothing_in_a_hosts_environment_tells_who_made_it(engine: DockerEngine, desk: Seen) -> None:
    words = said(engine, desk, "cat", "/proc/1/environ").split("\0")
    assert "container=docker" in words
    assert "rangectl" not in "".join(words)
    assert {word.partition("=")[0] for word in words if word} <= ENVIRONMENT


@pytest.mark.engine
def test_a_host_has_no_power_over_the_machine(engine: DockerEngine, desk: Seen) -> None:
    status = said(engine, desk, "cat", "/proc/1/status").splitlines()
    (bounding,) = [int(line.split()[1], 16) for line in status if line.startswith("CapBnd")]
    net_admin, sys_admin, sys_ptrace, sys_module, mknod = 12, 21, 19, 16, 27
    for forbidden in (net_admin, sys_admin, sys_ptrace, sys_module, mknod):
        assert not bounding >> forbidden & 1


@pytest.mark.engine
def test_removals_of_the_same_container_at_once_are_no_error(
    engine: DockerEngine, desk: Seen, docker_client: docker.DockerClient, spec: RangeSpec
) -> None:
    engine.remove([desk.id] * 4)
    assert own(docker_client, spec) == []


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("tcp://127.0.0.1:1", "Connection refused"),
        ("nonsense://", "Invalid bind address protocol: nonsense://"),
    ],
)
def test_where_no_engine_answers_the_environment_is_unfit(
    monkeypatch: pytest.MonkeyPatch, where: str, why: str
) -> None:
    monkeypatch.setenv("DOCKER_HOST", where)
    with pytest.raises(EnvironmentUnfitError) as caught:
        connect()
    assert str(caught.value) == f"no Docker Engine answers at {where}: {why}"
    assert caught.value.hint == "start it, or run script/setup, which installs and starts one"


def test_an_engine_that_one_may_not_speak_to_is_not_to_be_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(**_: object) -> None:
        message = "Error while fetching server API version"
        raise DockerException(message) from PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(docker, "from_env", refuse)
    with pytest.raises(EnvironmentUnfitError, match="Permission denied") as caught:
        connect()
    assert caught.value.hint == "run this as root, or as a member of the group docker"


@pytest.fixture
def gone() -> docker.DockerClient:
    """Return a client whose engine went away since it was made."""
    return telling(docker.DockerClient("tcp://127.0.0.1:1", version="1.41"))


def test_an_engine_that_went_away_is_said_to_be_away(gone: docker.DockerClient) -> None:
    engine, node = DockerEngine(gone), DockerNode(gone, str)
    for ask in (
        engine.seen,
        lambda: engine.start(["0123"]),
        lambda: engine.remove(["0123"]),
        lambda: engine.execute("0123", ["true"]),
        lambda: node.probe([]),
        node.release,
    ):
        with pytest.raises(EnvironmentUnfitError, match="does not answer"):
            ask()


def test_containers_go_several_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Api:
        going = 0
        seen: ClassVar[list[int]] = []

        def remove_container(self, container: str, **_: object) -> None:
            Api.going += 1
            Api.seen.append(Api.going)
            time.sleep(0.02)
            Api.going -= 1
            assert container

    class Client:
        api = Api()

    monkeypatch.setattr(docker_engine, "_THREADS", 4)
    DockerEngine(cast("docker.DockerClient", Client())).remove([str(n) for n in range(12)])
    assert len(Api.seen) == 12
    assert max(Api.seen) == 4


@pytest.mark.parametrize(
    ("drivers", "driver"), [(["json-file", "local"], "local"), (["k8s-file", "none"], "json-file")]
)
def test_logs_are_kept_by_a_driver_that_the_engine_has(drivers: list[str], driver: str) -> None:
    assert docker_engine.log_config({"Plugins": {"Log": drivers}})["Type"] == driver


@pytest.mark.parametrize(
    ("lacking", "wanted"),
    [
        ((), {"Memory": 64, "MemorySwap": 64, "PidsLimit": 9, "NanoCpus": 500_000_000}),
        (("MemoryLimit", "CpuCfsQuota"), {"PidsLimit": 9}),
        (("PidsLimit",), {"Memory": 64, "MemorySwap": 64, "NanoCpus": 500_000_000}),
    ],
)
def test_an_engine_is_asked_for_no_limit_that_it_cannot_hold_a_host_to(
    lacking: tuple[str, ...], wanted: dict[str, int]
) -> None:
    assert docker_engine.limits(dict.fromkeys(lacking, False), 64, 9, 0.5) == wanted
