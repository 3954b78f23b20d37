"""What an instructor does to a run that somebody else directs: through its log, and its end."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from rangectl.app.edges import Edges
from rangectl.app.ledger import Ledger
from rangectl.app.standstill import freeze
from rangectl.errors import RangeError, UsageError
from rangectl.model.events import Ended, Extended, Halt, Marked, Ordered, Paused
from rangectl.ports import Clock, Engine, EventLog

_PATIENCE = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a team is given for what it did with an inject: 0 to 5 points, and why."""

    team: str
    inject: str
    points: int
    why: str = ""


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


def mark(log: EventLog, clock: Clock, given: Mark) -> None:
    """Mark what a team did with an inject that reached it; UsageError where none did. Marks may be
    given after ENDEX, and again: the last one counts.
    """
    ledger = Ledger.open(log)
    teams = ledger.created.teams if ledger.created is not None else ()
    if given.team not in teams:
        message = f"no team {given.team!r} takes part"
        raise UsageError(message, hint=f"its teams: {', '.join(teams)}")
    sent = dict.fromkeys(o.inject for o in ledger.injected if o.team in {None, given.team})
    if given.inject not in sent:
        message = f"no inject {given.inject!r} was sent to {given.team}"
        raise UsageError(message, hint=f"sent: {', '.join(sent) or 'none'}")
    marked = Marked(
        at=clock.now(), team=given.team, inject=given.inject, mark=given.points, why=given.why
    )
    ledger.add([marked])


def extend(log: EventLog, clock: Clock, by: timedelta) -> None:
    """Make an exercise longer, on its own clock."""
    _running(log).add([Extended(at=clock.now(), by=by)])


def pause(edges: Edges, log: EventLog, name: str) -> None:
    """Freeze a run as a whole, ranges and clocks; return when it stands still. UsageError where it
    does already, or has not begun.

    Its director does so, which then waits. Where nobody directs it, its hosts are frozen here.
    """
    ledger = _running(log)
    if ledger.started is None:
        message = f"{name} has not begun: it can be paused from STARTEX on"
        raise UsageError(message)
    if ledger.paused is not None:
        message = f"{name} is paused already, since {ledger.paused:%H:%M:%S}Z"
        raise UsageError(message, hint=f"rangectl exercise resume {name} lets it go on")
    with ExitStack() as alone:
        if _holds(alone, edges, name, "exercise pause"):
            freeze(edges, name)
            ledger.add([Paused(at=edges.clock.now())])
        else:
            _have(edges, ledger, name, "pause")


def resume(edges: Edges, log: EventLog, name: str) -> None:
    """Let a run go on where it stopped; return when it moves. UsageError where it is not paused, or
    nobody directs it.
    """
    ledger = _running(log)
    if not ledger.stands_still:
        message = f"{name} is not paused"
        raise UsageError(message)
    with ExitStack() as alone:
        if _holds(alone, edges, name, "exercise resume"):
            message = f"nobody directs {name}: its clocks would run, and nothing would happen"
            raise UsageError(
                message,
                hint="first: rangectl exercise start FILE, with the same teams and name;"
                " it waits for this command",
            )
    _have(edges, ledger, name, "resume")


def _holds(alone: ExitStack, edges: Edges, name: str, doing: str) -> bool:
    """Hold a run, as long as the stack is open, where nobody else does."""
    try:
        alone.enter_context(edges.hold(f"run {name}", doing))
    except RangeError:
        return False
    return True


def _have(edges: Edges, ledger: Ledger, name: str, do: Literal["pause", "resume"]) -> None:
    """Have a run's director pause it or let it go on, and wait until he did."""
    ledger.add([Halt(at=edges.clock.now(), do=do)])
    end = edges.clock.now() + _PATIENCE
    while (ledger.paused is None) is (do == "pause"):
        if ledger.ended is not None:
            message = f"{name} ended meanwhile"
            raise UsageError(message)
        if edges.clock.now() > end:
            message = f"{name}: its director does not answer"
            hint = f"it does so once it can; see: rangectl exercise status {name}"
            raise RangeError(message, hint=hint)
        edges.clock.sleep(0.5)
        ledger.refresh()


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
