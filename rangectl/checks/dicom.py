"""Imaging nodes: association and echo of DICOM, which is all that is asked of them."""

from __future__ import annotations

import socket
import struct

from rangectl.model.topology import Service

_ME = "MONITOR"
_CONTEXT = b"1.2.840.10008.3.1.1.1"
_VERIFICATION = b"1.2.840.10008.1.1"
_IMPLICIT = b"1.2.840.10008.1.2"
_IMPLEMENTATION = b"1.2.826.0.1.3680043.9.3811"
_REQUEST, _ACCEPT, _REJECT, _DATA, _RELEASE = 1, 2, 3, 4, 5
_LONGEST = 16 << 10
_ECHO, _ECHO_ANSWER, _NO_DATA = 0x0030, 0x8030, 0x0101


def check_dicom(link: socket.socket, _: str, service: Service) -> str | None:
    """Associate, send an echo, and release the association again."""
    try:
        return _converse(link, service.title or "ANY-SCP")
    except EOFError:
        return "it hangs up"


def _converse(link: socket.socket, title: str) -> str | None:
    link.sendall(association(title))
    kind, _ = _receive(link)
    if kind == _REJECT:
        return f"it accepts no association with {title}"
    if kind != _ACCEPT:
        return f"no DICOM answer: a unit of kind {kind}"
    link.sendall(_unit(_DATA, _value(1, _echo())))
    kind, data = _receive(link)
    status = _status(data) if kind == _DATA else None
    link.sendall(_unit(_RELEASE, bytes(4)))
    return None if status == 0 else "no answer to the echo"


def association(title: str) -> bytes:
    """Return the request for an association in which nothing but echoes will be sent."""
    syntaxes = _item(0x30, _VERIFICATION) + _item(0x40, _IMPLICIT)
    user = _item(0x51, struct.pack(">L", _LONGEST)) + _item(0x52, _IMPLEMENTATION)
    return _unit(
        _REQUEST,
        struct.pack(">HH16s16s32x", 1, 0, title.ljust(16).encode(), _ME.ljust(16).encode())
        + _item(0x10, _CONTEXT)
        + _item(0x20, b"\x01\x00\x00\x00" + syntaxes)
        + _item(0x50, user),
    )


def _echo() -> bytes:
    fields = (
        _element(0x0002, _VERIFICATION + b"\x00"),
        _element(0x0100, struct.pack("<H", _ECHO)),
        _element(0x0110, struct.pack("<H", 1)),
        _element(0x0800, struct.pack("<H", _NO_DATA)),
    )
    body = b"".join(fields)
    return _element(0x0000, struct.pack("<L", len(body))) + body


def _status(data: bytes) -> int | None:
    """Return the status of an answer to an echo, from the elements of its command; None if none."""
    found: dict[int, bytes] = {}
    rest = data[6:]
    while len(rest) >= 8:
        group, element, size = struct.unpack("<HHL", rest[:8])
        if group == 0:
            found[element] = rest[8 : 8 + size]
        rest = rest[8 + size :]
    if found.get(0x0100) != struct.pack("<H", _ECHO_ANSWER) or len(found.get(0x0900, b"")) != 2:
        return None
    return int.from_bytes(found[0x0900], "little")


def _receive(link: socket.socket) -> tuple[int, bytes]:
    kind, size = struct.unpack(">BxL", _exactly(link, 6))
    if size > _LONGEST:
        raise EOFError
    return kind, _exactly(link, size)


def _exactly(link: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        part = link.recv(size - len(found))
        if not part:
            raise EOFError
        found += part
    return found


def _unit(kind: int, content: bytes) -> bytes:
    return struct.pack(">BxL", kind, len(content)) + content


def _item(kind: int, content: bytes) -> bytes:
    return struct.pack(">BxH", kind, len(content)) + content


def _value(context: int, command: bytes) -> bytes:
    return struct.pack(">LBB", len(command) + 2, context, 3) + command


def _element(number: int, content: bytes) -> bytes:
    return struct.pack("<HHL", 0, number, len(content)) + content
