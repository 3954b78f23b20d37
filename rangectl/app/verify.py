"""Playing an exercise with four teams at once: it must be solvable, and not to be gamed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rangectl.scoring.board import Board

REFERENCE, IDLE, EVERYTHING, REBUILD = "reference", "idle", "everything", "rebuild"
PLAYS = (REFERENCE, IDLE, EVERYTHING, REBUILD)
SOLVED = 95.0
NOTHING = 5.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one play scored, the bound it had to keep, and whether it did."""

    play: str
    score: float
    bound: str
    kept: bool


def judge(board: Board, plays: Mapping[str, str]) -> tuple[Verdict, ...]:
    """Hold every team's score against the bound of its play; `plays` is team → play."""
    scores = {play: board.score(team) for team, play in plays.items()}
    reference = scores.get(REFERENCE, 0.0)
    return tuple(_verdict(play, score, reference) for play, score in scores.items())


def _verdict(play: str, score: float, reference: float) -> Verdict:
    if play == REFERENCE:
        return Verdict(play, score, f"at least {SOLVED:g}", score >= SOLVED)
    if play == IDLE:
        return Verdict(play, score, f"at most {NOTHING:g}", score <= NOTHING)
    half = reference / 2
    return Verdict(play, score, f"under {half:.1f}, half of the reference", score < half)
