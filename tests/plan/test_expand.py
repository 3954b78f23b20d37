"""Counts, groups and defaults."""

from __future__ import annotations

from rangectl.model.parse.topologies import parse_topology
from rangectl.plan.expand import Expanded, expand
from rangectl.plan.spec import RoleSpec

TEXT = """
version: 1
name: small
defaults: {limits: {memory: 256MiB, pids: 300}}
groups:
  server: {roles: [base], init: process, limits: {pids: 400}}
segments:
  office: {zone: partner, subnet: 10.0.1.0/24}
  kit: {zone: hunt, subnet: 10.0.9.0/24}
hosts:
  web: {group: server, segments: [office], roles: [web: {site: a, port: 8080}], init: systemd}
  desk: {group: server, count: 2, segments: [office], limits: {cpus: 2}}
  bare: {segments: [office]}
  edge: {kind: router, segments: [office, kit], roles: [logging]}
  hunt: {kind: kit, segments: [kit]}
"""
HOSTS: dict[str, Expanded] = {host.name: host for host in expand(parse_topology(TEXT, "x.yaml"))}


def test_a_count_makes_hosts_with_numbers() -> None:
    assert list(HOSTS) == ["bare", "desk-1", "desk-2", "edge", "hunt", "web"]


def test_a_hosts_own_roles_follow_its_groups() -> None:
    web = RoleSpec("web", (("port", 8080), ("site", "a")))
    assert HOSTS["web"].roles == (RoleSpec("base"), web)


def test_a_router_and_a_kit_have_the_roles_of_their_kind() -> None:
    assert [role.name for role in HOSTS["edge"].roles] == ["base", "logging", "router"]
    assert [role.name for role in HOSTS["hunt"].roles] == ["base", "kit"]


def test_limits_come_from_the_nearest_that_names_them() -> None:
    limits = HOSTS["desk-1"].limits
    assert (limits.memory, limits.pids, limits.cpus) == ("256MiB", 400, 2.0)


def test_init_comes_from_the_nearest_that_names_it() -> None:
    assert HOSTS["web"].init == "systemd"
    assert HOSTS["desk-2"].init == "process"


def test_without_a_wish_init_is_systemd_where_there_are_roles() -> None:
    assert HOSTS["edge"].init == "systemd"
    assert HOSTS["bare"].init == "process"
