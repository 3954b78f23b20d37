"""Frames, names and questions built by hand."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import dns.message
import dns.rdatatype
import pytest

from rangectl.model.parse.networks import DOCUMENTATION, PRIVATE
from rangectl.node import frames, witness

MAC, OTHER = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
HERE, THERE = IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")
LINK_LOCAL = IPv6Address("fe80::1")


def test_the_checksum_of_a_header_with_its_checksum_is_zero() -> None:
    sent = frames.ipv4_echo((OTHER, MAC), HERE, THERE, 7)
    assert frames.checksum(sent[14:34]) == 0
    assert frames.checksum(sent[34:]) == 0


def test_an_answer_to_who_has_is_read() -> None:
    asked = bytearray(frames.who_has(OTHER, THERE, HERE))
    asked[21] = 2
    reply = frames.read(bytes(asked), 7, LINK_LOCAL)
    assert reply == frames.Reply("arp", "10.0.0.2", "02:00:00:00:00:02")


def test_a_question_is_no_answer() -> None:
    assert frames.read(frames.who_has(OTHER, THERE, HERE), 7, LINK_LOCAL) is None
    assert frames.read(frames.ipv4_echo((MAC, OTHER), THERE, HERE, 7), 7, LINK_LOCAL) is None


@pytest.mark.parametrize(("number", "heard"), [(7, True), (8, False)])
def test_an_echo_is_read_by_its_number(number: int, *, heard: bool) -> None:
    sent = bytearray(frames.ipv4_echo((MAC, OTHER), THERE, HERE, 7))
    sent[34] = 0
    assert (frames.read(bytes(sent), number, LINK_LOCAL) is not None) is heard


def test_an_ipv6_echo_is_read() -> None:
    sent = bytearray(frames.ipv6_echo_to_all(OTHER, IPv6Address("fe80::2"), 7))
    sent[54] = 129
    reply = frames.read(bytes(sent), 7, LINK_LOCAL)
    assert reply == frames.Reply("ipv6", "fe80::2", "02:00:00:00:00:02")


@pytest.mark.parametrize("size", range(0, 60, 7))
def test_a_frame_cut_short_is_no_answer(size: int) -> None:
    whole = frames.ipv6_echo_to_all(OTHER, IPv6Address("fe80::2"), 7)
    assert frames.read(whole[:size], 7, LINK_LOCAL) is None


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
