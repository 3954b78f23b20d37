"""Background traffic: what the partner's people do while an exercise runs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from rangectl.app.run import Run
from rangectl.plan.errands import errand
from rangectl.plan.traffic import Office, Visit, schedule

_STALE = 15.0
_HOUR = 3600.0


def send_out(run: Run) -> None:
    """Let the staff of every range do what is due; what a pause or a crash kept from being done in
    time is left out.
    """
    if run.profile is None or run.ledger.started is None:
        return
    elapsed = run.elapsed(run.edges.clock.now()).total_seconds()
    for team, range_ in run.ranges.items():
        ids = {host.name: seen.id for host, seen in range_.hosts()}
        due = [
            errand(visit, range_.spec, range_.secret, ids[visit.host])
            for visit in _due(run, team, elapsed)
            if visit.at > elapsed - _STALE and visit.host in ids
        ]
        run.edges.errands.set_out(due)


def _due(run: Run, team: str, elapsed: float) -> Iterator[Visit]:
    """Yield the visits of a range that are due, each once."""
    if team not in run.visits:
        run.visits[team] = _schedule(run, team)
    left = run.visits[team]
    for visit in left:
        if visit.at > elapsed:
            run.visits[team] = chain([visit], left)
            return
        yield visit


def _schedule(run: Run, team: str) -> Iterator[Visit]:
    if run.profile is None:
        return iter(())
    exercise = run.exercise
    office = Office(
        spec=run.ranges[team].spec,
        seed=exercise.seed,
        foes=foes(run, team),
        avoid=frozenset(exercise.sinkholes),
        length=exercise.clock.length,
        compression=exercise.clock.compression,
    )
    return schedule(run.profile, office)


def foes(run: Run, team: str) -> float:
    """Return how many flows the implants of a range make in an hour (wall)."""
    periods = [
        item.artefact.period.total_seconds()
        for item in run.items[team]
        if item.artefact.nature == "implant"
        and any(part.kind == "traffic" for part in item.artefact.components)
    ]
    return sum(_HOUR / period for period in periods if period > 0)
