"""Playing an exercise with four teams at once: it must be solvable, and not to be gamed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rangectl.model.events import Event
from rangectl.scoring.board import Board, board
from rangectl.scoring.shortfall import shortfalls, windfalls

REFERENCE, IDLE, EVERYTHING, REBUILD = "reference", "idle", "everything", "rebuild"
PLAYS = (REFERENCE, IDLE, EVERYTHING, REBUILD)
SOLVED = 95.0
NOTHING = 5.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one play scored, the bound it had to keep, whether it did, and why not."""

    play: str
    score: float
    bound: str
    kept: bool
    why: tuple[str, ...] = ()


def judge(events: Sequence[Event]) -> tuple[Verdict, ...]:
    """Hold the score of every play, each the team of its name, against its bound. Where the
    reference did not play, the others are held against the least that it must reach.
    """
    played = board(events)
    plays = {team.name: team.score.score for team in played.teams}
    reference = plays.get(REFERENCE, SOLVED)
    verdicts = (_verdict(play, score, reference) for play, score in plays.items())
    return tuple(
        one if one.kept else replace(one, why=_why(one, played, events)) for one in verdicts
    )


def _why(verdict: Verdict, played: Board, events: Sequence[Event]) -> tuple[str, ...]:
    if verdict.play == REFERENCE:
        return shortfalls(played, events, REFERENCE)
    return windfalls(played, verdict.play)


def _verdict(play: str, score: float, reference: float) -> Verdict:
    if play == REFERENCE:
        return Verdict(play, score, f"at least {SOLVED:g}", score >= SOLVED)
    if play == IDLE:
        return Verdict(play, score, f"at most {NOTHING:g}", score <= NOTHING)
    half = reference / 2
    return Verdict(play, score, f"under {half:.1f}, half of the reference", score < half)
