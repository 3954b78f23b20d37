"""Generic tricks over all kinds of the catalogue: none may be worth more than `MOST`.

Twelve kinds a range; picking at random is right one time in twenty, this is four times that.
"""

from __future__ import annotations

import pytest

from tests.implants import blind, samples, simulated
from tests.implants.samples import ENTRIES

SEEDS = 12
K = (5, 10, 20)
MOST = 0.2
"""The share of implants' files among the first few that a trick may reach: the documented score."""
_KEYS = sorted(ENTRIES)
GROUPS = tuple(tuple(_KEYS[begin::5]) for begin in range(5))


def chain(keys: tuple[str, ...]) -> tuple[dict[str, object], ...]:
    """Return one stage for each of these entries that can stand in the small range."""
    stages: list[dict[str, object]] = []
    for key in keys:
        entry = ENTRIES[key]
        if entry.stands_on.roles or entry.opt_in:
            continue
        stage: dict[str, object] = {"implant": key, "on": "*"}
        if entry.started_by:
            stage["started_by"] = entry.started_by[0]
        stages.append(stage)
    return tuple(stages)


@pytest.mark.parametrize("keys", GROUPS, ids=range(5))
def test_no_generic_trick_finds_what_was_planted(keys: tuple[str, ...]) -> None:
    reached = dict.fromkeys(blind.TRICKS, 0.0)
    for seed in range(SEEDS):
        items = samples.items(seed, chain=chain(keys))
        hosts = simulated.snapshots(items, refreshed=True)
        among = blind.changed([], hosts)
        implants = simulated.paths(items, "implant")
        for trick in blind.TRICKS:
            ranked = blind.rank(hosts, trick, among)
            found = sum(blind.precision_at_k(ranked, implants, k) for k in K) / len(K)
            reached[trick] += found / SEEDS
    assert {trick: share for trick, share in reached.items() if share > MOST} == {}
