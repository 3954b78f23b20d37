"""What the log in a file promises beyond the contract: durability, history, and clear errors."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest

from rangectl.errors import EnvironmentUnfitError, RangeError
from rangectl.model.events import Event, ServiceChecked, Started
from rangectl.store.sqlite import FILE, SCHEMA, SqliteLog

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
BATCH = 50
WRITER = f"""
import sys
from datetime import UTC, datetime
from pathlib import Path
from rangectl.model.events import ServiceChecked
from rangectl.store.sqlite import SqliteLog
log = SqliteLog(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    event = ServiceChecked(at=datetime(2026, 5, 1, tzinfo=UTC), team="alder", host=sys.argv[3],
                           service=str(number), up=True)
    log.append([event] * {BATCH})
    print(number, flush=True)
"""


def writer(folder: Path, rounds: int, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", WRITER, str(folder), str(rounds), name],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def services(events: tuple[Event, ...], host: str) -> list[int]:
    return [int(e.service) for e in events if isinstance(e, ServiceChecked) and e.host == host]


def begun(folder: Path) -> Path:
    with SqliteLog(folder) as log:
        log.append([Started(at=NOW)])
    return folder / FILE


@pytest.mark.parametrize("acknowledged", [1, 7, 23])
def test_a_writer_killed_while_it_appends_leaves_whole_batches_and_all_it_was_promised(
    tmp_path: Path, acknowledged: int
) -> None:
    with writer(tmp_path, 10**6, "web01") as process:
        assert process.stdout is not None
        promised = [int(process.stdout.readline()) for _ in range(acknowledged)]
        process.kill()
    found = services(SqliteLog(tmp_path).read(), "web01")
    assert len(found) % BATCH == 0
    assert found[::BATCH] == list(range(len(found) // BATCH))
    assert found[-1] >= promised[-1]


def test_a_log_of_a_killed_writer_goes_on(tmp_path: Path) -> None:
    with writer(tmp_path, 10**6, "web01") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    log = SqliteLog(tmp_path)
    log.append([Started(at=NOW)])
    assert log.read()[-1] == Started(at=NOW)


def test_two_processes_write_at_once_and_lose_nothing(tmp_path: Path) -> None:
    with writer(tmp_path, 20, "one") as one, writer(tmp_path, 20, "two") as two:
        assert (one.wait(60), two.wait(60)) == (0, 0)
    events = SqliteLog(tmp_path).read()
    whole = [number for number in range(20) for _ in range(BATCH)]
    assert services(events, "one") == services(events, "two") == whole


def test_logs_begun_at_the_same_moment_are_one(tmp_path: Path) -> None:
    together = Barrier(4)

    def begin(folder: Path) -> None:
        together.wait()
        with SqliteLog(folder) as log:
            log.append([Started(at=NOW)])

    for number in range(25):
        folder = tmp_path / str(number)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(begin, [folder] * 4))
        assert SqliteLog(folder).read() == (Started(at=NOW),) * 4


def test_another_process_reads_what_an_open_log_wrote(tmp_path: Path) -> None:
    reader, log = SqliteLog(tmp_path), SqliteLog(tmp_path)
    assert reader.read() == ()
    log.append([Started(at=NOW)])
    assert reader.read() == (Started(at=NOW),)


def test_reading_a_run_that_is_not_there_makes_no_file(tmp_path: Path) -> None:
    assert SqliteLog(tmp_path / "no-run").read() == ()
    assert not (tmp_path / "no-run").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET body = '{}'",
        "DELETE FROM events",
        "INSERT INTO events VALUES (9, '{}')",
        "INSERT OR REPLACE INTO events VALUES (1, '{}')",
    ],
)
def test_history_cannot_be_changed(tmp_path: Path, statement: str) -> None:
    connection = sqlite3.connect(begun(tmp_path))
    with pytest.raises(sqlite3.DatabaseError, match="append-only"):
        connection.execute(statement)
    connection.close()


def test_a_file_of_a_newer_version_is_refused_with_a_way_out(tmp_path: Path) -> None:
    connection = sqlite3.connect(begun(tmp_path))
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    with pytest.raises(EnvironmentUnfitError, match="newer version") as caught:
        SqliteLog(tmp_path).read()
    assert caught.value.hint is not None
    assert "upgrade" in caught.value.hint


def test_a_file_that_is_no_database_is_called_damaged(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database at all" * 500)
    with pytest.raises(RangeError, match=r"run\.db: the event log is damaged") as caught:
        SqliteLog(tmp_path).read()
    assert ".recover" in str(caught.value.hint)


def test_a_file_with_a_torn_page_is_called_damaged(tmp_path: Path) -> None:
    with SqliteLog(tmp_path) as log:
        log.append([Started(at=NOW)] * 2000)
    path = tmp_path / FILE
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with pytest.raises(RangeError, match="damaged"):
        SqliteLog(tmp_path).read()


def test_an_event_that_cannot_be_read_is_named_by_its_number(tmp_path: Path) -> None:
    connection = sqlite3.connect(begun(tmp_path))
    connection.execute('INSERT INTO events VALUES (2, \'{"kind": "unheard-of"}\')')
    connection.commit()
    connection.close()
    with pytest.raises(RangeError, match="event 2 cannot be read"):
        SqliteLog(tmp_path).read()


def test_a_folder_that_cannot_be_written_is_an_unfit_environment(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(EnvironmentUnfitError, match="cannot be used"):
        SqliteLog(tmp_path).append([Started(at=NOW)])
