"""A router's policy as an nftables ruleset."""

from __future__ import annotations

from rangectl.model.topology import Rule
from rangectl.plan.spec import HostSpec

_HEAD = """#!/usr/sbin/nft -f
flush ruleset
table inet filter {
    chain input {
        type filter hook input priority filter; policy drop;
        ct state established,related accept
        iif lo accept
        icmp type echo-request accept
        tcp dport 22 accept
    }
    chain forward {
        type filter hook forward priority filter; policy drop;
        ct state established,related accept
        limit rate 40/second burst 200 packets log group 1 prefix "new "
"""
_TAIL = """        limit rate 40/second burst 200 packets log group 1 prefix "drop "
    }
}
"""


def rules(host: HostSpec) -> str:
    """Return the ruleset that lets pass what the router's policy says, and drops the rest; it logs
    what begins, and what it drops.

    A term is `any`, `icmp`, `tcp/PORT` or `udp/PORT`.
    """
    nics = {nic.segment: nic.name for nic in host.nics}
    return _HEAD + "".join(_lines(rule, nics) for rule in host.policy) + _TAIL


def _lines(rule: Rule, nics: dict[str, str]) -> str:
    path = f'        iifname "{nics[rule.from_]}" oifname "{nics[rule.to]}"'
    return "".join(f"{path}{_match(term)} accept\n" for term in rule.allow)


def _match(term: str) -> str:
    if term == "any":
        return ""
    protocol, _, port = term.partition("/")
    if protocol == "icmp":
        return " meta l4proto icmp"
    return f" {protocol} dport {port}"
