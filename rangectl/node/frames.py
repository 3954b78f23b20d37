"""Ethernet frames, built and read by hand."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

EVERYBODY = b"\xff" * 6
ALL_NODES = IPv6Address("ff02::1")
ARP, IPV4, IPV6, NONCE = 0x0806, 0x0800, 0x86DD, 0x88B5
_ICMP, _ICMPV6 = 1, 58
# Of classic BPF: loads of what lies at a place, or beyond the header of IPv4; then the rest.
_BYTE, _HALF, _WORD, _BYTE_BEYOND, _HALF_BEYOND, _IPV4_HEADER = 0x30, 0x28, 0x20, 0x50, 0x48, 0xB1
_IF_EQUAL, _RETURN = 0x15, 0x06


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer found in a frame: its kind, the address that gave it, and from which MAC."""

    kind: str
    address: str
    mac: str


def frame(target: bytes, source: bytes, kind: int, body: bytes) -> bytes:
    """Return an Ethernet frame of at least the least length."""
    return (target + source + struct.pack("!H", kind) + body).ljust(60, b"\0")


def who_has(source_mac: bytes, source: IPv4Address, target: IPv4Address) -> bytes:
    """Return an ARP request."""
    head = struct.pack("!HHBBH", 1, IPV4, 6, 4, 1)
    body = head + source_mac + source.packed + bytes(6) + target.packed
    return frame(EVERYBODY, source_mac, ARP, body)


def checksum(data: bytes) -> int:
    """Return the internet checksum."""
    data += b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def echo(number: int, count: int) -> bytes:
    """Return an ICMP echo request."""
    body = struct.pack("!HH", number, count) + b"0123456789abcdef"
    return struct.pack("!BBH", 8, 0, checksum(b"\x08\0\0\0" + body)) + body


def ipv4_echo(
    macs: tuple[bytes, bytes], source: IPv4Address, target: IPv4Address, number: int
) -> bytes:
    """Return a frame with an ICMP echo request; `macs` are the target's and the source's."""
    body = echo(number, 1)
    fields = (0x45, 0, 20 + len(body), number, 0, 64, _ICMP, 0)
    head = struct.pack("!BBHHHBBH", *fields) + source.packed + target.packed
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return frame(macs[0], macs[1], IPV4, head + body)


def ipv6_echo_to_all(source_mac: bytes, source: IPv6Address, number: int) -> bytes:
    """Return a frame that asks every IPv6 node of the link for an echo."""
    rest = struct.pack("!HH", number, 1) + b"0123456789abcdef"
    length = 4 + len(rest)
    pseudo = source.packed + ALL_NODES.packed + struct.pack("!II", length, _ICMPV6)
    total = checksum(pseudo + b"\x80\0\0\0" + rest)
    body = struct.pack("!BBH", 128, 0, total) + rest
    head = struct.pack("!IHBB", 0x60000000, length, _ICMPV6, 255)
    return frame(
        b"\x33\x33\0\0\0\x01",
        source_mac,
        IPV6,
        head + source.packed + ALL_NODES.packed + body,
    )


def read(data: bytes, number: int, link_local: IPv6Address) -> Reply | None:
    """Return the answer in a frame, if it is one to what was sent under this number."""
    mac = data[6:12].hex(":")
    kind = int.from_bytes(data[12:14], "big")
    body = data[14:]
    if kind == ARP and len(body) >= 28 and body[6:8] == b"\0\x02":
        return Reply("arp", str(IPv4Address(body[14:18])), body[8:14].hex(":"))
    if kind == IPV4 and len(body) >= 28 and body[9] == _ICMP:
        inner = body[(body[0] & 15) * 4 :]
        if inner[:1] == b"\0" and inner[4:6] == struct.pack("!H", number):
            return Reply("echo", str(IPv4Address(body[12:16])), mac)
    if kind == IPV6 and len(body) >= 48 and body[6] == _ICMPV6:
        return _read_ipv6(body, mac, number, link_local)
    return None


def only_answers(number: int, link_local: IPv6Address) -> bytes:
    """Return a classic BPF program that lets through all that `read` reads, and hardly any more.

    In a segment of a hundred machines that all try at once, a machine hears ten thousand frames
    for each that answers it.
    """
    ipv6 = [(_HALF, 12, IPV6), (_BYTE, 20, _ICMPV6)]
    target = int.from_bytes(link_local.packed[12:], "big")
    return b"".join(
        (
            _take_if((_HALF, 12, ARP), (_HALF, 20, 2)),
            _take_if(
                *((_HALF, 12, IPV4), (_BYTE, 23, _ICMP), (_IPV4_HEADER, 14, None)),
                *((_BYTE_BEYOND, 14, 0), (_HALF_BEYOND, 18, number)),
            ),
            _take_if(*ipv6, (_BYTE, 54, 129), (_HALF, 58, number)),
            _take_if(*ipv6, (_BYTE, 54, 135), (_WORD, 74, target)),
            _instruction(_RETURN),
        )
    )


def _take_if(*tests: tuple[int, int, int | None]) -> bytes:
    """Take the frame whole if every load has its value, else go on after this."""
    made = [_instruction(_RETURN, 0xFFFF)]
    for load, place, value in reversed(tests):
        if value is not None:
            made.insert(0, _instruction(_IF_EQUAL, value, otherwise=len(made)))
        made.insert(0, _instruction(load, place))
    return b"".join(made)


def _instruction(code: int, value: int = 0, *, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, 0, otherwise, value)


def _read_ipv6(body: bytes, mac: str, number: int, link_local: IPv6Address) -> Reply | None:
    """An echo, or the question for our address that comes before one, shows who is there."""
    source = str(IPv6Address(body[8:24]))
    inner = body[40:]
    if inner[0] == 129 and inner[4:6] == struct.pack("!H", number):
        return Reply("ipv6", source, mac)
    if inner[0] == 135 and inner[8:24] == link_local.packed:
        return Reply("ipv6", source, mac)
    return None
