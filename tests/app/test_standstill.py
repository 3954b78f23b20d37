"""An exercise paused as a whole, and let go on where it stopped."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from rangectl.app.control import pause, resume
from rangectl.app.standstill import freeze, heed
from rangectl.errors import RangeError, UsageError
from rangectl.model.events import Ended, Halt, Injected, Observed, Paused, Planted, Resumed
from rangectl.model.injects import Timed
from tests.app.play import SHORT, Killed, Once, Play

PATIENT = 5000


def asks(play: Play, do: str) -> None:
    now = play.world.clock.now()
    play.log.append([Halt.model_validate({"at": now, "do": do})])


def halted(play: Play, second: int = 40, until: int = PATIENT) -> Play:
    play.at(second, lambda: asks(play, "pause"))
    play.at(until, lambda: asks(play, "resume"))
    return play


def frozen(play: Play) -> int:
    return sum(one.frozen for one in play.world.engine.seen())


def test_a_run_that_is_paused_ends_as_much_later() -> None:
    play = halted(Play(("alder", "birch"), SHORT))
    play.start()
    (paused,), (resumed,), (ended,) = play.of(Paused), play.of(Resumed), play.of(Ended)
    assert resumed.at - paused.at > timedelta(seconds=4900)
    assert (ended.at - play.started) - (resumed.at - paused.at) == timedelta(seconds=90)
    assert frozen(play) == 0


def test_nothing_moves_in_a_pause_and_nothing_is_recorded() -> None:
    play = halted(Play(("alder",), SHORT))
    seen: list[int] = []
    play.at(60, lambda: seen.append(frozen(play)))
    play.start()
    (paused,), (resumed,) = play.of(Paused), play.of(Resumed)
    between = [one for one in play.events if paused.at < one.at < resumed.at]
    assert between == []
    assert seen == [8]
    assert play.world.errands.halts == 2


def test_a_long_pause_takes_nothing_away_and_leases_are_fresh_after_it() -> None:
    play = halted(Play(("alder",), SHORT))
    lasting: list[float] = []
    play.at(
        PATIENT + 3,
        lambda: lasting.append(play.lease("web01") - play.world.clock.now().timestamp()),
    )
    play.start()
    assert [one for one in play.of(Observed) if not one.present] == []
    assert lasting[0] > 500
    assert set(Counter(one.artefact.id for one in play.of(Planted)).values()) == {1}


def test_checks_that_are_under_way_when_it_pauses_count_for_nothing() -> None:
    play = Play(("alder",), SHORT)
    run = play.start()
    assert run.rounds
    asks(play, "pause")
    run.ledger.refresh()
    heed(run)
    assert run.rounds == {}


def test_injects_wait_for_the_end_of_a_pause() -> None:
    msel = (Timed(at=timedelta(minutes=10), inject="slow-server"),)
    play = halted(Play(("alder",), SHORT.model_copy(update={"msel": msel})))
    play.start()
    (sent,), (resumed,) = play.of(Injected), play.of(Resumed)
    assert timedelta(0) < sent.at - resumed.at <= timedelta(seconds=25)


def test_a_director_that_is_killed_in_a_pause_leaves_it_to_the_next() -> None:
    play = halted(Play(("alder",), SHORT))

    def kill() -> None:
        raise Killed

    play.at(60, kill)
    with pytest.raises(Killed):
        play.start()
    assert frozen(play) == 8
    play.start()
    (paused,), (resumed,), (ended,) = play.of(Paused), play.of(Resumed), play.of(Ended)
    assert (ended.at - play.started) - (resumed.at - paused.at) == timedelta(seconds=90)
    assert [one for one in play.of(Observed) if not one.present] == []


def test_a_director_that_is_killed_between_freezing_and_saying_so_pauses_again() -> None:
    play = halted(Play(("alder",), SHORT))

    def kill() -> None:
        asks(play, "pause")
        freeze(play.world.edges, "first-light")
        raise Killed

    play.scripts.clear()
    play.at(40, kill)
    play.at(100, lambda: asks(play, "resume"))
    with pytest.raises(Killed):
        play.start()
    play.start()
    assert len(play.of(Paused)) == len(play.of(Resumed)) == 1


def test_an_end_in_a_pause_leaves_hosts_that_move() -> None:
    play = Play(("alder",), SHORT)
    play.at(40, lambda: asks(play, "pause"))
    play.at(60, lambda: play.log.append([Ended(at=play.world.clock.now(), why="stopped")]))
    play.start()
    assert frozen(play) == 0
    assert play.of(Resumed) == []


def test_what_is_paused_is_not_paused_again_and_what_moves_is_not_resumed() -> None:
    play = halted(Play(("alder",), SHORT))
    refused: list[str] = []

    def ask(how: str) -> None:
        do = pause if how == "pause" else resume
        with pytest.raises(UsageError) as caught:
            do(play.world.edges, play.log, "first-light")
        refused.append(str(caught.value))

    play.at(30, lambda: ask("resume"))
    play.at(60, lambda: ask("pause"))
    play.start()
    assert refused[0] == "first-light is not paused"
    assert refused[1].startswith("first-light is paused already, since ")


def test_a_run_nobody_directs_is_frozen_at_once_and_goes_on_only_with_a_director() -> None:
    play = Play(("alder",), SHORT)

    def kill() -> None:
        raise Killed

    play.at(40, kill)
    with pytest.raises(Killed):
        play.start()
    pause(play.world.edges, play.log, "first-light")
    assert frozen(play) == 8
    with pytest.raises(UsageError, match="nobody directs first-light"):
        resume(play.world.edges, play.log, "first-light")
    later = Once(4000, lambda: asks(play, "resume"), play.started)
    play.world.clock.alarms.append(later)
    play.start()
    assert len(play.of(Resumed)) == 1


def test_who_directs_pauses_the_run_and_is_waited_for() -> None:
    play = Play(("alder",), SHORT)
    play.at(5, lambda: play.log.append([Ended(at=play.world.clock.now(), why="stopped")]))
    begun = [one for one in play.start().ledger.events if one.kind != "ended"]
    other = Play(("alder",), SHORT)
    other.log.append(begun)

    def answer(_: object) -> None:
        if any(isinstance(one, Halt) for one in other.events) and not other.of(Paused):
            other.log.append([Paused(at=other.world.clock.now())])

    with other.world.edges.hold("run first-light", "exercise start"):
        with pytest.raises(RangeError, match="its director does not answer"):
            pause(other.world.edges, other.log, "first-light")
        other.world.clock.alarms.append(answer)
        pause(other.world.edges, other.log, "first-light")
    assert len(other.of(Paused)) == 1


def test_a_run_that_has_not_begun_or_is_over_cannot_be_paused() -> None:
    play = Play(("alder",), SHORT)
    with pytest.raises(UsageError, match="has not begun"):
        pause(play.world.edges, play.log, "first-light")
    play.start()
    with pytest.raises(UsageError, match="this run is over"):
        pause(play.world.edges, play.log, "first-light")
