"""Devices that tell of themselves over SNMP (version 2c)."""

from __future__ import annotations

import socket
from contextlib import suppress

from rangectl.checks.links import plain
from rangectl.model.topology import Service

_DESCRIPTION = "1.3.6.1.2.1.1.1.0"
_COMMUNITY = b"public"
_SEQUENCE, _INTEGER, _TEXT, _NOTHING, _OBJECT, _GET, _ANSWER = 0x30, 2, 4, 5, 6, 0xA0, 0xA2
_REQUEST = b"\x2a\x5c"
_TRIES = 2


def check_snmp(link: socket.socket, _: str, service: Service) -> str | None:
    """Ask for one object, by default what the device is; a datagram may be lost once."""
    link.settimeout((link.gettimeout() or 1) / (_TRIES + 1))
    for _number in range(_TRIES):
        with suppress(TimeoutError):
            link.send(question(service.query or _DESCRIPTION))
            value = answer(link.recv(4096))
            if value is None:
                return "no SNMP answer that fits"
            wanted = service.expect.value
            if wanted is not None and wanted not in value.decode(errors="replace"):
                return f"it answers {plain(value)!r}, not {wanted!r}"
            return None
    return "no SNMP answer"


def question(name: str) -> bytes:
    """Return the datagram that asks for an object."""
    bound = _field(_SEQUENCE, _field(_OBJECT, _numbers(name)) + _field(_NOTHING, b""))
    zero = _field(_INTEGER, b"\x00")
    asked = _field(_INTEGER, _REQUEST) + zero + zero + _field(_SEQUENCE, bound)
    head = _field(_INTEGER, b"\x01") + _field(_TEXT, _COMMUNITY)
    return _field(_SEQUENCE, head + _field(_GET, asked))


def answer(datagram: bytes) -> bytes | None:
    """Return the value that a datagram brings; None when it is no answer, or tells an error."""
    try:
        (whole,) = _fields(datagram, _SEQUENCE)
        _, _, reply = _fields(whole, _INTEGER, _TEXT, _ANSWER)
        number, trouble, _, bindings = _fields(reply, _INTEGER, _INTEGER, _INTEGER, _SEQUENCE)
        (binding,) = _fields(bindings, _SEQUENCE)
        _, value = _fields(binding, _OBJECT, None)
    except ValueError:
        return None
    return value if number == _REQUEST and not trouble.strip(b"\x00") else None


def _field(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def _numbers(name: str) -> bytes:
    first, second, *rest = (int(part) for part in name.strip(".").split("."))
    found = bytes([first * 40 + second])
    for number in rest:
        parts = [number & 0x7F]
        while number := number >> 7:
            parts.append(number & 0x7F | 0x80)
        found += bytes(reversed(parts))
    return found


def _fields(data: bytes, *tags: int | None) -> list[bytes]:
    """Take data apart into fields with these tags; ValueError when they are others."""
    found = []
    for tag in tags:
        if len(data) < 2 or tag not in {None, data[0]}:
            raise ValueError
        size, begin = data[1], 2
        if size >= 0x80:
            begin += size & 0x7F
            size = int.from_bytes(data[2:begin], "big")
        if begin + size > len(data):
            raise ValueError
        found.append(data[begin : begin + size])
        data = data[begin + size :]
    return found
