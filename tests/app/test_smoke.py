"""A topology from nothing to nothing."""

from __future__ import annotations

from rangectl.app.contain import Aim
from rangectl.app.smoke import Case, smoke
from tests.app.world import TOPOLOGY, World


def run(world: World) -> tuple[Case, ...]:
    return smoke(TOPOLOGY, "smoke-minimal", world.edges, world.said.append, Aim())


def test_a_sound_topology_passes_every_step_and_leaves_nothing() -> None:
    world = World()
    cases = run(world)
    assert [(case.step, case.trouble) for case in cases] == [
        (step, None) for step in ("up", "up again", "reset", "down")
    ]
    assert world.engine.seen() == ()


def test_a_failure_ends_it_and_it_is_taken_down_all_the_same() -> None:
    world = World()
    world.checker.down.add("intranet")
    cases = run(world)
    assert [case.step for case in cases] == ["up", "down"]
    assert "web01 intranet: no answer" in (cases[0].trouble or "")
    assert world.engine.seen() == ()
