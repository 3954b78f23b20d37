"""A topology from nothing to nothing."""

from __future__ import annotations

from rangectl.app.contain import Aim
from rangectl.app.smoke import Case, Smoke
from rangectl.plan.fabric import Attempt
from tests.app.world import TOPOLOGY, World


def run(world: World) -> tuple[Case, ...]:
    return Smoke(TOPOLOGY, "smoke-minimal", world.edges, world.said.append, Aim()).run()


def test_a_sound_topology_passes_every_step_and_leaves_nothing() -> None:
    world = World()
    cases = run(world)
    assert [(case.step, case.trouble) for case in cases] == [
        (step, None) for step in ("images", "up", "contain", "up again", "reset", "down")
    ]
    assert world.engine.seen() == ()


def test_a_failure_ends_it_and_it_is_taken_down_all_the_same() -> None:
    world = World()
    world.checker.down.add("intranet")
    cases = run(world)
    assert [case.step for case in cases] == ["images", "up", "down"]
    assert "web01 intranet: no answer" in (cases[1].trouble or "")
    assert world.engine.seen() == ()


def test_a_leak_fails_the_proof() -> None:
    world = World()
    world.node.leaks.append(
        Attempt("web01", "office", "tcp", "192.0.2.1", control=False, reached=True)
    )
    cases = run(world)
    assert [case.step for case in cases] == ["images", "up", "contain", "down"]
    assert [bool(case.trouble) for case in cases] == [False, False, True, False]
    assert world.engine.seen() == ()
