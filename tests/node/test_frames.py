"""Frames, names and questions built by hand."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address

import dns.message
import dns.rdatatype
import pytest

from rangectl.model.parse.networks import DOCUMENTATION, PRIVATE
from rangectl.node import frames, raw, witness

MAC, OTHER = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
HERE, THERE = IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")
LINK_LOCAL = IPv6Address("fe80::f102:304")


def test_the_checksum_of_a_header_with_its_checksum_is_zero() -> None:
    sent = frames.ipv4_echo((OTHER, MAC), HERE, THERE, 7)
    assert frames.checksum(sent[14:34]) == 0
    assert frames.checksum(sent[34:]) == 0


def _echo_to(number: int, kind: int = 0) -> bytes:
    sent = bytearray(frames.ipv4_echo((MAC, OTHER), THERE, HERE, number))
    sent[34] = kind
    return bytes(sent)


def _echo6(number: int, kind: int = 129) -> bytes:
    sent = bytearray(frames.ipv6_echo_to_all(OTHER, IPv6Address("fe80::2"), number))
    sent[54] = kind
    return bytes(sent)


def _solicitation(target: IPv6Address) -> bytes:
    return _echo6(0, 135)[:58] + bytes(4) + target.packed + bytes(8)


def _arp(operation: int) -> bytes:
    asked = bytearray(frames.who_has(OTHER, THERE, HERE))
    asked[21] = operation
    return bytes(asked)


def test_an_answer_to_who_has_is_read() -> None:
    reply = frames.read(_arp(2), 7, LINK_LOCAL)
    assert reply == frames.Reply("arp", "10.0.0.2", "02:00:00:00:00:02")


def test_a_question_is_no_answer() -> None:
    assert frames.read(_arp(1), 7, LINK_LOCAL) is None
    assert frames.read(_echo_to(7, 8), 7, LINK_LOCAL) is None


@pytest.mark.parametrize(("number", "heard"), [(7, True), (8, False)])
def test_an_echo_is_read_by_its_number(number: int, *, heard: bool) -> None:
    assert (frames.read(_echo_to(7), number, LINK_LOCAL) is not None) is heard


def test_an_ipv6_echo_is_read() -> None:
    reply = frames.read(_echo6(7), 7, LINK_LOCAL)
    assert reply == frames.Reply("ipv6", "fe80::2", "02:00:00:00:00:02")


@pytest.mark.parametrize("size", range(0, 60, 7))
def test_a_frame_cut_short_is_no_answer(size: int) -> None:
    whole = frames.ipv6_echo_to_all(OTHER, IPv6Address("fe80::2"), 7)
    assert frames.read(whole[:size], 7, LINK_LOCAL) is None


def _with_options() -> bytes:
    """An echo whose header has an option, so that what follows lies four bytes on."""
    plain = _echo_to(7)
    return plain[:14] + b"\x46" + plain[15:34] + b"\x94\x04\0\0" + plain[34:]


HEARD = [_arp(2), _echo_to(7), _with_options(), _echo6(7), _solicitation(LINK_LOCAL)]
NOT_HEARD = [
    *(_arp(1), _echo_to(8), _echo_to(7, 8), _echo6(8), _echo6(7, 128)),
    *(_solicitation(IPv6Address("fe80::1:1")), frames.frame(frames.EVERYBODY, MAC, 0x88B5, b"")),
    *(_echo6(7)[:50], _solicitation(LINK_LOCAL)[:70], _arp(2)[:20]),
]


@pytest.mark.parametrize("frame", [*HEARD, *NOT_HEARD])
def test_the_kernel_lets_through_what_is_an_answer(frame: bytes) -> None:
    assert (frames.read(frame, 7, LINK_LOCAL) is not None) is (frame in HEARD)
    there, here = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with there, here:
        raw.attach(here, frames.only_answers(7, LINK_LOCAL))
        there.send(frame)
        here.settimeout(0)
        if frame in HEARD:
            assert here.recv(2048) == frame
        else:
            with pytest.raises(BlockingIOError):
                here.recv(2048)


def test_a_question_for_a_name_is_what_a_dns_library_reads() -> None:
    message = dns.message.from_wire(witness.dns_question("example.com", 77))
    assert message.id == 77
    assert message.question[0].to_text() == "example.com. IN A"


def test_the_witness_answers_as_a_dns_library_expects() -> None:
    question = dns.message.make_query("example.com", dns.rdatatype.A)
    answer = dns.message.from_wire(witness.dns_answer(question.to_wire()))
    assert question.is_response(answer)
    assert answer.answer[0][0].to_text() == str(witness.ANSWER)


def test_the_addresses_of_an_answer_are_read() -> None:
    answer = witness.dns_answer(witness.dns_question("example.com", 77))
    assert witness.dns_addresses(answer, 77) == [witness.ANSWER]
    assert witness.dns_addresses(answer, 78) == []


@pytest.mark.parametrize("size", range(0, 45, 4))
def test_an_answer_cut_short_holds_no_address(size: int) -> None:
    answer = witness.dns_answer(witness.dns_question("example.com", 77))
    assert witness.dns_addresses(answer[:size], 77) == []


def test_what_a_witness_answers_is_in_no_network_that_a_range_may_have() -> None:
    assert not any(witness.ANSWER in net for net in (*DOCUMENTATION, *PRIVATE))
