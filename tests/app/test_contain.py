"""The proof of containment: what was tried, and what it takes to hold."""

from __future__ import annotations

import pytest

from rangectl.app.contain import Aim, contain, proven, read_structure
from rangectl.app.ranges import live
from rangectl.errors import HonestNo
from rangectl.plan.fabric import Attempt
from tests.app.world import World


def leak(team_host: str = "web01") -> Attempt:
    return Attempt(team_host, "office", "icmp", "192.0.2.1", control=False, reached=True)


def test_a_proof_counts_attempts_and_controls() -> None:
    world = World()
    world.up()
    (proof,) = contain(world.edges, live(world.edges, "minimal"), Aim())
    assert proof.attempts == proof.controls > 0
    assert proof.problems == ()


def test_every_problem_of_every_range_is_told_at_once() -> None:
    world = World()
    world.up("alder", "birch")
    world.node.leaks += [leak(), leak("ns01")]
    with pytest.raises(HonestNo) as no:
        contain(world.edges, live(world.edges, "minimal"), Aim())
    lines = str(no.value).splitlines()
    assert len(lines) == 1 + 2 * 2
    assert lines[-1].startswith("  minimal/birch: leak: ns01")


def test_a_range_is_proven_until_a_proof_fails() -> None:
    world = World()
    world.up()
    ranges = live(world.edges, "minimal")
    assert proven(world.edges, ranges, Aim())
    world.node.leaks.append(leak())
    with pytest.raises(HonestNo):
        contain(world.edges, ranges, Aim())
    assert not proven(world.edges, ranges, Aim())


def test_the_structure_of_a_wired_range_has_no_problem() -> None:
    world = World()
    world.up()
    (proof,) = read_structure(world.edges, live(world.edges, "minimal"))
    assert (proof.attempts, proof.problems) == (0, ())
