"""Checks of all kinds at once, against servers that mean no good."""

from __future__ import annotations

import itertools
import random
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import get_args

import pytest

from rangectl.checks import sockets
from rangectl.model.topology import CheckKind, Expect, Login
from tests.checks.servers import check, served

KINDS: tuple[CheckKind, ...] = get_args(CheckKind)
STREAMS = tuple(kind for kind in KINDS if kind not in {"dns", "snmp"})
SECONDS = 1.5
LOGIN = Login(user="jreik", password="winter")  # noqa: S106 - nobody's
WANTED: dict[str, Expect] = {
    "tcp": Expect(banner="ready"),
    "imap": Expect(mailbox="INBOX"),
    "smb": Expect(share="public"),
    "modbus": Expect(registers={0: 1}),
}
FIRST: dict[str, bytes] = {
    "http": b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\nX-Long: ",
    "smtp": b"220-",
    "imap": b"* OK ",
    "ssh": b"SSH-2.0-",
    "ldap": b"\x30\x84\x7f\xff\xff\xff\x02\x01\x01\x61",
    "smb": b"\x00\xff\xff\xff\xfeSMB",
    "sql": b"R\x7f\xff\xff\xff",
    "modbus": b"\x00\x01\x00\x00\xff\xff\x01\x03",
    "dicom": b"\x02\x00\x7f\xff\xff\xff",
    "iec104": b"\x68\xff",
    "tcp": b"220 ",
}
"""How each protocol begins, with a length that is a lie where there is one."""
BAD: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "sends byte after byte": lambda first: (bytes([b]) for b in first + b"x" * 10_000),
    "never ends": lambda first: itertools.chain([first], itertools.repeat(b"\x00" * 65536)),
    "never ends a line": lambda first: itertools.chain([first], itertools.repeat(b"x" * 65536)),
    "says line after line": lambda first: itertools.repeat((first[:4] + b"x\r\n") * 1000),
    "talks rubbish": lambda _: iter([random.Random(7).randbytes(5000)]),  # noqa: S311 - a seed
    "hangs up midway": lambda first: iter([first[:5]]),
    "hangs up at once": lambda _: iter([]),
}


def says(parts: Callable[[], Iterator[bytes]], *, slow: bool) -> Callable[[socket.socket], None]:
    def serve(link: socket.socket) -> None:
        with suppress(OSError):
            for part in parts():
                link.sendall(part)
                time.sleep(0.05 if slow else 0)

    return serve


def most_memory() -> int:
    """Return the most memory that this process held since it was asked last, in MiB."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return int(line.split()[1]) >> 10


def ask(kind: CheckKind, port: int) -> str | None:
    login = LOGIN if kind in {"imap", "ldap", "smb", "sql"} else None
    return check(kind, port, WANTED.get(kind), login=login)


def warm_up() -> None:
    """Load the libraries of all kinds."""
    with served(lambda _: None) as port:
        for kind in KINDS:
            ask(kind, port)


@pytest.mark.parametrize("habit", BAD)
def test_ten_checks_of_a_server_that(habit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "_PATIENCE", 0.2)
    warm_up()
    monkeypatch.setattr(sockets, "_PATIENCE", SECONDS)
    most_memory()
    before, began = most_memory(), time.monotonic()
    with ExitStack() as stack, ThreadPoolExecutor(len(STREAMS)) as pool:
        ports = {
            kind: stack.enter_context(
                served(
                    says(
                        lambda kind=kind: BAD[habit](FIRST[kind]),  # type: ignore[misc]
                        slow=habit == "sends byte after byte",
                    )
                )
            )
            for kind in STREAMS
        }
        found = dict(zip(STREAMS, pool.map(ask, STREAMS, ports.values()), strict=True))
        spent = time.monotonic() - began
    assert [kind for kind, wrong in found.items() if wrong is None] == []
    assert [wrong for wrong in found.values() if not (wrong or "").isprintable()] == []
    assert spent < SECONDS + 2.5
    assert most_memory() - before < 150


@pytest.mark.parametrize("kind", ["dns", "snmp"])
@pytest.mark.parametrize("size", [0, 1, 12, 600, 4096])
def test_a_datagram_of_rubbish_is_no_answer(
    kind: CheckKind, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "_PATIENCE", SECONDS)

    def serve(link: socket.socket) -> None:
        _, sender = link.recvfrom(4096)
        link.sendto(random.Random(size).randbytes(size), sender)  # noqa: S311 - a seed

    with served(serve, socket.SOCK_DGRAM) as port:
        found = check(kind, port, query="web01" if kind == "dns" else None)
    assert found in {"no DNS answer that fits", "no SNMP answer that fits"}


def test_what_speaks_no_tls_is_down() -> None:
    with served(says(lambda: iter([b"220 mail01\r\n"]), slow=False)) as port:
        assert "makes no sense" in (check("smtp", port, tls=True) or "")
