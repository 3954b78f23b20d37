"""What a containment proof aims at, and the attempts it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from rangectl.node.host import Host
from rangectl.node.values import Fabric, Json
from rangectl.node.witness import Witness


@dataclass(frozen=True, slots=True)
class Aims:
    """What is tried: the engine's machine, what lies outside, and the other range's witnesses.

    `mine` are the witnesses of this range, the controls. `planned` holds every address that
    belongs here, whose answers are no leak.
    """

    fabric: Fabric
    host: Host
    outside: IPv4Address
    name: str
    mine: Mapping[str, Witness]
    other: Mapping[str, Witness]
    bridges: Mapping[str, str]
    planned: frozenset[str]
    nonce: bytes

    def addresses(self, segment: str) -> list[IPv4Address]:
        """Return the addresses that must be out of reach, but those that belong here as well."""
        found = [*self.host.addresses, self.outside]
        found += [one.address for one in self.other.values() if one.segment == segment]
        return [one for one in dict.fromkeys(found) if str(one) not in self.planned]


@dataclass(slots=True)
class Trial:
    """One attempt under way."""

    host: str
    segment: str
    way: str
    target: str
    control: bool = False
    reached: bool = False
    detail: str = ""

    def mark(self, detail: str) -> None:
        """Note that it reached something."""
        self.reached = True
        self.detail = self.detail or detail

    def plain(self) -> Json:
        """Return what is told of it."""
        return {name: getattr(self, name) for name in self.__slots__}


class Trials:
    """The attempts of one machine, marked in what they send by one number."""

    def __init__(self, host: str, aims: Aims, number: int) -> None:
        self.all: list[Trial] = []
        self.host = host
        self.aims = aims
        self.number = number

    def add(self, segment: str, way: str, target: str, *, control: bool = False) -> Trial:
        """Note an attempt."""
        trial = Trial(self.host, segment, way, target, control)
        self.all.append(trial)
        return trial
