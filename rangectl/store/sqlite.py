"""The event log of one run in an SQLite file, which survives whoever writes it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from rangectl.errors import EnvironmentUnfitError, RangeError
from rangectl.model.events import Event, event_adapter

FILE = "run.db"
SCHEMA = 1
_BUSY_SECONDS = 30.0
_REFUSE = "BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END"
_LAST = "SELECT COALESCE(MAX(number), 0) FROM events"
_TABLES = (
    "CREATE TABLE events (number INTEGER PRIMARY KEY, body TEXT NOT NULL)",
    f"CREATE TRIGGER no_update BEFORE UPDATE ON events {_REFUSE}",
    f"CREATE TRIGGER no_delete BEFORE DELETE ON events {_REFUSE}",
    f"CREATE TRIGGER no_gap BEFORE INSERT ON events WHEN NEW.number <> ({_LAST}) + 1 {_REFUSE}",
    f"PRAGMA user_version = {SCHEMA}",
)
_INSERT = "INSERT INTO events SELECT COALESCE(MAX(number), 0) + 1, ? FROM events"


class SqliteLog:
    """The log of the run kept in `folder`: durable, append-only, numbered from 1 without gaps.

    Any number of processes may read and write it at once. It is made by the first append, and may
    be used from several threads.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = RLock()
        self._open: sqlite3.Connection | None = None

    def append(self, events: Sequence[Event]) -> None:
        """Write events durably, in this order, all or none."""
        rows = [(event_adapter.dump_json(event).decode(),) for event in events]
        if not rows:
            return
        with self._connected(create=True) as connection, _transaction(connection):
            connection.executemany(_INSERT, rows)

    def read(self, after: int = 0) -> tuple[Event, ...]:
        """Return the events with a number above `after`; nothing where no log was begun."""
        if not self._path.exists():
            return ()
        with self._connected() as connection:
            rows = connection.execute(
                "SELECT number, body FROM events WHERE number > ? ORDER BY number", (after,)
            ).fetchall()
        return tuple(self._event(number, body) for number, body in rows)

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _connected(self, *, create: bool = False) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._open is None:
                    self._open = _connect(self._path, create=create)
                yield self._open
            except sqlite3.Error as error:
                self.close()
                raise _explained(self._path, error) from error

    def _event(self, number: int, body: str) -> Event:
        try:
            return event_adapter.validate_json(body)
        except ValidationError as error:
            raise _damaged(self._path, f"event {number} cannot be read") from error


def _connect(path: Path, *, create: bool) -> sqlite3.Connection:
    if create:
        path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make every commit reach the disk, and the tables where they lack."""
    connection.execute("PRAGMA synchronous = FULL")
    if _version(connection) == 0:
        _settle(connection)
    version = _version(connection)
    if version > SCHEMA:
        message = f"{path}: written by a newer version (schema {version}, this one knows {SCHEMA})"
        raise EnvironmentUnfitError(message, hint="upgrade, or read it with the version it is from")


def _settle(connection: sqlite3.Connection) -> None:
    _write_ahead(connection)
    with _transaction(connection):
        if _version(connection) == 0:
            for statement in _TABLES:
                connection.execute(statement)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Use WAL; SQLite itself does not wait for another process that is changing to it too."""
    end = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the only right to write from the first statement on, so that numbers never clash."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _explained(path: Path, error: sqlite3.Error) -> RangeError:
    if not isinstance(error, sqlite3.OperationalError) or "malformed" in str(error):
        return _damaged(path, str(error))
    text = f"{path}: the event log cannot be used: {error}"
    if "locked" in str(error) or "busy" in str(error):
        return RangeError(text, hint="another process holds it; try again when that has ended")
    return EnvironmentUnfitError(text, hint="see that the disk has room and the folder is yours")


def _damaged(path: Path, what: str) -> RangeError:
    return RangeError(
        f"{path}: the event log is damaged: {what}",
        hint=f"put {path.name} back from a copy, or move it away and save what is left of it with"
        f" `sqlite3 {path.name} .recover`",
    )
