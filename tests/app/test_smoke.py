"""A topology from nothing to nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn

import pytest

from rangectl.app.contain import Aim
from rangectl.app.smoke import STEPS, Case, Choice, Smoke, choose, run_all
from rangectl.errors import UsageError
from rangectl.plan.fabric import Attempt
from tests.app.world import TOPOLOGY, World, one_by_one, topology

LEAK = Attempt("web01", "office", "tcp", "192.0.2.1", control=False, reached=True)
GOING = Choice(keep_going=True)


def smoke(world: World, choice: Choice = Choice()) -> Smoke:  # noqa: B008 - it is frozen
    return Smoke(TOPOLOGY, "smoke-minimal", world.edges, world.said.append, Aim(), choice)


def outcomes(cases: tuple[Case, ...]) -> dict[str, str]:
    return {
        case.step: "failed" if case.trouble else "skipped" if case.skipped else "passed"
        for case in cases
    }


def test_a_sound_topology_passes_every_step_and_leaves_nothing() -> None:
    world = World()
    cases = smoke(world).run()
    assert outcomes(cases) == dict.fromkeys(STEPS[1:], "passed")
    assert {case.step: case.said for case in cases}["reset"] == "edge"
    assert world.engine.seen() == ()


def test_a_failure_ends_it_and_it_is_taken_down_all_the_same() -> None:
    world = World()
    world.checker.down.add("intranet")
    cases = smoke(world).run()
    assert outcomes(cases) == {
        "images": "passed",
        "up": "failed",
        **dict.fromkeys(STEPS[3:-1], "skipped"),
        "down": "passed",
    }
    assert "web01 intranet: no answer" in (cases[1].trouble or "")
    assert cases[2].skipped == "not run: up failed"
    assert world.engine.seen() == ()


def test_a_leak_fails_the_proof() -> None:
    world = World()
    world.node.leaks.append(LEAK)
    found = outcomes(smoke(world).run())
    assert (found["up"], found["contain"], found["checks"]) == ("passed", "failed", "skipped")
    assert world.engine.seen() == ()


def test_a_leak_does_not_keep_the_other_steps_from_being_run_when_told_so() -> None:
    world = World()
    world.node.leaks.append(LEAK)
    found = outcomes(smoke(world, GOING).run())
    failed = [step for step, how in found.items() if how == "failed"]
    assert failed == ["contain", "up again"]
    assert set(found.values()) == {"passed", "failed"}


def test_what_never_came_up_is_not_tried_further_even_when_told_to_keep_going() -> None:
    world = World()
    world.checker.down.add("intranet")
    assert outcomes(smoke(world, GOING).run())["reach"] == "skipped"


def test_a_router_that_lets_pass_what_its_policy_does_not_fails_the_matrix() -> None:
    world = World()
    world.node.open = True
    cases = {case.step: case for case in smoke(world).run()}
    assert "sink01 to web01 icmp: not allowed, but it arrived" in (cases["reach"].trouble or "")
    assert cases["up again"].skipped == "not run: reach failed"


def test_only_some_steps_bring_along_what_they_stand_on() -> None:
    world = World()
    choice = choose(["reset", "web01"], [TOPOLOGY], keep_going=False)
    cases = smoke(world, choice).run()
    assert [case.step for case in cases] == ["images", "up", "contain", "reset", "down"]
    assert cases[3].said == "web01"


def test_only_a_host_is_tried_by_itself() -> None:
    whole, one = (
        {case.step: case.said for case in smoke(World(), choice).run()}
        for choice in (Choice(), choose(["web01"], [TOPOLOGY], keep_going=False))
    )
    assert (whole["checks"], one["checks"]) == ("9 services", "2 services")
    assert whole["reach"] != one["reach"]


def test_images_alone_need_no_range() -> None:
    world = World()
    choice = choose(["images"], [TOPOLOGY], keep_going=False)
    assert [case.step for case in smoke(world, choice).run()] == ["images"]


def test_files_are_read_whatever_is_chosen() -> None:
    chosen = [choose([step], [TOPOLOGY], keep_going=False).steps for step in STEPS]
    assert all("validate" in steps for steps in chosen)
    assert chosen[0] == {"validate"}
    assert chosen[2] == {"validate", "images", "up", "contain", "down"}


def test_a_word_that_is_neither_step_nor_host_is_refused() -> None:
    with pytest.raises(UsageError, match="'web99' is no step, and no host"):
        choose(["web99"], [TOPOLOGY], keep_going=False)


def two(world: World, choice: Choice) -> dict[str, dict[str, str]]:
    world.checker.down.add("intranet")
    other = topology(("name: minimal", "name: other"), ("name: intranet", "name: extranet"))
    smokes = [
        smoke(world, choice),
        Smoke(other, "smoke-other", world.edges, world.said.append, Aim(), choice),
    ]
    cases = run_all(smokes, one_by_one)
    assert world.engine.seen() == ()
    return {
        name: outcomes(tuple(case for case in cases if case.topology == name))
        for name in ("minimal", "other")
    }


def test_after_a_failure_no_other_topology_begins() -> None:
    assert set(two(World(), Choice())["other"].values()) == {"skipped"}


def test_other_topologies_begin_all_the_same_when_told_to_keep_going() -> None:
    assert set(two(World(), GOING)["other"].values()) == {"passed"}


def test_an_interrupt_ends_it_between_two_steps_and_takes_it_down() -> None:
    world = World()
    plain = smoke(world)
    stopping = Smoke(
        *(plain.topology, plain.name, plain.edges, plain.tell, plain.aim, plain.choice),
        stopped=lambda: world.node.proofs > 0,
    )
    cases = run_all([stopping], one_by_one)
    assert {case.step: case.interrupted for case in cases if case.trouble} == {"checks": True}
    assert cases[4].skipped == "not run: interrupted"
    assert world.engine.seen() == ()


def interrupt(world: World, *when: str) -> None:
    """Press Ctrl-C when checks are asked, and the engine to remove."""
    if "checks" in when:
        world.checker.check = pressed  # type: ignore[method-assign,assignment] # as a terminal would
    if "down" in when:
        world.engine.remove = pressed  # type: ignore[method-assign,assignment] # as a terminal would


def pressed(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def test_an_interrupt_within_a_step_is_its_trouble_and_all_is_taken_down() -> None:
    world = World()
    interrupt(world, "checks")
    cases = smoke(world).run()
    assert outcomes(cases)["up"] == "failed"
    assert [case.step for case in cases if case.interrupted] == ["up"]
    assert cases[2].skipped == "not run: interrupted"
    assert world.engine.seen() == ()


def test_a_second_interrupt_leaves_pieces_and_says_so() -> None:
    world = World()
    interrupt(world, "checks", "down")
    cases = {case.step: case for case in smoke(world).run()}
    assert cases["up"].interrupted
    assert "rangectl down smoke-minimal removes what is left" in (cases["down"].trouble or "")


def test_after_an_interrupt_no_other_topology_begins_whatever_was_said() -> None:
    world = World()
    interrupt(world, "checks")
    assert set(two(world, GOING)["other"].values()) == {"skipped"}


def test_an_interrupt_of_those_who_run_several_tells_what_was_found() -> None:
    world = World()

    def interrupted(work: Callable[[int], None], items: Sequence[int]) -> list[None]:
        work(items[0])
        raise KeyboardInterrupt

    other = Smoke(TOPOLOGY, "smoke-2", world.edges, world.said.append, Aim(), Choice())
    cases = run_all([smoke(world), other], interrupted)  # type: ignore[arg-type] # of its own kind
    assert outcomes(cases[: len(STEPS) - 1]) == dict.fromkeys(STEPS[1:], "passed")
    assert {case.skipped for case in cases[len(STEPS) - 1 :]} == {"not run: interrupted"}
