"""Services are checked beside all else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rangectl.errors import RangeError
from rangectl.model.events import Ended, ServiceChecked, Submitted
from rangectl.scoring.board import explain
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


def test_who_answers_late_because_all_have_too_much_to_do_is_not_down() -> None:
    play = Play(("alder",), SHORT)
    play.at(10, lambda: play.world.checker.slow.update(intranet=15.0))
    play.start()
    assert all(event.up for event in play.of(ServiceChecked))


def test_why_a_service_did_not_count_as_up_is_on_record() -> None:
    play = Play(("alder",), SHORT)
    play.at(10, lambda: play.world.checker.slow.update(intranet=60.0))
    play.start()
    missed = [event for event in play.of(ServiceChecked) if not event.up]
    assert {(event.service, event.why, event.excused) for event in missed} == {
        ("intranet", "no answer", False)
    }


def mute(play: Play, *, yes: bool) -> None:
    play.world.checker.mute = yes


def test_a_question_that_could_not_be_put_costs_nobody() -> None:
    play = Play(("alder",), SHORT)
    play.at(20, lambda: mute(play, yes=True))
    play.at(50, lambda: mute(play, yes=False))
    play.start()
    missed = [event for event in play.of(ServiceChecked) if not event.up]
    assert {(event.why, event.excused) for event in missed} == {
        ("the node agent does not answer", True)
    }
    told = "\n".join(explain(play.board(), "alder"))
    assert f"0 missed, {len(missed)} excused" in told


@dataclass
class Broken:
    """Work that fails as a whole, once, and when it is asked again, too."""

    failing: int = 1

    def __call__(self, work: Callable[[], Any]) -> Callable[[], Any]:
        self.failing -= 1
        if self.failing < 0:
            return work

        def ask() -> object:
            message = "its client is gone"
            raise RangeError(message)

        return ask


def test_a_round_that_failed_as_a_whole_is_followed_by_another() -> None:
    play = Play(("alder",), SHORT)
    play.world.beside = Broken()
    play.start()
    assert [one.text for one in play.world.said if "its client is gone" in one.text] == [
        "tried again soon: its client is gone"
    ]
    assert checks(play, "alder") >= 8
