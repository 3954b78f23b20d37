"""Generic tricks over all kinds of the catalogue: none may be worth more than `MOST`.

Twelve kinds a range, and the kinds of the shipped exercises on their own partners' hosts; picking
at random is right one time in eighteen, this is less than four times that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from rangectl.implants.compose import compose
from rangectl.implants.item import Item
from rangectl.implants.places import REFRESH_ROOTS
from rangectl.plan.desired import desired
from rangectl.plan.spec import RangeId
from rangectl.wiring import reading
from tests.app.world import ROOT
from tests.implants import blind, samples, simulated
from tests.implants.samples import ENTRIES, PROGRAMS

SEEDS = 8
K = (5, 10, 20)
NATURES = ("implant", "decoy", "noise")
MOST = 0.2
"""The share of implants' files among the first few that a trick may reach: the documented score."""
_KEYS = sorted(ENTRIES)
GROUPS = tuple(tuple(_KEYS[begin::5]) for begin in range(5))
SHIPPED = sorted(path.stem for path in (ROOT / "exercises").glob("*.yaml"))


def chain(keys: tuple[str, ...]) -> tuple[dict[str, object], ...]:
    """Return one stage for each of these entries that can stand in the small range."""
    stages: list[dict[str, object]] = []
    for key in keys:
        entry = ENTRIES[key]
        roles = entry.second.roles if entry.second is not None else ()
        if entry.stands_on.roles or roles or entry.opt_in:
            continue
        stage: dict[str, object] = {"implant": key, "on": "*"}
        if entry.started_by:
            stage["started_by"] = entry.started_by[0]
        stages.append(stage)
    return tuple(stages)


def reached(make: Callable[[int], Sequence[Item]], seeds: int = SEEDS) -> dict[str, float]:
    """Return what every trick reaches, a mean over seeds and k."""
    found = dict.fromkeys(blind.TRICKS, 0.0)
    for seed in range(seeds):
        items = make(seed)
        hosts = simulated.snapshots(items, refreshed=True)
        among = blind.changed(simulated.before(items), hosts)
        implants = simulated.paths(items, "implant")
        for trick in blind.TRICKS:
            ranked = blind.rank(hosts, trick, among)
            found[trick] += sum(blind.precision_at_k(ranked, implants, k) for k in K) / len(K)
    return {trick: share / seeds for trick, share in found.items()}


@pytest.mark.parametrize("keys", GROUPS, ids=range(5))
def test_no_generic_trick_finds_what_was_planted(keys: tuple[str, ...]) -> None:
    found = reached(lambda seed: samples.items(seed, chain=chain(keys)))
    assert {trick: share for trick, share in found.items() if share > MOST} == {}


@pytest.mark.parametrize("name", SHIPPED)
def test_no_generic_trick_finds_what_an_exercise_plants(name: str) -> None:
    path, exercise = reading.exercise(str(ROOT / "exercises" / f"{name}.yaml"))
    spec = desired(reading.topology(exercise.topology, path), RangeId(name, "alder"), {})
    now = datetime(2026, 5, 4, tzinfo=UTC)

    def make(seed: int) -> tuple[Item, ...]:
        drawn = exercise.model_copy(update={"seed": seed})
        return compose(drawn, spec, ENTRIES, PROGRAMS, b"secret", now)

    roots = (*(f"{root}/" for root in REFRESH_ROOTS), "/var/lib/dpkg/")
    planted = {path for nature in NATURES for _, path in simulated.paths(make(0), nature)}
    assert {path for path in planted if not path.startswith(roots)} == set()
    found = reached(make)
    assert {trick: share for trick, share in found.items() if share > MOST} == {}
