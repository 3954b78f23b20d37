"""What people are made from: the organisation, its hosts, and when the range began."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address

from rangectl.model.people import People as About
from rangectl.people.dice import Dice


@dataclass(frozen=True, slots=True)
class Host:
    """A host of the partner's, for people; only `administered` ones have accounts of theirs."""

    name: str
    address: IPv4Address
    segment: str
    roles: tuple[str, ...]
    kind: str = "host"
    administered: bool = True
    keeps: str = ""
    """What a web application without a database lists."""

    def does(self, *roles: str) -> bool:
        """Say whether the host has one of these roles."""
        return any(role in self.roles for role in roles)


@dataclass(frozen=True, slots=True)
class Site:
    """The partner's organisation with its hosts, sorted by name, at the time the range began."""

    about: About
    hosts: tuple[Host, ...]
    at: datetime

    def hosts_with(self, *roles: str) -> tuple[Host, ...]:
        """Return the hosts that have one of these roles."""
        return tuple(host for host in self.hosts if host.does(*roles))

    def dice(self, *labels: str) -> Dice:
        """Return a source of choices of its own for these labels."""
        return Dice(self.about.trade, str(self.about.seed), *labels)
