"""What arrives at a host that is watched may come from anybody."""

from __future__ import annotations

import struct

import pytest

from rangectl.node.crossing import Crossings

ONE = {
    "source": "a",
    "target": "b",
    "address": "10.0.0.2",
    "protocol": "udp",
    "port": 9,
    "awaited": True,
}


def packet(body: bytes, *, protocol: int = 17, words: int = 5) -> bytes:
    ends = bytes([10, 0, 0, 1, 10, 0, 0, 2])
    return struct.pack("!BBHHHBBH", 0x40 | words, 0, 0, 0, 0, 64, protocol, 0) + ends + body


def arrived(tries: Crossings) -> list[bool]:
    return [one["arrived"] for one in tries.told()]


def test_a_packet_with_a_mark_has_arrived_where_it_was_sent_to() -> None:
    tries = Crossings([ONE], {})
    tries.take("c", packet(bytes(8) + tries.mark(0)))
    assert arrived(tries) == [False]
    tries.take("b", packet(bytes(8) + tries.mark(0)))
    assert arrived(tries) == [True]


@pytest.mark.parametrize("protocol", [6, 17, 1])
@pytest.mark.parametrize("words", [0, 5, 6, 15])
@pytest.mark.parametrize("size", [0, 1, 7, 8, 12, 40])
def test_a_packet_that_is_cut_or_lies_about_its_length_is_passed_over(
    protocol: int, words: int, size: int
) -> None:
    tries = Crossings([ONE], {})
    tries.take("b", packet(bytes(size), protocol=protocol, words=words))
    tries.take("b", packet(b"", protocol=protocol, words=words)[:size])
    assert arrived(tries) == [False]


def test_a_mark_of_no_try_is_passed_over() -> None:
    tries = Crossings([ONE], {})
    tries.take("b", packet(bytes(8) + tries.mark(4_000_000_000)))
    assert arrived(tries) == [False]
