"""The six partners that are shipped: each file is sound, short, and holds what a partner has."""

from __future__ import annotations

from pathlib import Path

import pytest

from rangectl.model.parse.topologies import load_topology
from rangectl.model.topology import Host, Topology, expanded_names
from rangectl.plan.images import RoleFile, role_tags
from rangectl.plan.spec import RoleSpec
from rangectl.provision.base import BASES
from rangectl.provision.rolebook import Rolebook
from rangectl.store import library
from rangectl.store.library import shipped

PARTNERS = (
    "election-commission",
    "energy-utility",
    "foreign-ministry",
    "hospital",
    "port-authority",
    "telecom-core",
)
APART = {"router", "kit"}


def read(name: str) -> Topology:
    path = file(name)
    roles = Rolebook(shipped("roles")).known()
    fetch = library.included(path)
    return load_topology(path.read_bytes(), path.name, roles, BASES, fetch=fetch).model


def file(name: str) -> Path:
    return shipped("topologies") / f"{name}.yaml"


def is_outside(host: Host) -> bool:
    return "sinkhole" in {role.name for role in host.roles}


def roles(topology: Topology) -> dict[str, tuple[str, ...]]:
    """Return the partner's hosts, by name, with the names of their roles."""
    return {
        name: tuple(role.name for role in entry.roles)
        for entry_name, entry in topology.hosts.items()
        for name in expanded_names(entry_name, entry)
        if entry.kind not in APART
        and all(topology.segments[one].zone == "partner" for one in entry.segments)
    }


@pytest.mark.parametrize("name", PARTNERS)
def test_a_partner_is_named_as_its_file_and_readable(name: str) -> None:
    assert read(name).name == name
    assert len(file(name).read_text().splitlines()) < 150


@pytest.mark.parametrize("name", PARTNERS)
def test_a_partner_has_ten_to_sixteen_hosts_and_what_a_hunt_needs(name: str) -> None:
    topology = read(name)
    hosts = roles(topology)
    assert 10 <= len(hosts) <= 16
    assert {"jump", "ns01"} <= hosts.keys()
    assert sum("resolver" in names for names in hosts.values()) == 1
    assert sum("workstation" in names for names in hosts.values()) >= 2
    assert topology.hosts["hunt01"].kind == "kit"
    assert topology.segments["internet"].zone == "adversary"
    assert sum("outside" in entry.group for entry in topology.hosts.values()) == 2


@pytest.mark.parametrize("changed", ["mail", "loghost", "webapp", "base"])
def test_a_changed_role_moves_the_images_of_those_hosts_that_have_it(changed: str) -> None:
    stacks = {
        tuple(RoleSpec(role.name) for role in host.roles)
        for name in PARTNERS
        for host in read(name).hosts.values()
    }
    names = {role.name for stack in stacks for role in stack}
    files = {name: Rolebook(shipped("roles")).files(name) for name in names}
    other = {**files, changed: {**files[changed], "files/new": RoleFile(b"")}}
    for stack in stacks:
        before = role_tags("base", [(role, files[role.name]) for role in stack])
        after = role_tags("base", [(role, other[role.name]) for role in stack])
        place = next((n for n, role in enumerate(stack) if role.name == changed), len(stack))
        assert [a == b for a, b in zip(before, after, strict=True)] == [
            number < place for number in range(len(stack))
        ]


@pytest.mark.parametrize("name", PARTNERS)
def test_every_host_that_people_administer_is_seen_to_let_them_in(name: str) -> None:
    topology = read(name)
    for host, entry in topology.hosts.items():
        if "base" in {role.name for role in entry.roles} and entry.kind != "kit":
            assert "ssh" in {service.check for service in entry.services}, host
