"""Databases that answer a statement."""

from __future__ import annotations

import os
import select
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from rangectl.checks.links import BUDGET, TooMuchError, said
from rangectl.model.topology import Login, Service

_ROWS = 100
_PART = 16 << 10
_SOCKET = ".s.PGSQL.5432"


def check_sql(link: socket.socket, _: str, service: Service) -> str | None:
    """Log in, let the server answer a statement that reads, and look into the first rows."""
    if service.login is None:
        return "nobody to log in as"
    try:
        with connected(link, service.login, service.database) as database:
            rows = database.execute((service.query or "select 1").encode()).fetchmany(_ROWS)
    except psycopg.Error as error:
        return f"no SQL answer: {said(error)}"
    wanted = service.expect.value
    if wanted is not None and not any(wanted in str(cell) for row in rows for cell in row):
        return f"{wanted!r} is not in the {len(rows)} rows found"
    return None


@contextmanager
def connected(
    link: socket.socket, login: Login, database: str | None
) -> Iterator[psycopg.Connection]:
    """Log in over a link; nothing can be written.

    The library opens its sockets itself: it is given one in a folder that nobody else can enter.
    """
    with tempfile.TemporaryDirectory() as name, socket.socket(socket.AF_UNIX) as door:
        folder = os.open(name, os.O_PATH | os.O_DIRECTORY)
        pump = threading.Thread(target=_relay, args=(door, link), daemon=True, name="sql")
        try:
            # By its descriptor, for the names of sockets must be short.
            here = f"/proc/self/fd/{folder}"
            door.bind(f"{here}/{_SOCKET}")
            door.listen(1)
            pump.start()
            with _session(here, login, database, link.gettimeout() or 1) as session:
                yield session
        finally:
            os.close(folder)
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
            with suppress(OSError):
                door.shutdown(socket.SHUT_RDWR)
            pump.join()


def _session(folder: str, login: Login, database: str | None, seconds: float) -> psycopg.Connection:
    return psycopg.connect(
        autocommit=True,
        host=folder,
        hostaddr="",
        port=5432,
        user=login.user,
        password=login.password or "",
        passfile=str(Path(os.devnull)),
        dbname=database or login.user,
        connect_timeout=max(2, int(seconds)),
        sslmode="disable",
        gssencmode="disable",
        options="-c default_transaction_read_only=on",
        application_name="psql",
    )


def _relay(door: socket.socket, link: socket.socket) -> None:
    """Carry bytes both ways until one side is done, or the server announces too much."""
    frames = _Frames()
    with suppress(OSError):
        near, _ = door.accept()
        with near:
            while True:
                ready, _, _ = select.select([near, link], [], [])
                for one in ready:
                    data = one.recv(_PART)
                    if not data:
                        return
                    if one is link:
                        frames.look(data)
                    (near if one is link else link).sendall(data)


class _Frames:
    """Watches the lengths that a server announces: the library would make room for all of it."""

    def __init__(self) -> None:
        self._head = b""
        self._body = 0

    def look(self, data: bytes) -> None:
        """Follow what comes; TooMuchError when a message is larger than the budget."""
        while data:
            if self._body:
                skipped = min(self._body, len(data))
                self._body -= skipped
                data = data[skipped:]
                continue
            lacking = 5 - len(self._head)
            self._head += data[:lacking]
            data = data[lacking:]
            if len(self._head) == 5:
                self._body = struct.unpack(">xL", self._head)[0] - 4
                self._head = b""
                if not 0 <= self._body <= BUDGET:
                    raise TooMuchError
