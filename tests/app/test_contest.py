"""Exercises that programs play, and the bounds that their scores must keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from rangectl.app.contain import Aim
from rangectl.app.contest import Contest, demo, verify
from rangectl.app.exercise import held, remove
from rangectl.app.verify import PLAYS
from rangectl.errors import HonestNo, RangeError
from rangectl.plan.fabric import Attempt
from rangectl.plan.probing import Answer, Query
from rangectl.store.memory import MemoryLog
from tests.app.hunter import Hunter, Kit
from tests.app.play import SHORT
from tests.app.world import World, material

PROGRAM = {"__init__.py": b"", "reference.py": b"# a player\n"}
LEAK = Attempt("web01", "office", "tcp", "192.0.2.1", control=False, reached=True)


def contest(world: World, forgotten: list[str]) -> Contest:
    return Contest(
        name="demo",
        edges=world.edges,
        log=MemoryLog(),
        forget=lambda: forgotten.append("demo"),
        aim=Aim(),
        tell=world.said.append,
        program=PROGRAM,
        keep=False,
    )


def test_players_get_their_program_and_run_it_as_the_trainee() -> None:
    world = World()
    demo(material(SHORT), replace(contest(world, []), keep=True))
    assert world.box("hunt01").files["/opt/player/hunter/reference.py"].content == b"# a player\n"
    spawned = {world.engine.boxes[host].seen.range.team: (c, u) for host, c, u in world.engine.ran}
    assert spawned["alder"][0][-3:-2] == ("reference",)
    assert spawned["birch"][0][-3:-2] == ("idle",)
    assert {user for _, user in spawned.values()} == {"trainee"}


def test_after_a_contest_nothing_is_left() -> None:
    world, forgotten = World(), list[str]()
    board = demo(material(SHORT), contest(world, forgotten))
    assert [team.name for team in board.teams] == ["alder", "birch"]
    assert world.engine.seen() == ()
    assert world.node.removed
    assert forgotten == ["demo"]


def test_a_contest_that_fails_leaves_nothing_either() -> None:
    world, forgotten = World(), list[str]()
    world.node.leaks.append(LEAK)
    with pytest.raises(HonestNo):
        demo(material(SHORT), contest(world, forgotten))
    assert world.engine.seen() == ()
    assert forgotten == ["demo"]


def test_a_contest_leaves_alone_what_another_plays_under_its_name() -> None:
    world, forgotten = World(), list[str]()
    world.up("alder", "birch", name="demo")
    with (
        held(world.edges, "demo", "demo"),
        pytest.raises(RangeError, match="run demo: demo is at work on it"),
    ):
        demo(material(SHORT), contest(world, forgotten))
    assert world.engine.seen("demo") != ()
    assert forgotten == []


def test_a_run_that_somebody_directs_is_not_removed() -> None:
    world, forgotten = World(), list[str]()
    world.up("alder", name="demo")
    with held(world.edges, "demo", "demo"), pytest.raises(RangeError, match="at work on it"):
        remove(world.edges, "demo", lambda: forgotten.append("demo"))
    assert (world.engine.seen("demo") != (), forgotten) == (True, [])
    remove(world.edges, "demo", lambda: forgotten.append("demo"))
    assert (world.engine.seen("demo"), forgotten) == ((), ["demo"])


def test_an_exercise_that_nobody_solves_breaks_its_bounds() -> None:
    verdicts = {one.play: one for one in verify(material(SHORT), contest(World(), []))}
    assert tuple(verdicts) == PLAYS
    assert (verdicts["reference"].kept, verdicts["reference"].bound) == (False, "at least 95")
    assert verdicts["idle"].kept
    assert not verdicts["everything"].kept


def test_a_slow_machine_is_told_beside_what_a_play_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    probe = world.node.probe

    def slowly(queries: Sequence[tuple[str, Sequence[Query]]]) -> tuple[tuple[Answer, ...], ...]:
        world.clock.sleep(6)
        return probe(queries)

    monkeypatch.setattr(world.node, "probe", slowly)
    verdicts = {one.play: one for one in verify(material(SHORT), contest(world, []))}
    assert "the machine may have been too busy: a round of the" in verdicts["reference"].why[-1]
    assert verdicts["idle"].why == ()


def test_a_hunter_who_solves_it_and_others_who_do_nothing_keep_all_bounds() -> None:
    world = World()
    hunter = Hunter(Kit(world, "reference"))
    world.clock.alarms.append(lambda now: hunter(now) if has_briefing(world) else None)
    verdicts = verify(material(), contest(world, []))
    assert [one.play for one in verdicts if one.kept] == [*PLAYS]


def has_briefing(world: World) -> bool:
    kits = [one for one in world.engine.seen() if one.host == "hunt01"]
    boxes = (world.engine.boxes[one.id] for one in kits)
    return bool(kits) and all("/srv/briefing/register.json" in box.files for box in boxes)


def test_a_play_may_be_played_alone_and_is_held_against_what_the_reference_must_reach() -> None:
    world = World()
    (verdict,) = verify(material(SHORT), contest(world, []), ["everything"])
    assert (verdict.play, verdict.kept) == ("everything", True)
    assert verdict.bound == "under 47.5, half of the reference"
