"""The formula against the nine archetypes it was designed with."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from rangectl.scoring import formula
from rangectl.scoring.formula import ImplantTerms, Terms

WEIGHTS = (1, 2, 3, 5, 8, 2, 3, 5, 1, 8, 3, 2)
COUNT = len(WEIGHTS)


@dataclass(frozen=True)
class Kind:
    """One kind of team: its terms for each implant and as a whole."""

    score: float
    d: tuple[float, ...] = (0.0,) * COUNT
    q: tuple[float, ...] = (0.0,) * COUNT
    t: float = 1.0
    e: tuple[float, ...] = (0.0,) * COUNT
    removed: tuple[float, ...] = (1.0,) * COUNT
    false: tuple[int, int] = (0, 0)
    up: float = 1.0
    report: float = 0.0
    conduct: float = 0.0
    rebuilds: int = 0
    saved: float = 1.0


def every(value: float) -> tuple[float, ...]:
    return (value,) * COUNT


ARCHETYPES = {
    "perfect": Kind(99.0, d=every(1), q=every(1), t=0.1, e=every(1), removed=every(0.8), report=1),
    "detects all, evicts in one window": Kind(
        69.8,
        d=every(0.85),
        q=every(0.7),
        t=0.35,
        e=every(1),
        removed=every(0.8),
        false=(2, 1),
        up=0.97,
        report=0.7,
    ),
    "observer": Kind(62.2, d=every(1), q=every(1), t=0.2, false=(1, 0), report=0.9),
    "piecemeal": Kind(
        52.7,
        d=every(0.85),
        q=every(0.7),
        t=0.3,
        e=every(1),
        removed=tuple(0.2 + 0.06 * i for i in range(COUNT)),
        false=(2, 1),
        up=0.97,
        report=0.7,
        conduct=6,
    ),
    "good typical": Kind(
        45.2,
        d=(1, 1, 0.85, 0.7, 0, 1, 0.85, 0.5, 1, 0, 0.7, 1),
        q=every(0.8),
        t=0.35,
        e=(1, 1, 1, 1, 0, 1, 1, 0.4, 1, 0, 1, 1),
        removed=every(0.8),
        false=(2, 1),
        up=0.98,
        report=0.75,
        conduct=1,
    ),
    "sweep for known signs": Kind(
        17.8,
        d=(1, 1, 0.5, 0, 0, 0.5, 0, 0, 1, 0, 0, 0.5),
        q=every(0.4),
        t=0.15,
        e=(1, 1, 0.4, 0, 0, 0.4, 0, 0, 1, 0, 0, 0.4),
        removed=every(0.3),
        report=0.4,
        conduct=2,
    ),
    "reports everything": Kind(6.5, d=every(0.5), q=every(0.2), t=0.1, false=(120, 10), report=0.2),
    "does nothing": Kind(2.5, report=0.1),
    "rebuilds everything": Kind(
        0.0,
        e=every(1),
        removed=every(0.1),
        up=0.6,
        report=0.1,
        conduct=10,
        rebuilds=8,
        saved=0,
    ),
}


def terms(kind: Kind) -> Terms:
    implants = tuple(
        ImplantTerms(
            weight=WEIGHTS[i],
            chain=str(i // 4),
            d=kind.d[i],
            q=kind.q[i],
            t=kind.t,
            e=kind.e[i],
            saved=kind.saved,
            removed=kind.removed[i],
        )
        for i in range(COUNT)
    )
    return Terms(
        implants=implants,
        unmatched=kind.false[0],
        decoys=kind.false[1],
        window=0.05,
        availability=kind.up,
        rebuilds=kind.rebuilds,
        conduct=kind.conduct,
        report=kind.report,
    )


@pytest.mark.parametrize("name", ARCHETYPES)
def test_an_archetype_gets_its_score_to_a_tenth(name: str) -> None:
    assert round(formula.score(terms(ARCHETYPES[name])).score, 1) == ARCHETYPES[name].score


def test_the_loss_is_taken_off_after_the_merit_was_rescaled() -> None:
    implant = ImplantTerms(weight=1, chain="a", d=1, q=1, t=0, e=1, saved=1, removed=0)
    result = formula.score(Terms(implants=(implant,), rebuilds=3))
    assert (result.merit, result.loss, result.score) == pytest.approx((100, 3, 97))


def test_a_part_that_is_not_assessed_has_no_share_and_no_points() -> None:
    report = formula.score(Terms(implants=())).parts[-1]
    assert (report.name, report.share, report.points) == ("report", None, 0)


def test_with_no_implant_at_all_the_score_is_nothing() -> None:
    assert formula.score(Terms(implants=())).score == 0


@pytest.mark.parametrize(("misses", "more"), [(4, 0), (5, 0.1), (7, 0.3), (9, 0.5), (40, 0.5)])
def test_long_outages_cost_a_tenth_more_from_the_fifth_miss_on(misses: int, more: float) -> None:
    assert formula.streak_surcharge(misses) == pytest.approx(more)


def test_downtime_and_rebuilds_never_cost_more_than_their_cap() -> None:
    assert formula.service_loss(Terms(implants=(), availability=0.0, rebuilds=50)) == 25


def test_an_implant_with_nothing_to_remove_weighs_nothing_in_eviction() -> None:
    gone = ImplantTerms(weight=1, chain="a", d=1, q=1, t=0, e=1, saved=1, removed=0)
    log_only = ImplantTerms(weight=8, chain="a", d=1, q=1, t=0, e=None)
    assert formula.score(Terms(implants=(gone, log_only))).eviction == 1
