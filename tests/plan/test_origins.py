"""Every value of a host is told with the file, line and layer that it comes from."""

from __future__ import annotations

from rangectl.model.parse.topologies import load_topology
from rangectl.model.parse.variables import Given
from rangectl.plan.origins import Origin, Told, origins

TEXT = """
version: 1
name: small
include: parts.yaml
vars: {size: 64MiB}
defaults: {limits: {memory: "${size}"}}
groups:
  server: {roles: [base, web: {site: a, port: 1}]}
segments:
  office: {zone: partner, subnet: 10.0.1.0/24, pools: {low: 10.0.1.20-10.0.1.29}}
hosts:
  web: {group: [server, slow], segments: {office: low}, roles: [web: {port: 2}]}
  desk-[1-2]: {kind: thin, segments: [office]}
"""
PARTS = b"""
groups:
  slow: {limits: {cpus: 0.5}, services: [{name: web, check: http, port: 80}]}
kinds:
  thin: {init: process}
"""


def told() -> dict[str, Told]:
    given = Given({"size": "32MiB"})
    document = load_topology(TEXT, "top.yaml", fetch=lambda _: PARTS, given=given)
    return {one.entry: one for one in origins(document)}


def value(entry: str, key: str) -> Origin:
    (found,) = (one for one in told()[entry].values if one.key == key)
    return found


def test_a_value_of_a_group_in_an_included_file_names_both() -> None:
    cpus = Origin("limits.cpus", "0.5", "parts.yaml:3:25", "group slow")
    assert value("web", "limits.cpus") == cpus


def test_a_variable_of_a_role_is_the_nearests() -> None:
    assert value("web", "roles.web.site").layer == "group server"
    port = Origin("roles.web.port", "2", "top.yaml:12:77", "host web")
    assert value("web", "roles.web.port") == port


def test_a_value_of_a_variable_says_who_gave_it() -> None:
    found = value("web", "limits.memory")
    assert (found.value, found.layer) == ("32MiB", "defaults, ${size} comes from --var")


def test_what_no_file_says_has_no_place() -> None:
    assert value("web", "limits.pids") == Origin("limits.pids", "200", "", "goes without saying")
    assert value("web", "kind") == Origin("kind", "host", "", "goes without saying")
    assert value("web", "init").value == "systemd"


def test_an_own_kind_is_a_layer() -> None:
    assert value("desk-[1-2]", "init") == Origin("init", "process", "parts.yaml:5:16", "kind thin")


def test_an_address_is_told_with_how_it_was_chosen() -> None:
    found = value("web", "segments.office")
    assert found.layer == "host web, chosen from pool low"
    assert found.value.startswith("10.0.1.2")


def test_a_services_whole_is_one_value() -> None:
    assert value("web", "services.web").value == "http 80"
