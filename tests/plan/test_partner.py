"""The people of a range come back from its labels, and a change of them makes hosts anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from rangectl.model.people import People as About
from rangectl.plan.containers import digest, host_container, range_from, switch_container
from rangectl.plan.desired import desired
from rangectl.plan.diff import Create, steps
from rangectl.plan.errands import key_of
from rangectl.plan.pack import unpack
from rangectl.plan.partner import pack_of, people, site
from rangectl.plan.spec import BEGINNING, RangeId
from tests.plan.test_containers import seen
from tests.plan.test_desired import SPEC, TOPOLOGY

ABOUT = About(organisation="Velmora Works", domain="velmora.example", staff=8, seed=7)
MANNED = TOPOLOGY.model_copy(update={"people": ABOUT})
SINCE = BEGINNING + timedelta(days=30)
FOLK = desired(MANNED, RangeId("minimal", "alder"), {}, SINCE)


def test_a_topology_without_people_has_none() -> None:
    assert people(SPEC) is None


def test_people_sit_at_the_workstations_of_the_partner() -> None:
    found = people(FOLK)
    assert found is not None
    assert {one.host for one in found.staff} == {"desk-1", "desk-2", "desk-3"}
    assert found.site.at == SINCE


def test_sinkholes_kits_and_the_client_are_no_hosts_of_theirs() -> None:
    found = site(FOLK)
    assert found is not None
    assert [host.name for host in found.hosts] == [
        "desk-1", "desk-2", "desk-3", "edge", "ns01", "web01",
    ]  # fmt: skip


def test_people_are_read_back_from_labels_as_they_were() -> None:
    hosts = [seen(host_container(FOLK.id, host, "sha256:1", "s")) for host in FOLK.hosts]
    found = range_from([*hosts, seen(switch_container(FOLK, "sha256:0", "s"))])
    assert found is not None
    assert people(found) is people(FOLK)
    for host in FOLK.hosts:
        assert pack_of(found, found.host(host.name), "s") == pack_of(FOLK, host, "s"), host.name


def test_other_people_make_the_hosts_anew_where_they_have_accounts() -> None:
    other = MANNED.model_copy(update={"people": ABOUT.model_copy(update={"seed": 8})})
    changed = desired(other, FOLK.id, {}, SINCE)
    differ = [
        host.name
        for host in FOLK.hosts
        if digest(host, "i") != digest(changed.host(host.name), "i")
    ]
    assert differ == ["desk-1", "desk-2", "desk-3", "edge", "ns01", "web01"]
    there = [seen(switch_container(FOLK, "sha256:0", "s"))]
    todo = steps([switch_container(changed, "sha256:0", "s")], there)
    assert [one.why for one in todo if isinstance(one, Create)] == ["its people.seed: 7 -> 8"]


def test_the_age_of_a_range_makes_no_host_anew() -> None:
    later = replace(FOLK.host("web01"), since=SINCE + timedelta(days=3))
    assert digest(later, "i") == digest(FOLK.host("web01"), "i")


def test_what_people_leave_is_known_by_what_it_is_made_from() -> None:
    host = FOLK.host("desk-1")
    packs = [pack_of(spec, host, s) for spec, s in ((FOLK, "1"), (FOLK, "1"), (FOLK, "2"))]
    assert packs[0] == packs[1] != packs[2]
    assert packs[0] is not None
    paths = [path for path, *_ in unpack(packs[0])]
    assert "/var/log/siteops.log" in paths
    assert pack_of(FOLK, FOLK.host("sink01"), "1") is None


def test_a_persons_key_is_the_ranges_own() -> None:
    found = people(FOLK)
    assert found is not None
    pairs = [key_of(secret, found.staff[0]) for secret in ("one", "two")]
    assert pairs[0].fingerprint != pairs[1].fingerprint
    assert pairs[0].public.endswith(f" {found.staff[0].account}@desk-1")
