"""What an instructor does to a run that somebody else directs: through its log, and its end."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from rangectl.app.edges import Edges
from rangectl.app.ledger import Ledger
from rangectl.errors import UsageError
from rangectl.model.events import Ended, Extended, Ordered
from rangectl.ports import Clock, Engine, EventLog


def stop(log: EventLog, clock: Clock) -> None:
    """Say ENDEX to a run; its director sees it at its next look at the log."""
    _running(log).add([Ended(at=clock.now(), why="stopped")])


def order(
    log: EventLog, clock: Clock, inject: str, team: str | None, known: Collection[str]
) -> None:
    """Have an inject sent to a team, or to all; UsageError for one that nobody `known` wrote."""
    ledger = _running(log)
    if inject not in known:
        message = f"there is no inject {inject!r}"
        raise UsageError(message, hint=f"there are {', '.join(sorted(known))}")
    teams = ledger.created.teams if ledger.created is not None else ()
    if team is not None and team not in teams:
        message = f"no team {team!r} takes part"
        raise UsageError(message, hint=f"its teams: {', '.join(teams)}")
    ledger.add([Ordered(at=clock.now(), inject=inject, team=team)])


def extend(log: EventLog, clock: Clock, by: timedelta) -> None:
    """Make an exercise longer, on its own clock."""
    _running(log).add([Extended(at=clock.now(), by=by)])


def silence(engine: Engine, name: str) -> int:
    """Cut every cable of every range of that name, with the engine alone: their switches go. Return
    how many went.
    """
    switches = [one.id for one in engine.seen(name) if one.kind == "switch"]
    engine.remove(switches)
    return len(switches)


def kill(edges: Edges, log: EventLog | None, name: str) -> int:
    """Silence a run at once, then say ENDEX where its log is there; return how many ranges were cut
    off. UsageError where there is neither a range nor a log.
    """
    cut = silence(edges.engine, name)
    if log is None:
        if not cut:
            message = f"nothing is up under the name {name!r}, and no run is on record"
            raise UsageError(message)
        return cut
    ledger = Ledger.open(log)
    if ledger.created is not None and ledger.ended is None:
        ledger.add([Ended(at=edges.clock.now(), why="killed")])
    return cut


def _running(log: EventLog) -> Ledger:
    ledger = Ledger.open(log)
    if ledger.ended is not None:
        message = "this run is over"
        raise UsageError(message)
    return ledger
