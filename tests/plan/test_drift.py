"""What differs between a host as it was made and as it is wanted."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface

import pytest

from rangectl.plan.drift import drift, short
from rangectl.plan.spec import HostSpec, RoleSpec
from tests.plan.test_desired import SPEC
from tests.plan.test_diff import host

WEB = replace(SPEC.host("web01"), roles=(RoleSpec("nginx", (("port", 80), ("root", "/srv"))),))


def label(spec: HostSpec) -> str:
    return dict(host(spec).labels)["rangectl.spec"]


def lines(changed: HostSpec, old: HostSpec = WEB) -> tuple[str, ...]:
    return drift(label(old), label(changed))


def test_the_same_host_does_not_differ() -> None:
    assert lines(WEB) == ()


def test_a_role_variable_is_named_with_both_values() -> None:
    changed = replace(WEB, roles=(RoleSpec("nginx", (("port", 8080), ("root", "/srv"))),))
    assert lines(changed) == ("roles.nginx.vars.port: 80 -> 8080",)


def test_an_address_is_named_with_its_interface() -> None:
    nic = WEB.nics[0]
    moved = replace(nic, address=IPv4Interface(f"10.9.9.9/{nic.address.network.prefixlen}"))
    (line,) = lines(replace(WEB, nics=(moved, *WEB.nics[1:])))
    assert line == f"nics.{nic.name}.address: {nic.address} -> {moved.address}"


def test_another_role_says_which_came_and_which_went() -> None:
    assert lines(replace(WEB, roles=(*WEB.roles, RoleSpec("ssh")))) == ("roles.ssh: none -> ssh",)
    assert lines(WEB, replace(WEB, roles=(*WEB.roles, RoleSpec("ssh")))) == (
        "roles.ssh: ssh -> none",
    )


def test_the_order_of_roles_is_a_difference() -> None:
    two = (*WEB.roles, RoleSpec("ssh"))
    assert lines(replace(WEB, roles=two[::-1]), replace(WEB, roles=two)) == (
        "roles: another order",
    )


def test_a_rule_of_a_router_is_named_by_its_ends() -> None:
    edge = SPEC.host("edge")
    first, *rest = edge.policy
    more = first.model_copy(update={"allow": ("tcp/8443",)})
    assert lines(replace(edge, policy=(more, *rest)), edge) == (
        f"policy.{first.from_} to {first.to}.allow: {' '.join(first.allow)} -> tcp/8443",
    )
    assert lines(replace(edge, policy=tuple(rest)), edge)[0] == (
        f"policy.{first.from_} to {first.to}: {' '.join(first.allow)} -> none"
    )


def test_names_of_other_hosts_are_no_difference() -> None:
    assert lines(replace(WEB, names=(("new", IPv4Address("10.0.0.1")),))) == ()


@pytest.mark.parametrize("text", ["", "[]", "{", "null"])
def test_a_label_that_cannot_be_read_says_nothing(text: str) -> None:
    assert drift(text, label(WEB)) == ()


def test_many_differences_are_cut_and_counted() -> None:
    old = json.dumps({f"f{number}": 1 for number in range(11)})
    new = json.dumps({f"f{number}": 2 for number in range(11)})
    assert drift(old, new)[-1] == "and 3 more"


def test_long_values_are_cut() -> None:
    assert len(short("x" * 1000)) == 60
    assert short("sha256:" + "a" * 64) == "sha256:" + "a" * 12
