"""Services are checked beside all else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rangectl.model.events import Ended, ServiceChecked, Submitted
from tests.app.play import SHORT, Play


@dataclass
class Slow:
    """Work of the first caller ends so many seconds after it began, of all others at once."""

    play: Play
    seconds: float
    rounds: int = 0
    began: list[int] = field(default_factory=list)

    def __call__(self, work: Callable[[], Any]) -> Callable[[], Any]:
        number, self.rounds = self.rounds, self.rounds + 1
        begin, result = self.play.world.clock.now(), work()
        late = number == 0 or any(one.team == "alder" for one in result)
        delay = self.seconds if late else 0.0

        def ask() -> object:
            spent = (self.play.world.clock.now() - begin).total_seconds()
            return result if spent >= delay else None

        return ask


def slow(seconds: float) -> Play:
    play = Play(("alder", "birch"), SHORT)
    play.world.beside = Slow(play, seconds)
    return play


def checks(play: Play, team: str) -> int:
    return len({event.at for event in play.of(ServiceChecked) if event.team == team})


def test_a_team_whose_services_let_every_check_hang_delays_no_other() -> None:
    play = slow(40)
    birch = play.kit("birch")
    play.at(5, lambda: birch.hand_in({"kind": "request", "action": "partner-seat"}))
    play.start()
    assert checks(play, "birch") >= 8
    assert checks(play, "alder") == 2
    (seat,) = play.of(Submitted)
    assert (seat.at - play.started).total_seconds() <= 7


def test_checks_that_never_end_end_no_run() -> None:
    play = slow(10_000)
    play.start()
    assert checks(play, "alder") == 0
    assert [event.why for event in play.of(Ended)] == ["time"]
