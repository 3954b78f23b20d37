"""What every event log promises, whatever keeps it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from rangectl.model.events import Event, RunCreated, ServiceChecked, Started, Submitted
from rangectl.model.finding import Finding, LineEvidence
from rangectl.ports import EventLog
from rangectl.store.memory import MemoryLog
from rangectl.store.sqlite import SqliteLog

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
LOGS: dict[str, Callable[[Path], EventLog]] = {"memory": lambda _: MemoryLog(), "file": SqliteLog}


def check(number: int) -> Event:
    return ServiceChecked(at=NOW, team="alder", host=f"h{number}", service="www", up=True)


@pytest.fixture(params=LOGS)
def log(request: pytest.FixtureRequest, tmp_path: Path) -> EventLog:
    return LOGS[request.param](tmp_path / "a-run")


class TestEventLog:
    def test_a_log_begins_empty(self, log: EventLog) -> None:
        assert log.read() == ()

    def test_what_was_appended_is_read_in_order(self, log: EventLog) -> None:
        log.append([check(1), check(2)])
        log.append([check(3)])
        assert log.read() == (check(1), check(2), check(3))

    def test_reading_after_a_number_leaves_out_that_many(self, log: EventLog) -> None:
        log.append([check(1), check(2), check(3)])
        assert log.read(after=2) == (check(3),)

    def test_reading_after_the_last_number_gives_nothing(self, log: EventLog) -> None:
        log.append([check(1)])
        assert log.read(after=1) == ()

    def test_appending_nothing_changes_nothing(self, log: EventLog) -> None:
        log.append([])
        assert log.read() == ()

    def test_an_event_comes_back_equal_with_all_it_holds(self, log: EventLog) -> None:
        line = LineEvidence(path="/etc/cron.d/ü", line="* * * * * \t'; DROP TABLE events; --\x07")
        finding = Finding(host="web01", evidence=(line,), note="\u202e\U0001f4a3")
        event = Submitted(at=NOW, team="alder", id="1", submission=finding, checks=(True,))
        log.append([event])
        assert log.read() == (event,)

    def test_durations_come_back_equal(self, log: EventLog) -> None:
        event = RunCreated(
            at=NOW,
            run="r",
            exercise="e",
            teams=("alder",),
            seed=1,
            length=timedelta(minutes=90),
            compression=7.5,
            hold=timedelta(seconds=150.5),
        )
        log.append([event])
        assert log.read() == (event,)

    def test_moments_keep_their_instant_to_the_microsecond(self, log: EventLog) -> None:
        event = Started(at=NOW.replace(microsecond=123457).astimezone(timezone(timedelta(hours=5))))
        log.append([event])
        assert log.read()[0].at == event.at

    def test_several_threads_append_without_loss_and_keep_batches_whole(
        self, log: EventLog
    ) -> None:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: log.append([check(n)] * 3), range(40)))
        hosts = [event.host for event in log.read() if isinstance(event, ServiceChecked)]
        assert sorted(hosts[::3]) == sorted(f"h{n}" for n in range(40))
        assert hosts[::3] == hosts[1::3] == hosts[2::3]
