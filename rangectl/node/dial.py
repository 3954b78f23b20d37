"""Connections opened from within a range, their bytes relayed to a client with flow control."""

from __future__ import annotations

import base64
import os
import queue
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from rangectl.node import spaces
from rangectl.node.inits import Init
from rangectl.node.values import Json, NodeError

WINDOW = 256 << 10
_KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
Send = Callable[[Json], None]


def connect(init: Init, request: Json) -> socket.socket:
    """Return a socket connected from within the container's network namespace.

    With an `owner` it is that user's, as the host's own tools show it.
    """
    address, port, proto = request["address"], request["port"], request["proto"]
    with init.open("ns/net") as space, spaces.inside(space):
        link = socket.socket(socket.AF_INET, _KINDS[proto])
    link.settimeout(request["timeout"])
    try:
        if request.get("owner") is not None:
            os.fchown(link.fileno(), request["owner"], -1)
        link.connect((address, port))
    except OSError as error:
        link.close()
        msg = f"{address} {proto}/{port}: {error.strerror or error}"
        raise NodeError(msg) from error
    link.settimeout(None)
    return link


class _Stream:
    """One relayed connection."""

    def __init__(self, number: int, link: socket.socket, send: Send, proto: str) -> None:
        self._number = number
        self._link = link
        self._send = send
        self._datagrams = proto == "udp"
        self._credit = WINDOW
        self._changed = threading.Condition()
        self._parts: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._closed = False

    def start(self) -> None:
        """Begin to relay both ways."""
        threading.Thread(target=self._outward, daemon=True).start()
        threading.Thread(target=self._inward, daemon=True).start()

    def take(self, message: Json) -> None:
        """Take what the client sent: data, its end, credit, or a hang-up."""
        if "data" in message:
            self._parts.put(base64.b64decode(message["data"]))
        if "credit" in message:
            with self._changed:
                self._credit += message["credit"]
                self._changed.notify_all()
        if "end" in message:
            self._parts.put(None)
        if "close" in message:
            self.close()

    def close(self) -> None:
        """Hang up."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        with suppress(OSError):
            self._link.shutdown(socket.SHUT_RDWR)
        self._parts.put(None)

    def _tell(self, **what: object) -> None:
        self._send({"stream": self._number, **what})

    def _outward(self) -> None:
        """Carry bytes from the range to the client, as far as the client gave credit."""
        with suppress(OSError):
            while self._wait_for_credit():
                data = self._link.recv(65536)
                if not data and not self._datagrams:
                    break
                if self._closed:
                    break
                self._credit_down(len(data))
                self._tell(data=base64.b64encode(data).decode())
        self._tell(end=1)

    def _wait_for_credit(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._credit > 0 or self._closed)
            return not self._closed

    def _credit_down(self, size: int) -> None:
        with self._changed:
            self._credit -= size

    def _inward(self) -> None:
        """Carry bytes from the client into the range."""
        try:
            while (part := self._parts.get()) is not None:
                self._link.sendall(part)
                self._tell(credit=len(part))
            if not self._datagrams:
                self._link.shutdown(socket.SHUT_WR)
        except OSError:
            self.close()


class Streams:
    """The relayed connections of one client."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._open: dict[int, _Stream] = {}
        self._done = False

    def dial(self, init: Init, request: Json) -> Json:
        """Connect, and relay from then on under the number of the request."""
        number, proto = request["id"], request["proto"]
        link = connect(init, request)
        stream = _Stream(number, link, self._send, proto)
        with self._lock:
            self._open[number] = stream
            if self._done:
                stream.close()
        local = link.getsockname()[0]
        stream.start()
        return {"window": WINDOW, "local": local}

    def take(self, message: Json) -> None:
        """Hand a message to its stream; one for a stream that is gone is dropped."""
        number = message["stream"]
        with self._lock:
            stream = self._open.get(number)
            if "close" in message:
                self._open.pop(number, None)
        if stream:
            stream.take(message)

    def close(self) -> None:
        """Hang up on everything."""
        with self._lock:
            self._done = True
            streams = list(self._open.values())
            self._open.clear()
        for stream in streams:
            stream.close()
