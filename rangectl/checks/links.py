"""Sockets to servers that may be hostile: what they send is counted, and time runs out."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

BUDGET = 1 << 20
"""How many bytes a server may send in one conversation."""

_PART = 64 << 10


class TooMuchError(OSError):
    """A server sent more than anybody asked for."""

    def __init__(self) -> None:
        super().__init__(f"more than {BUDGET >> 20} MiB")


class _Meter:
    """Counts what a server sends."""

    def __init__(self) -> None:
        self._left = BUDGET

    def count(self, size: int) -> None:
        """Take note of bytes that came; TooMuchError when they were too many."""
        self._left -= size
        if self._left < 0:
            raise TooMuchError


class Link(socket.socket):
    """A connected socket that ends in `TooMuchError` when its server sends without end."""

    def __init__(self, fileno: int) -> None:
        super().__init__(fileno=fileno)
        self._meter = _Meter()
        # TLS takes the descriptor away from its socket; a second one hangs up all the same.
        self._again = socket.socket(fileno=os.dup(fileno))

    def hang_up(self) -> None:
        """End the conversation at once, from any thread."""
        with suppress(OSError):
            self._again.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Hang up for good; `close` waits for files that were made of the socket, as ever."""
        self.hang_up()
        self._again.close()
        self.close()

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """Receive at most a part of what is asked for."""
        data = super().recv(min(bufsize, _PART), flags)
        self._meter.count(len(data))
        return data

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:  # noqa: ANN401 - as in the library
        """Receive into a buffer."""
        size = super().recv_into(buffer, nbytes, flags)
        self._meter.count(size)
        return size


class _Tls(ssl.SSLSocket):
    """The same for a conversation that is encrypted."""

    def read(self, len: int = 1024, buffer: Any = None) -> Any:  # noqa: A002, ANN401 - as in the library
        """Read, and count."""
        meter: _Meter = self.__dict__.setdefault("meter", _Meter())
        most = len if buffer is not None else min(len, _PART)
        data = cast("bytes | int", super().read(most, buffer))
        meter.count(_size(data))
        return data


def _size(data: bytes | int) -> int:
    return data if isinstance(data, int) else len(data)


def unverified() -> ssl.SSLContext:
    """Return how to encrypt: whose certificate it is nobody asks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.sslsocket_class = _Tls
    return context


def encrypted(link: socket.socket, name: str) -> socket.socket:
    """Return a link on which everything is encrypted."""
    return unverified().wrap_socket(link, server_hostname=name)


@contextmanager
def guarded(dialled: socket.socket, seconds: float) -> Iterator[tuple[Link, threading.Event]]:
    """Hang up when time is over, whatever the server keeps sending, and tell of it."""
    link, late = Link(dialled.detach()), threading.Event()
    link.settimeout(seconds)

    def hang_up() -> None:
        late.set()
        link.hang_up()

    timer = threading.Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield link, late
    finally:
        timer.cancel()
        link.end()


def said(error: BaseException) -> str:
    """Return an error's words; a server's in them must not steer the terminal they end up on."""
    match error.args:
        case (bytes() as words,):
            return plain(words)
        case _:
            return plain(str(error) or type(error).__name__)


def plain(words: str | bytes) -> str:
    """Return a server's words, not too many of them, as what any terminal can show."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    shown = (c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:200])
    return "".join(shown).strip()
