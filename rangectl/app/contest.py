"""Exercises played by programs: the demo, and the proof that one is solvable and fair."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from rangectl.app.contain import Aim
from rangectl.app.down import down
from rangectl.app.edges import Edges
from rangectl.app.exercise import Material, Order, go_on, held
from rangectl.app.players import Player, launch, logs
from rangectl.app.run import Run
from rangectl.app.verify import IDLE, PLAYS, REFERENCE, Verdict, judge
from rangectl.model.events import Event
from rangectl.ports import EventLog
from rangectl.progress import Progress, Tell
from rangectl.scoring.board import Board, board, explain


@dataclass(frozen=True, slots=True)
class Contest:
    """A run whose teams play by themselves; unless `keep`, nothing of it is left afterwards."""

    name: str
    edges: Edges
    log: EventLog
    forget: Callable[[], None]
    aim: Aim
    tell: Tell
    program: Mapping[str, bytes]
    keep: bool


def verify(
    material: Material, contest: Contest, plays: Sequence[str] = PLAYS
) -> tuple[Verdict, ...]:
    """Play an exercise with one team of each play, and hold every score against its bound; where
    one is not kept, every reason of that score is told, and whether the machine was too slow.
    """
    slow = list[str]()

    def tell(progress: Progress) -> None:
        if progress.what == "slow":
            slow.append(progress.text)
        contest.tell(progress)

    heard = replace(contest, tell=tell)
    events = _play("exercise verify", material, heard, {play: play for play in plays})
    verdicts, played = tuple(_with_pace(one, slow) for one in judge(events)), board(events)
    for verdict in verdicts:
        if not verdict.kept:
            for reason in explain(played, verdict.play):
                contest.tell(Progress("reason", f"{verdict.play}: {reason}"))
    return verdicts


def _with_pace(verdict: Verdict, slow: Sequence[str]) -> Verdict:
    if verdict.kept or not slow:
        return verdict
    busy = f"the machine may have been too busy: {slow[-1]}"
    return replace(verdict, why=(*verdict.why, busy))


def demo(material: Material, contest: Contest) -> Board:
    """Play an exercise with a team that hunts and one that does nothing."""
    return board(_play("demo", material, contest, {"alder": REFERENCE, "birch": IDLE}))


def _play(
    doing: str, material: Material, contest: Contest, plays: Mapping[str, str]
) -> Sequence[Event]:
    players = {team: Player(play, contest.program) for team, play in plays.items()}

    def begin(run: Run) -> None:
        launch(run, players)

    order = Order(contest.name, tuple(plays), contest.aim, begin)
    with held(contest.edges, contest.name, doing):
        try:
            run = go_on(material, order, contest.edges, contest.log, contest.tell)
            for team, text in logs(run).items():
                for line in text.splitlines():
                    contest.tell(Progress("log", f"{team}: {line}"))
            return tuple(run.ledger.events)
        finally:
            if not contest.keep:
                gone = down(contest.edges, contest.name)
                contest.forget()
                contest.tell(
                    Progress("down", f"{gone.containers} containers removed, nothing left")
                )
