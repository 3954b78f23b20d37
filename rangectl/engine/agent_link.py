"""The JSON-lines conversation with a node agent: requests in flight, and relayed connections."""

from __future__ import annotations

import base64
import json
import queue
import select
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Protocol

Json = dict[str, Any]
_WINDOW = 256 << 10
_WATCH_SECONDS = 0.5
SLACK = 10.0
"""How much longer than a connection itself may take one waits for an agent to say how it went."""


class LostError(Exception):
    """The conversation ended before the answer came."""


class RefusedError(Exception):
    """The agent answered that it cannot."""


class Channel(Protocol):
    """Bytes both ways."""

    def send(self, data: bytes) -> None:
        """Send all bytes; raise OSError when the other end is gone."""

    def receive(self) -> Iterator[bytes]:
        """Yield what arrives until the other end is gone."""

    def alive(self) -> bool:
        """Whether the other end still runs; a dead one does not always end the bytes."""

    def close(self) -> None:
        """Hang up."""


class Link:
    """One conversation; safe to use from many threads."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._sending = threading.Lock()
        self._lock = threading.Lock()
        self._number = 0
        self._waiting: dict[int, Future[Any]] = {}
        self._streams: dict[int, _Stream] = {}
        self.lost = False
        self._ended = threading.Event()
        threading.Thread(target=self._read, daemon=True, name="node-link").start()
        threading.Thread(target=self._watch, daemon=True, name="node-watch").start()

    def start(self, verb: str, **arguments: object) -> Future[Any]:
        """Send a request; the future holds the answer, or raises LostError or RefusedError."""
        return self._start(verb, arguments)[1]

    def _start(
        self, verb: str, arguments: dict[str, Any], stream: _Stream | None = None
    ) -> tuple[int, Future[Any]]:
        future: Future[Any] = Future()
        with self._lock:
            if self.lost:
                raise LostError
            self._number += 1
            number = self._number
            self._waiting[number] = future
            if stream is not None:
                self._streams[number] = stream
        self._send({"id": number, "verb": verb, **arguments})
        return number, future

    def _send(self, message: Json) -> None:
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        try:
            with self._sending:
                self._channel.send(line)
        except OSError as error:
            self._lose()
            raise LostError from error

    def dial(self, timeout: float, **arguments: object) -> socket.socket:
        """Open a connection on the agent's side; return a socket that is connected to it.
        TimeoutError when the agent does not say in time whether it could.
        """
        datagrams = arguments["proto"] == "udp"
        kind = socket.SOCK_SEQPACKET if datagrams else socket.SOCK_STREAM
        ours, theirs = socket.socketpair(socket.AF_UNIX, kind)
        stream = _Stream(ours, self._send, self._forget)
        try:
            self._dial(stream, timeout, arguments)
        except BaseException:
            ours.close()
            theirs.close()
            raise
        return theirs

    def _dial(self, stream: _Stream, timeout: float, arguments: Json) -> None:
        number, future = self._start("dial", {**arguments, "timeout": timeout}, stream)
        try:
            future.result(timeout + SLACK)
        except BaseException:
            self._forget(number)
            with suppress(LostError):
                self._send({"stream": number, "close": 1})
            raise
        stream.start(number)

    def _forget(self, number: int) -> None:
        with self._lock:
            self._streams.pop(number, None)

    def close(self) -> None:
        """Hang up."""
        self._lose()

    def _read(self) -> None:
        with suppress(OSError, ValueError):
            for line in _lines(self._channel.receive()):
                self._take(json.loads(line))
        self._lose()

    def _watch(self) -> None:
        """Look, while anybody waits, whether there is still somebody to answer."""
        while not self._ended.wait(_WATCH_SECONDS):
            with self._lock:
                needed = bool(self._waiting or self._streams)
            if needed and not self._channel.alive():
                self._lose()

    def _take(self, message: Json) -> None:
        if "stream" in message:
            with self._lock:
                stream = self._streams.get(message["stream"])
            if stream:
                stream.take(message)
            return
        with self._lock:
            future = self._waiting.pop(message["id"], None)
        if future is None:
            return
        if "error" in message:
            self._forget(message["id"])
            future.set_exception(RefusedError(message["error"]))
        else:
            future.set_result(message["ok"])

    def _lose(self) -> None:
        with self._lock:
            self.lost = True
            waiting, self._waiting = list(self._waiting.values()), {}
            streams, self._streams = list(self._streams.values()), {}
        self._ended.set()
        self._channel.close()
        for future in waiting:
            future.set_exception(LostError())
        for stream in streams:
            stream.take({"end": 1, "close": 1})


def _lines(parts: Iterator[bytes]) -> Iterator[bytes]:
    rest: list[bytes] = []
    for part in parts:
        *whole, last = part.split(b"\n")
        for line in whole:
            yield b"".join([*rest, line])
            rest = []
        rest.append(last)


class _Stream:
    """Our end of a relayed connection: a socket pair with a pump each way."""

    def __init__(
        self, pair: socket.socket, send: Callable[[Json], None], forget: Callable[[int], None]
    ) -> None:
        self._pair = pair
        self._send = send
        self._forget = forget
        self._number = 0
        self._credit = _WINDOW
        self._changed = threading.Condition()
        self._parts: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._closed = False
        self._halves = 2

    def start(self, number: int) -> None:
        """Begin to pump."""
        self._number = number
        threading.Thread(target=self._outward, daemon=True, name="dial-out").start()
        threading.Thread(target=self._inward, daemon=True, name="dial-in").start()

    def take(self, message: Json) -> None:
        """Take what the agent sent."""
        if "data" in message:
            self._parts.put(base64.b64decode(message["data"]))
        if "credit" in message:
            with self._changed:
                self._credit += message["credit"]
                self._changed.notify_all()
        if "end" in message:
            self._parts.put(None)
        if "close" in message:
            with self._changed:
                self._closed = True
                self._changed.notify_all()

    def _outward(self) -> None:
        """Carry what the user writes to the agent, as far as the agent gave credit."""
        with suppress(OSError, LostError):
            while self._wait_for_credit() and (data := self._pair.recv(65536)):
                with self._changed:
                    self._credit -= len(data)
                encoded = base64.b64encode(data).decode()
                self._send({"stream": self._number, "data": encoded})
        with suppress(LostError):
            self._send({"stream": self._number, "end": 1})
        self._wait_for_hangup()
        self._parts.put(None)
        self._half_done()

    def _wait_for_hangup(self) -> None:
        """Wait until the user closed the socket: so far he may only have finished writing."""
        poll = select.poll()
        poll.register(self._pair, 0)
        poll.poll()

    def _wait_for_credit(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._credit > 0 or self._closed)
            return not self._closed

    def _inward(self) -> None:
        """Carry what the agent sent to the user; credit is given back once it is taken."""
        with suppress(OSError, LostError):
            while (part := self._parts.get()) is not None:
                self._pair.sendall(part)
                self._send({"stream": self._number, "credit": len(part)})
        with suppress(OSError):
            self._pair.shutdown(socket.SHUT_WR)
        self._half_done()

    def _half_done(self) -> None:
        with self._changed:
            self._halves -= 1
            if self._halves:
                return
        self._forget(self._number)
        with suppress(LostError):
            self._send({"stream": self._number, "close": 1})
        self._pair.close()
