"""A router's policy, as nftables reads it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rangectl.model.topology import Rule
from rangectl.plan.routing import rules
from tests.plan.test_desired import SPEC

GOLDEN = Path(__file__).parent / "golden" / "edge.nft"
EDGE = SPEC.host("edge")


def lines(*allow: str) -> list[str]:
    rule = Rule.model_validate({"from": "office", "to": "internet", "allow": allow})
    text = rules(replace(EDGE, policy=(rule,)))
    return [line.strip() for line in text.splitlines() if "oifname" in line]


def test_the_rules_of_the_smallest_topology_are_these() -> None:
    assert rules(EDGE) == GOLDEN.read_text()


@pytest.mark.parametrize(
    ("term", "match"),
    [
        ("any", ""),
        ("icmp", "meta l4proto icmp "),
        ("tcp/443", "tcp dport 443 "),
        ("udp/53", "udp dport 53 "),
    ],
)
def test_each_kind_of_term_is_one_match(term: str, match: str) -> None:
    assert lines(term) == [f'iifname "eth1" oifname "eth0" {match}accept']


def test_every_term_has_a_line_of_its_own() -> None:
    assert len(lines("tcp/80", "tcp/443", "udp/53")) == 3


def test_without_a_policy_nothing_passes() -> None:
    text = rules(replace(EDGE, policy=()))
    assert "oifname" not in text
    assert text.count("policy drop") == 2
