"""Every exercise that is shipped, in memory: solvable by who knows, no use to who games."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from rangectl.hunter.register import read_register
from rangectl.implants.briefing import register
from rangectl.implants.compose import compose
from rangectl.model.events import Ended, Planted
from rangectl.model.exercise import Exercise, Noise
from rangectl.model.topology import Topology
from rangectl.plan.desired import desired
from rangectl.plan.spec import RangeId, RangeSpec
from rangectl.wiring import reading
from tests.app.knowing import Everything, Idle, Knowing, Player, Rebuild
from tests.app.play import Play
from tests.app.world import ENTRIES, PROGRAMS, ROOT

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


def segments_of(spec: RangeSpec, name: str) -> set[str]:
    return {nic.segment for host in spec.hosts if host.name == name for nic in host.nics}


@pytest.mark.parametrize("name", ["lasting", "brief"])
def test_the_exercises_of_the_engines_tests_can_be_read(name: str) -> None:
    path, exercise = reading.exercise(str(ROOT / "tests/e2e" / f"{name}.yaml"))
    assert reading.topology(exercise.topology, path).hosts


def lets_pass(spec: RangeSpec, source: str, target: str) -> set[str]:
    """Return what the routers let pass from a host's segment to another's."""
    of = {host.name: {nic.segment for nic in host.nics} for host in spec.hosts}
    return {
        term
        for router in spec.hosts
        for rule in router.policy
        if rule.from_ in of[source] and rule.to in of[target]
        for term in rule.allow
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", SHIPPED)
def test_every_channel_is_let_out_and_every_host_can_hold_what_is_meant_for_it(
    name: str, seed: int
) -> None:
    exercise, topology = files(name)
    quick = exercise.model_copy(update={"seed": seed, "noise": Noise(edits_per_implant=0)})
    spec = desired(topology, RangeId(name, "alder"), {})
    items = compose(quick, spec, ENTRIES, PROGRAMS, b"secret", datetime(2026, 5, 4, tzinfo=UTC))
    hosts = {nic.address.ip: host.name for host in spec.hosts for nic in host.nics}
    ways = {"c2.dns": "udp/53", "c2.icmp": "icmp"}
    for artefact in (item.artefact for item in items if item.artefact.nature == "implant"):
        for part in artefact.components:
            if part.kind == "traffic" and part.address is not None:
                way = ways.get(artefact.entry or "", f"tcp/{part.port}")
                source, target = artefact.host_of(part), hosts[part.address]
                passes = lets_pass(spec, source, target)
                near = segments_of(spec, source) & segments_of(spec, target)
                assert near or {way, "any"} & passes, (artefact.entry, source, way)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_is_to_be_found_where_the_rules_let_nobody_look(name: str, seed: int) -> None:
    exercise, topology = files(name)
    quick = exercise.model_copy(update={"seed": seed, "noise": Noise(edits_per_implant=0)})
    spec = desired(topology, RangeId(name, "alder"), {})
    items = compose(quick, spec, ENTRIES, PROGRAMS, b"secret", datetime(2026, 5, 4, tzinfo=UTC))
    known = read_register(json.loads(json.dumps(register(quick, spec, items))))
    for artefact in (item.artefact for item in items if item.artefact.nature == "implant"):
        assert artefact.host in known.hosts, artefact.entry
        paths = [part.path or "" for part in artefact.components]
        assert not [path for path in paths if path.startswith(known.excluded)], artefact.entry
