"""A director that is killed at any moment: the next one goes on from the log alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from rangectl.app.reset import reset
from rangectl.errors import UsageError
from rangectl.model.events import Answered, Ended, Event, Observed, Planted, Rebuilt, Submitted
from rangectl.model.exercise import Scoring
from rangectl.store.memory import MemoryLog
from tests.app.hunter import Piece
from tests.app.play import SHORT, Killed, Play
from tests.app.test_desk import KEY, finding

SEAT: Piece = {"kind": "request", "action": "partner-seat"}
REBUILD: Piece = {"kind": "request", "action": "rebuild", "host": "ns01"}


class MortalLog(MemoryLog):
    """Its process is killed at one of its writes: before it, or after."""

    def __init__(self, write: int, *, after: bool) -> None:
        super().__init__()
        self._left = write
        self._after = after

    def append(self, events: Sequence[Event]) -> None:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise Killed
        super().append(events)
        if self._left == 0:
            raise Killed


def kill() -> None:
    raise Killed


def interrupted(play: Play) -> Play:
    with pytest.raises(Killed):
        play.start()
    play.start()
    return play


class Sender:
    """Hands in a finding and two requests, once, whoever directs."""

    def __init__(self, play: Play) -> None:
        self._kit = play.kit()
        self._from = play.world.clock.now() + timedelta(seconds=80)
        play.world.clock.alarms.append(self)

    def __call__(self, now: datetime) -> None:
        if now >= self._from and self._kit.sent == 0:
            for piece in (finding(), SEAT, REBUILD):
                self._kit.hand_in(piece)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", range(1, 16))
def test_a_run_killed_at_any_write_ends_as_if_nothing_had_been(write: int, *, after: bool) -> None:
    play = Play(("alder",), SHORT, log=MortalLog(write, after=after))
    Sender(play)
    interrupted(play)
    assert set(Counter(event.artefact.id for event in play.of(Planted)).values()) == {1}
    assert [event.id for event in play.of(Submitted)] == ["0001", "0002", "0003"]
    assert [event.request for event in play.of(Answered)] == ["0002", "0003"]
    assert [event.host for event in play.of(Rebuilt) if event.by == "partner"] == ["ns01"]
    assert KEY in play.kit().files
    assert len(play.of(Ended)) == 1


def test_a_run_killed_in_its_midst_goes_on_with_its_clock() -> None:
    play = Play(("alder", "birch"), SHORT)
    play.at(40, kill)
    interrupted(play)
    (ended,) = play.of(Ended)
    assert (ended.at - play.started).total_seconds() == 90
    assert len(play.of(Planted)) == len({(e.team, e.artefact.id) for e in play.of(Planted)})
    assert [event for event in play.of(Observed) if not event.present] == []


def test_a_host_that_was_reset_while_nobody_directed_is_planted_again() -> None:
    play = Play(("alder",), SHORT)
    play.at(40, kill)
    with pytest.raises(Killed):
        play.start()
    reset(play.world.edges, "first-light/alder", ["web01"])
    play.start()
    assert [(event.host, event.by) for event in play.of(Rebuilt)] == [("web01", "instructor")]
    assert [event for event in play.of(Observed) if not event.present] == []


def test_a_host_that_went_while_nobody_directed_comes_back_and_is_planted_again() -> None:
    play = Play(("alder",), SHORT)
    play.at(40, kill)
    with pytest.raises(Killed):
        play.start()
    play.world.remove("web01")
    play.start()
    assert [event.host for event in play.of(Rebuilt)] == ["web01"]
    assert [event for event in play.of(Observed) if not event.present] == []


def test_other_teams_cannot_go_on_with_a_run() -> None:
    play = Play(("alder",), SHORT)
    play.at(40, kill)
    with pytest.raises(Killed):
        play.start()
    play.teams = ("alder", "birch")
    with pytest.raises(UsageError, match="was begun with the teams alder"):
        play.start()


@pytest.mark.parametrize(
    "change", [{"seed": 8}, {"name": "other"}, {"scoring": Scoring(hold=timedelta(seconds=600))}]
)
def test_another_exercise_cannot_go_on_with_a_run(change: dict[str, object]) -> None:
    play = Play(("alder",), SHORT)
    play.at(40, kill)
    with pytest.raises(Killed):
        play.start()
    with pytest.raises(UsageError, match="was begun with another exercise"):
        play.start(SHORT.model_copy(update=change))
