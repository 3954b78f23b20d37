"""A partner to make people of."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address

from rangectl.model.people import People as About
from rangectl.people import Host, Site


def host(name: str, number: int, *roles: str, administered: bool = True) -> Host:
    """Return a host of the sample site."""
    return Host(
        name, IPv4Address(f"10.20.1.{number}"), "corp", ("base", *roles), "host", administered
    )


SITE = Site(
    About(
        organisation="Velmora Energy",
        domain="velmora-energy.example",
        trade="energy",
        staff=24,
        locale="cs_CZ",
        seed=3,
    ),
    (
        host("desk-1", 31, "workstation"),
        host("desk-2", 32, "workstation"),
        host("desk-3", 33, "workstation"),
        host("files", 10, "fileserver"),
        host("plc-1", 50, administered=False),
        host("web01", 11, "web"),
    ),
    datetime(2026, 3, 3, 8, 10, tzinfo=UTC),
)
