"""The loop that runs an exercise: clock, planting, probes, service checks, the partner's desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from rangectl.app.adversary import notice, react
from rangectl.app.availability import check_services
from rangectl.app.desk import serve
from rangectl.app.pace import Pace
from rangectl.app.plant import plant, renew_leases
from rangectl.app.run import Run
from rangectl.app.standstill import heed, let_go
from rangectl.app.traffic import send_out
from rangectl.app.watch import notice_replaced, probe
from rangectl.errors import RangeError
from rangectl.model.events import Ended, Started
from rangectl.progress import Progress
from rangectl.scoring.states import settled

_TICK = 1.0
_PATIENCE = timedelta(seconds=60)
_STANDING = timedelta(seconds=100)
_DUTIES: tuple[tuple[timedelta, Callable[[Run], None]], ...] = (
    (timedelta(seconds=60), renew_leases),
    (timedelta(seconds=5), notice_replaced),
    (timedelta(seconds=1), serve),
    (timedelta(seconds=1), send_out),
    (timedelta(seconds=2), probe),
    (timedelta(seconds=5), notice),
    (timedelta(seconds=2), react),
    (timedelta(seconds=1), check_services),
)


def direct(run: Run) -> None:
    """Run the exercise from where its log stands to ENDEX.

    What precedes the exercise is planted first, and STARTEX comes when all of it was seen to
    stand; RangeError when it never does.
    """
    try:
        _direct(run)
    finally:
        run.edges.errands.halt()


def _direct(run: Run) -> None:
    if run.ledger.started is None:
        _prepare(run)
    elif run.ledger.ended is None:
        run.tell(Progress("goes on", "the exercise goes on"))
    last: dict[int, datetime] = {}
    pace = Pace(run.edges.clock)
    while run.ledger.ended is None:
        _do(run, heed)
        if run.ledger.paused is None and run.ledger.halt != "pause":
            _round(run, last, pace)
            _end(run)
        run.edges.clock.sleep(_TICK)
        run.ledger.refresh()
    if run.ledger.paused is not None:
        let_go(run)


def stand_still(run: Run) -> None:
    """Wait until a run that was paused, when its director went, is to go on, or over."""
    _do(run, heed)
    while run.ledger.paused is not None and run.ledger.ended is None:
        run.edges.clock.sleep(_TICK)
        run.ledger.refresh()
        _do(run, heed)
    if run.ledger.paused is not None:
        let_go(run)


def _round(run: Run, last: dict[int, datetime], pace: Pace) -> None:
    now = run.edges.clock.now()
    with pace.time("plant"):
        for team in run.ranges:
            _plant_due(run, team, now)
    for number, (every, duty) in enumerate(_DUTIES):
        if number not in last or now - last[number] >= every:
            last[number] = now
            with pace.time(duty.__name__):
                _do(run, duty)
    if slow := pace.round():
        run.tell(Progress("slow", slow))


def _do(run: Run, duty: Callable[[Run], None]) -> None:
    """Do a duty; what fails for a while (an agent or engine that restarts) is tried again."""
    now = run.edges.clock.now()
    try:
        duty(run)
    except RangeError as error:
        if now - run.failing.setdefault(duty.__name__, now) > _PATIENCE:
            raise
        run.tell(Progress("trouble", f"tried again soon: {error}"))
    else:
        run.failing.pop(duty.__name__, None)


def _plant_due(run: Run, team: str, now: datetime) -> None:
    """Plant what is due; what cannot be planted now (its host restarts, say) is tried later."""
    if not run.rested(f"plant {team}"):
        return
    began = run.edges.clock.now()
    troubles: tuple[str, ...]
    try:
        troubles = plant(run, team, run.due(team, now))
    except RangeError as error:
        troubles = (str(error),)
    if troubles:
        run.rest(f"plant {team}", began)
        run.tell(Progress("trouble", "could not plant yet: " + "; ".join(troubles[:5])))


def _prepare(run: Run) -> None:
    """Plant what is there before the team arrives, wait until it stands, and say STARTEX."""
    renew_leases(run)
    began = run.edges.clock.now()
    for team in run.ranges:
        troubles = plant(run, team, run.due(team, began))
        if troubles:
            raise RangeError("could not plant: " + "; ".join(troubles[:5]))
    run.tell(Progress("planted", _counts(run)))
    run.edges.clock.sleep(_TICK)
    probe(run)
    while not all(run.ledger.standing(team) for team in run.ranges):
        if run.edges.clock.now() - began > _STANDING:
            msg = "the exercise is not ready: not everything that was planted stands"
            raise RangeError(
                msg,
                hint="a starter did not start its program; look at cron on the host",
            )
        run.edges.clock.sleep(_TICK)
        probe(run)
    run.ledger.add([Started(at=run.edges.clock.now())])
    run.tell(Progress("startex", "STARTEX"))
    if run.on_startex is not None:
        run.on_startex(run)


def _counts(run: Run) -> str:
    natures = [a.nature for team in run.ledger.planted.values() for a in team.values()]
    kinds = (f"{natures.count(n)} {n}s" for n in ("implant", "decoy"))
    return f"planted {', '.join(kinds)}, {natures.count('noise')} noise edits"


def _end(run: Run) -> None:
    """Say ENDEX when the time is over, or when every team is done and every hold has run."""
    if run.ledger.started is None or run.ledger.ended is not None:
        return
    now = run.edges.clock.now()
    why: Literal["time", "decided"]
    if run.elapsed(now) >= run.length:
        why = "time"
    elif (
        not run.ledger.pending
        and _all_planted(run, now)
        and settled(run.ledger.history, run.ledger.own(now))
    ):
        why = "decided"
    else:
        return
    run.ledger.add([Ended(at=now, why=why)])
    run.tell(Progress("endex", f"ENDEX ({why})"))


def _all_planted(run: Run, now: datetime) -> bool:
    far = now + run.length
    return not any(run.due(team, far) for team in run.ranges)
