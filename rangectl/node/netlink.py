"""Route netlink in plain bytes: links, addresses and routes of one network namespace.

Written out rather than taken from a library: the agent opens one short-lived socket for each host
and asks little of it, and starts (again, after a kill) in a tenth of a second.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Address, ip_address

from rangectl.node import spaces

NEWLINK, DELLINK, GETLINK, SETLINK = 16, 17, 18, 19
NEWADDR, DELADDR, GETADDR = 20, 21, 22
NEWROUTE, DELROUTE, GETROUTE = 24, 25, 26
DELNEIGH, GETNEIGH = 29, 30
GETNSID = 90
_REQUEST, _ACK, _DUMP = 0x1, 0x4, 0x300
_REPLACE, _EXCL, _CREATE = 0x100, 0x200, 0x400
_ERROR, _DONE = 2, 3
_HEADER = struct.Struct("=IHHII")
_LINK = struct.Struct("=BxHiII")
_ADDRESS = struct.Struct("=BBBBi")
_ROUTE = struct.Struct("=BBBBBBBBI")
_NEIGHBOUR = struct.Struct("=BxxxiHBB")
_ATTRIBUTE = struct.Struct("=HH")
_UP = 1
_NESTED = 0x8000
_LOCAL_TABLE = 255


@dataclass(frozen=True, slots=True)
class Link:
    """An interface.

    `space` is the id of the namespace that holds its other end; `forwarding` is true of a bridge's
    port that carries frames.
    """

    index: int
    name: str
    kind: str
    mac: str
    up: bool
    peer: int | None
    master: int | None
    space: int | None
    forwarding: bool


@dataclass(frozen=True, slots=True)
class Route:
    """A route outside the local table."""

    target: str
    via: str | None
    device: int | None
    table: int


def attribute(kind: int, value: bytes) -> bytes:
    """Encode one attribute, padded."""
    return _ATTRIBUTE.pack(len(value) + 4, kind) + value + bytes(-len(value) % 4)


def number(kind: int, value: int) -> bytes:
    """Encode an attribute that is a 32-bit number."""
    return attribute(kind, struct.pack("=I", value))


def text(kind: int, value: str) -> bytes:
    """Encode an attribute that is a string."""
    return attribute(kind, value.encode() + b"\0")


def mac_bytes(mac: str) -> bytes:
    """Turn `02:00:00:00:00:01` into six bytes."""
    return bytes.fromhex(mac.replace(":", ""))


def _attributes(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(data):
        length, kind = _ATTRIBUTE.unpack_from(data, at)
        if length < 4:
            break
        found[kind & 0x3FFF] = data[at + 4 : at + length]
        at += (length + 3) & ~3
    return found


def _word(data: bytes | None) -> int | None:
    return None if data is None else int.from_bytes(data[:4], "little", signed=True)


class Netlink:
    """A socket into one network namespace."""

    def __init__(self, network: int) -> None:
        with spaces.inside(network):
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC)
        self._socket.connect((0, 0))
        self._socket.settimeout(5)
        self._number = 0

    def __enter__(self) -> Netlink:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, kind: int, body: bytes, flags: int = 0) -> None:
        """Send one request and wait for its acknowledgement."""
        self._send(kind, body, _REQUEST | _ACK | flags)
        for _ in self._replies():
            pass

    def _send(self, kind: int, body: bytes, flags: int) -> None:
        self._number += 1
        head = _HEADER.pack(len(body) + 16, kind, flags, self._number, 0)
        self._socket.send(head + body)

    def _replies(self) -> Iterator[bytes]:
        while True:
            data = self._socket.recv(1 << 18)
            at = 0
            while at < len(data):
                length, kind, _, sequence, _ = _HEADER.unpack_from(data, at)
                body = data[at + 16 : at + length]
                at += (length + 3) & ~3
                if sequence != self._number:
                    continue
                if kind == _DONE:
                    return
                if kind == _ERROR:
                    code = -int.from_bytes(body[:4], "little", signed=True)
                    if code:
                        raise OSError(code, os.strerror(code))
                    return
                yield body

    def _dump(self, kind: int, body: bytes) -> list[bytes]:
        for _ in range(5):
            self._send(kind, body, _REQUEST | _DUMP)
            try:
                return list(self._replies())
            except InterruptedError:
                continue
        raise OSError(errno.EINTR, "the namespace keeps changing")

    def links(self) -> list[Link]:
        """Return every interface."""
        body = _LINK.pack(0, 0, 0, 0, 0) + number(29, 1 << 3)  # without statistics
        return [_link(data) for data in self._dump(GETLINK, body)]

    def addresses(self) -> list[tuple[int, str]]:
        """Return (interface index, address with prefix) of every address, of both families."""
        found = []
        for data in self._dump(GETADDR, _ADDRESS.pack(0, 0, 0, 0, 0)):
            _, prefix, _, _, index = _ADDRESS.unpack_from(data)
            values = _attributes(data[8:])
            raw = values.get(2) or values[1]
            found.append((index, f"{ip_address(raw)}/{prefix}"))
        return found

    def routes(self) -> list[Route]:
        """Return the routes of both families but those of the local table and of multicast."""
        found = []
        for data in self._dump(GETROUTE, _ROUTE.pack(0, 0, 0, 0, 0, 0, 0, 0, 0)):
            if _ROUTE.unpack_from(data)[4] == _LOCAL_TABLE:  # most of them
                continue
            route = _route(data)
            if not route.target.startswith("ff00::"):
                found.append(route)
        return found

    def space(self, network: int) -> int | None:
        """Return the id by which this namespace knows another one, if it does."""
        self._send(GETNSID, bytes(4) + number(3, network), _REQUEST | _ACK)
        found: int | None = None
        for body in self._replies():
            found = _word(_attributes(body[4:]).get(1))
        return found if found is not None and found >= 0 else None

    def add_bridge(self, name: str) -> None:
        """Make a bridge that is up, floods multicast and speaks no spanning tree."""
        data = number(5, 0) + attribute(23, b"\0")
        info = attribute(1, b"bridge") + attribute(2 | _NESTED, data)
        body = _LINK.pack(0, 0, 0, _UP, _UP) + text(3, name) + attribute(18 | _NESTED, info)
        self.ask(NEWLINK, body, _CREATE | _EXCL)

    def add_cable(self, port: str, bridge: int, network: int, name: str, mac: str) -> None:
        """Make a veth: `port` here, plugged into a bridge, and `name` in another namespace."""
        # The far end cannot be up from the start: the kernel refuses it while it has no peer.
        far = _LINK.pack(0, 0, 0, 0, 0) + text(3, name)
        far += attribute(1, mac_bytes(mac)) + number(28, network)
        info = attribute(1, b"veth") + attribute(2 | _NESTED, attribute(1 | _NESTED, far))
        body = _LINK.pack(0, 0, 0, _UP, _UP) + text(3, port) + number(10, bridge)
        self.ask(NEWLINK, body + attribute(18 | _NESTED, info), _CREATE | _EXCL)

    def remove(self, index: int) -> None:
        """Remove an interface; one that is gone already is no error."""
        try:
            self.ask(DELLINK, _LINK.pack(0, 0, index, 0, 0))
        except OSError as error:
            if error.errno != errno.ENODEV:
                raise

    def set_link(
        self, index: int, *, bridge: int | None = None, mac: str | None = None, up: bool = True
    ) -> None:
        """Change what is given of an interface."""
        body = _LINK.pack(0, 0, index, _UP if up else 0, _UP)
        body += b"" if bridge is None else number(10, bridge)
        body += b"" if mac is None else attribute(1, mac_bytes(mac))
        self.ask(SETLINK, body)

    def add_address(self, index: int, address: IPv4Interface) -> None:
        """Give an interface an IPv4 address."""
        body = _address(index, address)
        body += attribute(4, address.network.broadcast_address.packed)
        self.ask(NEWADDR, body, _CREATE | _REPLACE)

    def add_link_local(self, index: int, address: IPv6Address) -> None:
        """Give an interface an IPv6 address of its link, usable at once."""
        no_search_for_doubles = 0x02
        head = _ADDRESS.pack(socket.AF_INET6, 64, no_search_for_doubles, 253, index)
        self.ask(NEWADDR, head + attribute(1, address.packed), _CREATE | _REPLACE)

    def forget_neighbours(self, keep: Collection[str]) -> None:
        """Forget the IPv4 neighbours that are not among those to keep."""
        for data in self._dump(GETNEIGH, _NEIGHBOUR.pack(socket.AF_INET, 0, 0, 0, 0)):
            raw = _attributes(data[12:]).get(1, b"")
            if len(raw) == 4 and str(ip_address(raw)) not in keep:
                with suppress(OSError):
                    self.ask(DELNEIGH, data[:12] + attribute(1, raw))

    def remove_address(self, index: int, address: str) -> None:
        """Take an IPv4 address away."""
        self.ask(DELADDR, _address(index, IPv4Interface(address)))

    def default_route(self, gateway: str, *, remove: bool = False) -> None:
        """Set the default route, or remove the one over this gateway."""
        body = _ROUTE.pack(socket.AF_INET, 0, 0, 0, 254, 3, 0, 1, 0)
        body += attribute(5, ip_address(gateway).packed)
        self.ask(DELROUTE if remove else NEWROUTE, body, 0 if remove else _CREATE | _REPLACE)


def _address(index: int, address: IPv4Interface) -> bytes:
    head = _ADDRESS.pack(socket.AF_INET, address.network.prefixlen, 0, 0, index)
    return head + attribute(2, address.ip.packed) + attribute(1, address.ip.packed)


def _link(data: bytes) -> Link:
    _, _, index, flags, _ = _LINK.unpack_from(data)
    values = _attributes(data[16:])
    info = _attributes(values.get(18, b""))
    return Link(
        index=index,
        name=values[3].rstrip(b"\0").decode(errors="surrogateescape"),
        kind=info.get(1, b"").rstrip(b"\0").decode(),
        mac=values.get(1, b"").hex(":"),
        up=bool(flags & _UP),
        peer=_word(values.get(5)) or None,
        master=_word(values.get(10)),
        space=_word(values.get(37)),
        forwarding=_attributes(info.get(5, b"")).get(1) == b"\x03",
    )


def _route(data: bytes) -> Route:
    family, prefix, _, _, table, *_ = _ROUTE.unpack_from(data)
    values = _attributes(data[12:])
    zero = bytes(4 if family == socket.AF_INET else 16)
    target = f"{ip_address(values.get(1, zero))}/{prefix}"
    via = values.get(5)
    return Route(
        target="default" if prefix == 0 else target,
        via=None if via is None else str(ip_address(via)),
        device=_word(values.get(4)),
        table=_word(values.get(15)) or table,
    )
