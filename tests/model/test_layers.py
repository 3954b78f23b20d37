"""What topologies get from included files, variables, kinds, groups and patterns of names."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from rangectl.errors import InvalidFileError, UsageError
from rangectl.model.parse.include import Fetch, RefusedError
from rangectl.model.parse.topologies import load_topology
from rangectl.model.parse.variables import Given
from rangectl.model.topology import Host, RoleUse, Topology, expanded_names

SEGMENTS = "segments: {office: {zone: partner, subnet: 10.0.1.0/24}}\n"
LAYERED = """
version: 1
name: small
defaults: {limits: {memory: 64MiB, pids: 50}, services: [{name: alive, check: tcp, port: 1}]}
kinds:
  device: {init: process, limits: {pids: 60}, roles: [base]}
  plc: {extends: device, limits: {cpus: 2}}
  gate: {extends: router, roles: [logging]}
groups:
  linux: {roles: [base, web: {site: a, port: 1}], services: [{name: login, check: ssh, port: 22}]}
  server: {extends: linux, roles: [web: {port: 2}], limits: {pids: 70}}
  monitored: {extends: [linux], roles: [agent], services: [{name: login, check: tcp, port: 23}]}
segments:
  office: {zone: partner, subnet: 10.0.1.0/24, pools: {low: 10.0.1.20-10.0.1.29}}
  kit: {zone: hunt, subnet: 10.0.9.0/24}
hosts:
  web: {group: [server, monitored], segments: [office], limits: {pids: 80}}
  box: {kind: plc, segments: [office]}
  edge:
    kind: gate
    segments: [office, kit]
    policy: [{from: zone hunt, to: zone partner, allow: [any]}]
  desk-[08-10,20]: {segments: {office: low}}
"""


def read(text: str, files: dict[str, str] | None = None, **variables: str) -> Topology:
    given = Given(variables, {"RANGECTL_VAR_NAME": "from-outside"})
    fetch = folder(files or {})
    return load_topology(text, "top.yaml", fetch=fetch, given=given).model


def folder(files: dict[str, str]) -> Fetch:
    def fetch(place: str) -> bytes:
        if place not in files:
            message = f"there is no {place}"
            raise RefusedError(message)
        return files[place].encode()

    return fetch


def hosts() -> dict[str, Host]:
    return read(LAYERED).hosts


def test_a_host_has_the_roles_of_its_groups_once_and_variables_of_the_nearest() -> None:
    web = RoleUse(name="web", vars={"site": "a", "port": 2})
    assert hosts()["web"].roles == (RoleUse(name="base"), web, RoleUse(name="agent"))


def test_a_nearer_service_of_the_same_name_replaces_the_farther() -> None:
    services = {one.name: (one.check, one.port) for one in hosts()["web"].services}
    assert services == {"alive": ("tcp", 1), "login": ("tcp", 23)}


def test_limits_are_merged_key_by_key_through_all_layers() -> None:
    web, box = hosts()["web"].limits, hosts()["box"].limits
    assert web is not None
    assert box is not None
    assert (web.memory, web.pids, web.cpus) == ("64MiB", 80, 1.0)
    assert (box.memory, box.pids, box.cpus) == ("64MiB", 60, 2)


def test_a_kind_of_the_files_own_comes_from_a_built_in_one() -> None:
    assert (hosts()["box"].kind, hosts()["box"].init) == ("host", "process")
    assert hosts()["edge"].kind == "router"
    assert [role.name for role in hosts()["edge"].roles] == ["base", "logging", "router"]


def test_a_rule_for_a_zone_is_a_rule_for_each_segment_of_the_router_there() -> None:
    rules = [(rule.from_, rule.to) for rule in hosts()["edge"].policy]
    assert rules == [("kit", "office")]


def test_a_pattern_stands_for_hosts_with_its_zeros() -> None:
    name = "desk-[08-10,20]"
    names = ("desk-08", "desk-09", "desk-10", "desk-20")
    assert expanded_names(name, hosts()[name]) == names


def test_included_files_lie_beneath_the_one_that_includes() -> None:
    files = {
        "parts/a.yaml": f"include: b.yaml\n{SEGMENTS}hosts: {{web: {{segments: [office]}}}}\n",
        "parts/b.yaml": "defaults: {limits: {memory: 64MiB, pids: 50}}\n",
    }
    top = "version: 1\nname: top\ninclude: parts/a.yaml\ndefaults: {limits: {pids: 60}}\n"
    made = read(top + "hosts: {web: {count: 2}}\n", files)
    web = made.hosts["web"]
    assert web.limits is not None
    assert (web.count, web.limits.memory, web.limits.pids) == (2, "64MiB", 60)


def test_a_list_replaces_what_is_included() -> None:
    segments = SEGMENTS.replace("}}", "}, lab: {zone: partner, subnet: 10.0.2.0/24}}")
    files = {"a.yaml": f"{segments}hosts: {{web: {{segments: [office]}}}}\n"}
    rest = "hosts: {web: {segments: [lab]}, gw: {kind: router, segments: [office, lab]}}\n"
    made = read(f"version: 1\nname: top\ninclude: [a.yaml]\n{rest}", files)
    assert list(made.hosts["web"].segments) == ["lab"]


def test_a_file_that_two_others_include_is_read_once() -> None:
    files = {
        "a.yaml": "include: c.yaml\n",
        "b.yaml": "include: c.yaml\n",
        "c.yaml": SEGMENTS + "hosts: {web: {segments: [office]}}\n",
    }
    assert list(read("version: 1\nname: top\ninclude: [a.yaml, b.yaml]\n", files).hosts) == ["web"]


def test_no_chain_of_includes_is_endless() -> None:
    files = {f"f{number}.yaml": f"include: f{number + 1}.yaml\n" for number in range(50)}
    with pytest.raises(InvalidFileError, match="more than 5 levels deep"):
        read("version: 1\nname: top\ninclude: f0.yaml\n", files)


VARIED = f"""
version: 1
name: small
description: For ${{name}}, $${{name}}
vars:
  hosts: 2
  zeros: "007"
  name: nobody
  size: {{default: small, choices: [small, large]}}
  must: {{description: has no default}}
{SEGMENTS}
hosts:
  desk:
    count: ${{hosts}}
    segments: [office]
    roles: [web: {{site: "${{zeros}}-${{size}}", port: "${{hosts}}", deep: "${{must}}"}}]
"""


def test_a_value_alone_keeps_its_kind_and_within_a_text_is_text() -> None:
    made = read(VARIED, hosts="3", must="[a, b]")
    assert made.hosts["desk"].count == 3
    variables = {"site": "007-small", "port": 3, "deep": "[a, b]"}
    assert made.hosts["desk"].roles[0].vars == variables


def test_what_is_given_counts_before_the_environment_and_that_before_the_default() -> None:
    assert read(VARIED, must="x").description == "For from-outside, ${name}"
    assert read(VARIED, must="x", name="me").description == "For me, ${name}"


def test_a_given_value_is_never_read_as_yaml() -> None:
    made = read(VARIED, must="{a: 1}\t# no comment: *x".replace("\t", " "))
    assert made.hosts["desk"].roles[0].vars["deep"] == "{a: 1} # no comment: *x"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("hosts", "many", "must be a whole number"),
        ("hosts", "true", "must be a whole number"),
        ("size", "huge", "size must be small or large"),
        ("hots", "3", "top.yaml has no variable"),
        ("must", "a\nb", "one line"),
        ("must", "x" * 501, "one line of at most 500"),
    ],
)
def test_a_value_that_cannot_be_is_refused(name: str, value: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read(VARIED, None, **{"must": "x", name: value})


def test_a_problem_says_which_variable_it_came_from() -> None:
    with pytest.raises(InvalidFileError) as caught:
        read(VARIED, must="x", hosts="0")
    told = "hosts.desk.count: must be at least 1 (not 0) (${hosts} comes from --var)"
    assert caught.value.problems == (f"top.yaml:15:12: {told}",)


def test_an_address_is_the_name_of_a_pool() -> None:
    assert hosts()["desk-[08-10,20]"].segments == {"office": "low"}
    made = read(LAYERED.replace("{office: low}", "{office: 10.0.1.20}").replace("-[08-10,20]", ""))
    assert made.hosts["desk"].segments == {"office": IPv4Address("10.0.1.20")}
