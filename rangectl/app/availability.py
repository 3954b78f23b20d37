"""Checking services while an exercise runs, beside all else: a team whose services keep every
question hanging delays its own checks, and nobody's probes, letters or moves.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from rangectl.app.ready import Checked, check
from rangectl.app.run import Round, Run
from rangectl.model.events import Event, Rebuilt, ServiceChecked

_EVERY = timedelta(seconds=10)
_EXCUSE = timedelta(seconds=60)


def check_services(run: Run) -> None:
    """Begin to check the services of every team whose last round began some seconds ago and has
    ended; record the results that came in.
    """
    now = run.edges.clock.now()
    for team, range_ in run.ranges.items():
        last = run.rounds.get(team)
        if last is None or (last.recorded and now - last.began >= _EVERY):
            last = Round(now, run.edges.beside(partial(check, run.edges, [range_])))
            run.rounds[team] = last
        results = None if last.recorded else last.results()
        if results is not None:
            at = run.edges.clock.now()
            run.ledger.add([_checked(run, one, at) for one in results])
            last.recorded = True


def _checked(run: Run, one: Checked, at: datetime) -> Event:
    return ServiceChecked(
        at=at,
        team=one.team,
        host=one.host,
        service=one.service.name,
        up=one.wrong is None,
        excused=one.wrong is not None and _excused(run, one.team, one.host, at),
    )


def _excused(run: Run, team: str, host: str, now: datetime) -> bool:
    """A host that the instructor replaced a moment ago may be down at no cost."""
    return any(
        isinstance(event, Rebuilt)
        and (event.team, event.host, event.by) == (team, host, "instructor")
        and now - event.at < _EXCUSE
        for event in run.ledger.events
    )
