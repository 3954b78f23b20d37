"""Databases, in as much of their protocol as a client wants to hear."""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from rangectl.model.topology import Expect, Login
from tests.checks.servers import Serve, check, served

LOGIN = Login(user="jreik", password="winter")  # noqa: S106 - nobody's


def frame(kind: bytes, content: bytes = b"") -> bytes:
    return kind + struct.pack(">L", len(content) + 4) + content


def text(value: bytes) -> bytes:
    return struct.pack(">L", len(value)) + value


READY = frame(b"Z", b"I")
WELCOME = frame(b"R", bytes(4)) + frame(b"S", b"client_encoding\0UTF8\0") + READY
REFUSED = frame(b"E", b"SFATAL\0C28P01\0Mpassword authentication failed\0\0")


def database(rows: Sequence[bytes], seen: list[bytes] | None = None) -> Serve:
    """Serve one table of one column, to whoever knows the password."""
    column = b"name\0" + struct.pack(">LHLHLH", 0, 0, 25, 65535, 0xFFFFFFFF, 0)
    table = frame(b"T", struct.pack(">H", 1) + column)
    table += b"".join(frame(b"D", struct.pack(">H", 1) + text(row)) for row in rows)
    done = frame(b"C", f"SELECT {len(rows)}\0".encode())

    def serve(link: socket.socket) -> None:
        hello = link.recv(4096)
        link.sendall(frame(b"R", struct.pack(">L", 3)))
        password = link.recv(4096)
        if b"winter" not in password:
            link.sendall(REFUSED)
            return
        link.sendall(WELCOME)
        asked = link.recv(4096)
        if seen is not None:
            seen.extend([hello, asked])
        answer = frame(b"1") + frame(b"2") if asked[:1] == b"P" else b""
        link.sendall(answer + table + done + READY)
        link.recv(4096)

    return serve


@pytest.mark.parametrize("expect", [Expect(), Expect(value="pump-7")])
def test_a_database_that_holds_the_wanted_is_up(expect: Expect) -> None:
    with served(database([b"valve-2", b"pump-7"])) as port:
        assert check("sql", port, expect, "select name from assets", login=LOGIN) is None


def test_a_database_that_lacks_it_is_down() -> None:
    with served(database([b"valve-2"])) as port:
        found = check("sql", port, Expect(value="pump-7"), "select 2", login=LOGIN)
    assert found == "'pump-7' is not in the 1 rows found"


def test_a_password_must_fit() -> None:
    with served(database([])) as port:
        found = check("sql", port, login=Login(user="jreik", password="x"))  # noqa: S106
    assert "password authentication failed" in (found or "")


def test_nothing_can_be_written_and_the_name_of_the_database_is_sent() -> None:
    seen: list[bytes] = []
    with served(database([b"1"], seen)) as port:
        check("sql", port, query="select 1", login=LOGIN, database="assets")
    assert b"database\0assets\0" in seen[0]
    assert b"default_transaction_read_only=on" in seen[0]
    assert b"select 1" in seen[1]


def test_where_the_environment_leads_a_client_does_not_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE", "PGPASSFILE"):
        monkeypatch.setenv(name, "nowhere")
    monkeypatch.delenv("PGSERVICE")
    with served(database([b"1"])) as port:
        assert check("sql", port, login=LOGIN) is None


def test_no_file_and_no_descriptor_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("long" * 30)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    before = len(list(Path("/proc/self/fd").iterdir()))
    with served(database([b"1"])) as port:
        assert check("sql", port, login=LOGIN) is None
    assert list(deep.iterdir()) == []
    assert len(list(Path("/proc/self/fd").iterdir())) == before
