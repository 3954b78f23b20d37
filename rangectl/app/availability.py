"""Checking services while an exercise runs, beside all else: a team whose services keep every
question hanging delays its own checks, and nobody's probes, letters or moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from rangectl.app.ready import Checked, check
from rangectl.app.run import Round, Run
from rangectl.errors import RangeError
from rangectl.model.events import Event, Rebuilt, ServiceChecked

_EVERY = timedelta(seconds=10)
_EXCUSE = timedelta(seconds=60)
_PATIENCE = 20.0
"""Seconds for an answer: on a machine that has too much to do all of them come late, and who is
late is not down. What a service needs to say that it is there is its kernel's work, and in time.
"""


def check_services(run: Run) -> None:
    """Begin to check the services of every team whose last round began some seconds ago and has
    ended; record the results that came in.
    """
    now = run.edges.clock.now()
    for team, range_ in run.ranges.items():
        last = run.rounds.get(team)
        if last is None or (last.recorded and now - last.began >= _EVERY):
            ask = partial(check, run.edges, [range_], _PATIENCE)
            last = Round(now, run.edges.beside(ask))
            run.rounds[team] = last
        results = None if last.recorded else _results(run, team, last)
        if results is not None:
            at = run.edges.clock.now()
            run.ledger.add([_checked(run, one, at) for one in results])
            last.recorded = True


def _results(run: Run, team: str, last: Round) -> Sequence[Checked] | None:
    """Return what a round found; one that failed as a whole is dropped, and another will begin."""
    try:
        return last.results()
    except RangeError:
        del run.rounds[team]
        raise


def _checked(run: Run, one: Checked, at: datetime) -> Event:
    return ServiceChecked(
        at=at,
        team=one.team,
        host=one.host,
        service=one.service.name,
        up=one.wrong is None,
        excused=one.wrong is not None and _excused(run, one, at),
        why=one.wrong or "",
    )


def _excused(run: Run, one: Checked, now: datetime) -> bool:
    """A host that the instructor replaced a moment ago may be down at no cost, and nobody pays for
    a question that could not be put: the node agent is out of every team's reach.
    """
    return not one.asked or any(
        isinstance(event, Rebuilt)
        and (event.team, event.host, event.by) == (one.team, one.host, "instructor")
        and now - event.at < _EXCUSE
        for event in run.ledger.events
    )
