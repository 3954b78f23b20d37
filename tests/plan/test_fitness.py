"""From facts about a machine to what a user is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rangectl.plan.fitness import GIB, LIMITS, MIB, Facts, Finding, Leftover, findings

FIT = Facts(
    engine="29.5.0",
    api="1.54",
    runc="1.3.6",
    cgroups="2",
    storage="overlayfs",
    kernel="6.18.1",
    cores=4,
    memory=16 * GIB,
    here=True,
    skew=0.2,
    limits=dict.fromkeys(LIMITS, 1 << 20),
    features={"bridge": True, "veth": True},
    disk=100 * GIB,
    free_memory=12 * GIB,
    tools={"mmdebstrap": True},
)


def told(facts: Facts, hosts: int = 20) -> list[Finding]:
    return [one for one in findings(facts, hosts) if one.grade != "good"]


def test_a_fit_machine_is_told_so_subject_by_subject() -> None:
    assert told(FIT) == []
    assert {one.subject for one in findings(FIT, 20)} == {
        *("engine", "cgroups", "kernel", "limits", "memory", "disk", "clock", "leftovers")
    }


@pytest.mark.parametrize(
    ("facts", "subject", "grade"),
    [
        (replace(FIT, api="1.40"), "engine", "prevents"),
        (replace(FIT, containerd="1.6.20~ds1"), "containerd", "warning"),
        (replace(FIT, runc="1.1.5+ds1"), "runc", "warning"),
        (replace(FIT, runc="1.3.2"), "runc", "warning"),
        (replace(FIT, storage="vfs"), "storage", "warning"),
        (replace(FIT, cgroups="1"), "cgroups", "warning"),
        (replace(FIT, unlimited=("memory", "cores")), "container limits", "warning"),
        (replace(FIT, features={"veth": True, "bridge": False}), "kernel", "prevents"),
        (replace(FIT, features={"veth": None}), "kernel", "warning"),
        (replace(FIT, free_memory=100 * MIB), "memory", "warning"),
        (replace(FIT, disk=100 * MIB), "disk", "prevents"),
        (replace(FIT, disk=2 * GIB), "disk", "warning"),
        (replace(FIT, kernel="6.1.0-41-amd64"), "kernel age", "warning"),
        (replace(FIT, inodes=1000), "inodes", "warning"),
        (replace(FIT, confined=("rootless",)), "rights", "prevents"),
        (replace(FIT, confined=("userns",)), "rights", "prevents"),
        (replace(FIT, cores=1), "cores", "warning"),
        (replace(FIT, skew=-30.0), "clock", "warning"),
        (replace(FIT, home="no state can be kept in /x"), "state", "prevents"),
        (replace(FIT, tools={"mmdebstrap": False}), "tools", "warning"),
        (replace(FIT, leftovers=(Leftover("x/y", "down x/y"),)), "leftovers", "warning"),
    ],
)
def test_what_is_amiss_is_told_alone_and_with_a_mend(
    facts: Facts, subject: str, grade: str
) -> None:
    (found,) = told(facts)
    assert (found.subject, found.grade) == (subject, grade)
    assert found.mend


def test_an_engine_that_filters_all_is_only_told_its_age() -> None:
    assert [one.subject for one in told(replace(FIT, engine="29.4.2"))] == ["engine age"]


@pytest.mark.parametrize(
    ("engine", "calls"),
    [
        ("20.10.24+dfsg1", "AF_ALG, io_uring, AF_VSOCK"),
        ("24.0.9", "AF_ALG, io_uring"),
        ("29.4.1", "AF_ALG"),
    ],
)
def test_of_an_old_engine_is_told_what_the_fabric_closes_and_what_it_does_not(
    engine: str, calls: str
) -> None:
    closed, *hangs, left = told(replace(FIT, engine=engine))
    assert [one.subject for one in hangs] == ["engine hangs"] * engine.startswith("20.")
    assert (closed.subject, left.subject) == ("engine age", "system calls")
    assert "the fabric closes" in closed.text
    assert f"hosts may use {calls}:" in left.text
    assert "the fabric does not close it" in left.text
    assert closed.mend
    assert left.mend


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_told_with_the_value_that_so_many_hosts_want(name: str) -> None:
    machine, each, _ = LIMITS[name]
    limits = {**FIT.limits, name: machine + each * 100}
    assert told(replace(FIT, limits=limits, memory=64 * GIB, free_memory=64 * GIB), 100) == []
    (found,) = told(replace(FIT, limits=limits, memory=64 * GIB, free_memory=64 * GIB), 101)
    assert found.mend is not None
    setting, _, value = found.mend.removeprefix("sysctl -w ").partition("=")
    assert setting == name
    assert int(value) >= machine + each * 101


def test_of_a_machine_far_away_only_the_engine_s_word_is_judged() -> None:
    far = replace(FIT, here=False, limits={}, features={}, disk=None, free_memory=None)
    assert told(far) == []
    assert "limits" not in {one.subject for one in findings(far, 20)}
