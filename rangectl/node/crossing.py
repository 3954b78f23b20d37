"""Trying who reaches whom: dialled from one machine's network, watched for in another's."""

from __future__ import annotations

import errno
import os
import selectors
import socket
import struct
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address

from rangectl.node import frames, spaces
from rangectl.node.inits import Init
from rangectl.node.values import Json

_LEAST, _MOST, _AGAIN = 1.2, 8.0, 0.4
_OUTGOING, _PACKET = 4, 65536
_TCP, _UDP = 6, 17


@dataclass(slots=True)
class _Try:
    """One try under way."""

    number: int
    source: str
    target: str
    address: str
    protocol: str
    port: int
    awaited: bool
    link: socket.socket | None = None
    arrived: bool = False
    answered: bool = False
    refused: bool = False
    detail: str = ""

    @property
    def reached(self) -> bool:
        """An answer came, and not from somebody on the way who spoke in the target's name."""
        return self.arrived if self.protocol == "udp" else self.answered or self._sent_away

    @property
    def _sent_away(self) -> bool:
        return self.refused and self.arrived

    @property
    def open(self) -> bool:
        return not (self.reached or self.refused)

    def plain(self) -> Json:
        return {"reached": self.reached, "arrived": self.arrived, "detail": self.detail}


class Crossings:
    """All tries of one request, under way at once in this thread."""

    def __init__(self, asked: list[Json], inits: Mapping[str, Init]) -> None:
        self._tries = [_Try(number, **one) for number, one in enumerate(asked)]
        self._inits = inits
        self._nonce = os.urandom(8)
        self._by_port: dict[tuple[str, int, str, int], _Try] = {}
        self._chooser = selectors.DefaultSelector()
        self._stack = ExitStack()

    def run(self) -> list[Json]:
        """Try everything; what is awaited has some seconds, and the rest as long, at least one."""
        with self._stack, self._chooser:
            for target in dict.fromkeys(one.target for one in self._tries):
                self._within(target, partial(self._witness, target), [])
            for source in dict.fromkeys(one.source for one in self._tries):
                mine = [one for one in self._tries if one.source == source]
                self._within(source, partial(self._dial, mine), mine)
            self._listen()
        return self.told()

    def told(self) -> list[Json]:
        """Return what is known of every try."""
        return [one.plain() for one in self._tries]

    def _within(self, container: str, work: Callable[[], None], tries: list[_Try]) -> None:
        """Do something within a container's network; tries of one that does not run say so."""
        init = self._inits.get(container)
        if init is None:
            for one in tries:
                one.detail = "the host does not run"
            return
        with init.open("ns/net") as space, spaces.inside(space):
            work()

    def _made(self, family: int, kind: int, protocol: int) -> socket.socket:
        made = self._stack.enter_context(socket.socket(family, kind, protocol))
        made.settimeout(0)
        return made

    def _witness(self, target: str) -> None:
        """Watch for what arrives in a network, whatever its machine makes of it."""
        made = self._made(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(frames.IPV4))
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._chooser.register(made, selectors.EVENT_READ, partial(self._see, target, made))

    def _see(self, target: str, made: socket.socket) -> None:
        try:
            data, sender = made.recvfrom(_PACKET)
        except OSError:
            return
        if sender[2] != _OUTGOING:
            self.take(target, data)

    def take(self, target: str, data: bytes) -> None:
        """Take in a packet that arrived at a target; whoever sent it, it may be no sound one."""
        head = (data[0] & 15) * 4 if data else 0
        if len(data) < max(head, 20) + 8:
            return
        if data[9] == _TCP:
            ends = str(IPv4Address(data[12:16])), str(IPv4Address(data[16:20]))
            near, far = struct.unpack_from("!HH", data, head)
            found = self._by_port.get((ends[0], near, ends[1], far))
        else:
            found = self._marked(data)
        if found is not None and found.target == target:
            found.arrived = True

    def _marked(self, data: bytes) -> _Try | None:
        """Return the try whose mark a packet carries; a target has seen how marks begin."""
        place = data.find(self._nonce)
        mark = data[place + 8 : place + 12]
        number = int.from_bytes(mark, "big")
        known = place >= 0 and len(mark) == 4 and number < len(self._tries)
        return self._tries[number] if known else None

    def mark(self, number: int) -> bytes:
        """Return what a datagram or an echo of a try carries."""
        return self._nonce + number.to_bytes(4, "big")

    def _dial(self, mine: list[_Try]) -> None:
        for one in mine:
            try:
                {"tcp": self._tcp, "udp": self._udp, "icmp": self._icmp}[one.protocol](one)
            except OSError as error:
                one.detail = error.strerror or str(error)

    def _tcp(self, one: _Try) -> None:
        made = self._made(socket.AF_INET, socket.SOCK_STREAM, 0)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        code = made.connect_ex((one.address, one.port))
        if code not in {0, errno.EINPROGRESS}:
            raise OSError(code, os.strerror(code))
        source, near = made.getsockname()
        self._by_port[source, near, one.address, one.port] = one
        self._chooser.register(made, selectors.EVENT_WRITE, partial(self._connected, one, made))

    def _connected(self, one: _Try, made: socket.socket) -> None:
        self._chooser.unregister(made)
        code = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        one.answered, one.refused = code == 0, code == errno.ECONNREFUSED
        one.detail = os.strerror(code) if code else ""

    def _udp(self, one: _Try) -> None:
        one.link = self._made(socket.AF_INET, socket.SOCK_DGRAM, 0)
        one.link.connect((one.address, one.port))
        one.link.send(self.mark(one.number))

    def _icmp(self, one: _Try) -> None:
        one.link = self._made(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        one.link.connect((one.address, 0))
        one.link.send(self._echo(one))
        self._chooser.register(one.link, selectors.EVENT_READ, partial(self._echoed, one.link))

    def _echo(self, one: _Try) -> bytes:
        body = struct.pack("!HH", one.number & 0xFFFF, 1) + self.mark(one.number)
        return struct.pack("!BBH", 8, 0, frames.checksum(b"\x08\0\0\0" + body)) + body

    def _echoed(self, made: socket.socket) -> None:
        try:
            data = made.recv(_PACKET)
        except OSError:
            return
        found = self._marked(data)
        if found is not None and data[(data[0] & 15) * 4 :][:1] == b"\0":
            found.answered = True

    def _again(self) -> None:
        """Send once more what may be lost: datagrams are."""
        for one in self._tries:
            if one.link is not None and one.awaited and one.open:
                sent = self.mark(one.number) if one.protocol == "udp" else self._echo(one)
                try:
                    one.link.send(sent)
                except OSError as error:
                    one.detail = error.strerror or str(error)

    def _listen(self) -> None:
        began = again = time.monotonic()
        while (now := time.monotonic()) - began < _MOST:
            waits = any(one.awaited and one.open for one in self._tries)
            if now - began > _LEAST and not waits:
                return
            if now - again > _AGAIN:
                again = now
                self._again()
            for key, _ in self._chooser.select(0.05):
                key.data()
