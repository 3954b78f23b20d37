"""Every exercise that is shipped, in memory: solvable by who knows, no use to who games."""

from __future__ import annotations

import pytest

from rangectl.model.events import Ended, Planted
from rangectl.model.exercise import Exercise, Noise
from rangectl.model.topology import Topology
from rangectl.wiring import reading
from tests.app.knowing import Everything, Idle, Knowing, Player, Rebuild
from tests.app.play import Play
from tests.app.world import ROOT

SHIPPED = sorted(path.stem for path in (ROOT / "exercises").glob("*.yaml"))
PLAYS: dict[str, type[Player]] = {
    "reference": Knowing,
    "idle": Idle,
    "everything": Everything,
    "rebuild": Rebuild,
}


def files(name: str) -> tuple[Exercise, Topology]:
    path, exercise = reading.exercise(str(ROOT / "exercises" / f"{name}.yaml"))
    return exercise, reading.topology(exercise.topology, path)


def play(name: str, *plays: str) -> Play:
    """A run of an exercise with a little of its noise, by these plays."""
    exercise, topology = files(name)
    quick = exercise.model_copy(update={"noise": Noise(edits_per_implant=2)})
    played = Play(plays, quick, topology=topology)
    played.scripts += [PLAYS[name](played, name) for name in plays]
    played.start()
    return played


@pytest.mark.parametrize("name", SHIPPED)
def test_an_exercise_keeps_its_bounds(name: str) -> None:
    played = play(name, *PLAYS)
    board = played.board()
    scores = {team: board.score(team) for team in PLAYS}
    told = [line for line in board.team("reference").implants if line.state != "ejected"]
    assert scores["reference"] >= 95, (scores, told)
    assert scores["idle"] <= 5
    assert scores["everything"] < scores["reference"] / 2
    assert scores["rebuild"] < scores["reference"] / 2
    assert [event.why for event in played.of(Ended)] == ["decided"]
    assert {e.artefact.actor for e in played.of(Planted) if e.artefact.actor} == set(
        played.exercise.actors
    )
