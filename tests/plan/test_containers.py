"""What a host becomes on an engine, and what its labels say of it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from rangectl.model.topology import Limits
from rangectl.plan.containers import (
    Container,
    Seen,
    digest,
    host_container,
    live_addresses,
    names_of,
    range_from,
    secret_of,
    switch_container,
)
from rangectl.plan.spec import HostSpec, RoleSpec
from tests.plan.test_desired import SPEC

WEB = SPEC.host("web01")


def container(host: str) -> Container:
    return host_container(SPEC.id, SPEC.host(host), "sha256:1", "secret")


def seen(made: Container, **more: str) -> Seen:
    """Return a container as an engine shows it; labels of `more` are replaced."""
    labels = dict(made.labels) | {f"rangectl.{key}": value for key, value in more.items()}
    kind = "switch" if made.hostname == "switch" else SPEC.host(made.hostname).kind
    return Seen("1", SPEC.id, kind, made.hostname, running=True, labels=tuple(labels.items()))


def all_seen() -> list[Seen]:
    hosts = [seen(container(host.name)) for host in SPEC.hosts]
    return [*hosts, seen(switch_container(SPEC, "sha256:0", "secret"))]


def test_a_range_is_read_back_from_labels_as_it_was() -> None:
    found = range_from(all_seen())
    assert found is not None
    assert (found.id, found.topology, found.segments) == (SPEC.id, SPEC.topology, SPEC.segments)
    wanted = {host.name: replace(host, names=()) for host in SPEC.hosts}
    assert {host.name: replace(host, names=()) for host in found.hosts} == wanted


def test_every_host_that_is_read_back_knows_the_names_of_all() -> None:
    found = range_from(all_seen())
    assert found is not None
    assert {host.names for host in found.hosts} == {names_of(SPEC.hosts)}
    assert ("edge", IPv4Address("198.51.100.1")) in names_of(SPEC.hosts)


def test_without_its_switch_a_range_is_not_known() -> None:
    assert range_from(one for one in all_seen() if one.kind != "switch") is None


def test_a_host_whose_label_cannot_be_read_is_left_out() -> None:
    broken = [seen(container("web01"), spec="{"), *all_seen()[:-2], all_seen()[-1]]
    found = range_from(one for one in broken if one.host != "ns01")
    assert found is not None
    assert broken[0].spec is None
    assert "ns01" not in {host.name for host in found.hosts}


def test_secret_and_addresses_are_on_the_labels() -> None:
    assert secret_of(all_seen()) == "secret"
    assert secret_of(()) is None
    assert live_addresses(all_seen())["web01", "office"] == "10.20.1.10"
    assert live_addresses(all_seen())["client", "kit"] == "10.20.9.254"


@pytest.mark.parametrize(
    "changed",
    [
        replace(WEB, roles=(RoleSpec("web"),)),
        replace(WEB, limits=Limits(memory="256MiB")),
        replace(WEB, dns=()),
        replace(WEB, gateway=None),
        replace(WEB, nics=()),
        replace(WEB, services=()),
        replace(WEB, init="process"),
    ],
)
def test_the_digest_changes_with_what_the_host_is(changed: HostSpec) -> None:
    assert digest(changed, "sha256:1") != digest(WEB, "sha256:1")


def test_the_digest_changes_with_the_image() -> None:
    assert digest(WEB, "sha256:2") != digest(WEB, "sha256:1")


def test_the_digest_stays_when_other_hosts_come_and_go() -> None:
    other = replace(WEB, names=(("new", IPv4Address("10.20.1.99")),))
    assert digest(other, "sha256:1") == digest(WEB, "sha256:1")


def test_a_host_waits_at_its_gate_before_its_init() -> None:
    shell, _, script = container("web01").entrypoint
    assert shell == "/bin/sh"
    assert script.startswith("mkfifo -m 600 /run/gate && read -r _ </run/gate; rm -f /run/gate;")
    assert script.endswith("exec /sbin/init")


def test_a_routers_filter_is_loaded_before_it_waits_for_its_cables() -> None:
    script = container("edge").entrypoint[-1]
    assert script.index("/usr/local/sbin/load-filter; ") < script.index("mkfifo")
    assert "load-filter" not in container("web01").entrypoint[-1]


@pytest.mark.parametrize(
    ("host", "program"), [("sink01", "/usr/local/sbin/main"), ("client", "/bin/sleep infinity")]
)
def test_light_hosts_run_one_program(host: str, program: str) -> None:
    assert container(host).entrypoint[-1].endswith(f"exec {program}")


def test_a_router_alone_forwards_and_may_set_rules() -> None:
    assert "NET_ADMIN" in container("edge").capabilities
    assert "NET_ADMIN" not in container("web01").capabilities
    assert dict(container("edge").sysctls)["net.ipv4.ip_forward"] == "1"
    assert dict(container("web01").sysctls)["net.ipv4.ip_forward"] == "0"


def test_no_host_has_ipv6_or_power_over_the_machine() -> None:
    for host in SPEC.hosts:
        made = container(host.name)
        assert dict(made.sysctls)["net.ipv6.conf.all.disable_ipv6"] == "1"
        assert not {"SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "MKNOD"} & set(made.capabilities)


def test_the_switch_can_do_nothing() -> None:
    switch = switch_container(SPEC, "sha256:0", "secret")
    assert (switch.capabilities, switch.tmpfs) == ((), ())
    assert switch.entrypoint == ("/bin/sleep", "infinity")


def test_limits_are_passed_on_in_the_engines_units() -> None:
    made = container("web01")
    assert (made.memory, made.pids, made.cpus) == (128 * 2**20, 200, 1.0)


def test_names_of_containers_differ_between_teams() -> None:
    other = replace(SPEC.id, team="birch")
    names = {host_container(one, WEB, "i", "s").name for one in (SPEC.id, other)}
    assert len(names) == 2
