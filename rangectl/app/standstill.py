"""A run stands still, all hosts frozen and all clocks stopped, and goes on where it stopped."""

from __future__ import annotations

from rangectl.app.edges import Edges
from rangectl.app.plant import renew_leases
from rangectl.app.run import Run
from rangectl.model.events import Paused, Resumed
from rangectl.plan.containers import Seen
from rangectl.progress import Progress


def heed(run: Run) -> None:
    """Pause the run, or let it go on, where an instructor said so."""
    paused = run.ledger.paused is not None
    match run.ledger.halt:
        case "pause" if not paused:
            run.edges.errands.halt()
            run.rounds.clear()  # what is being checked now will not answer, and counts for nothing
            hosts = freeze(run.edges, run.name)
            run.ledger.add([Paused(at=run.edges.clock.now())])
            run.tell(Progress("paused", f"PAUSED: {hosts} hosts frozen, all clocks stand still"))
        case "resume" if paused:
            let_go(run)
            run.ledger.add([Resumed(at=run.edges.clock.now())])
            run.tell(Progress("resumed", "RESUMED: all clocks go on"))
        case _:
            pass


def freeze(edges: Edges, name: str) -> int:
    """Freeze every host of every range of that name; return how many stand still."""
    hosts = [one for one in edges.engine.seen(name) if may_freeze(one) and one.running]
    edges.stills.freeze([one.id for one in hosts if not one.frozen])
    return len(hosts)


def may_freeze(one: Seen) -> bool:
    """Leave out what runs nothing but a sleeper: switches and clients."""
    return one.kind not in {"switch", "client"}


def let_go(run: Run) -> None:
    """Let every host go on, with a lease that is fresh before anything could miss it."""
    renew_leases(run)
    run.edges.stills.thaw([one.id for one in run.edges.engine.seen(run.name) if one.frozen])
    run.failing.clear()
