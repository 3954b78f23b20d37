"""A range as plain values: what is wanted, in the words of containers, NICs and files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Literal

from rangectl.model.people import People
from rangectl.model.topology import Init, Limits, Rule, Service, Zone

HostKind = Literal["host", "router", "kit", "client", "switch"]

BEGINNING = datetime(2026, 3, 3, 8, 10, tzinfo=UTC)
"""When a range begins that was never brought up: a Tuesday morning."""


@dataclass(frozen=True, slots=True)
class RangeId:
    """Which range: the name it was brought up under, and the team it is for."""

    name: str
    team: str

    def __str__(self) -> str:
        """Write it as users do: NAME/TEAM."""
        return f"{self.name}/{self.team}"


@dataclass(frozen=True, slots=True)
class Nic:
    """One network interface of a host; `segment` also names the bridge it is plugged into."""

    name: str
    segment: str
    address: IPv4Interface
    mac: str


Pairs = tuple[tuple[str, str | int | bool], ...]
_BOOT = "boot_"


@dataclass(frozen=True, slots=True)
class RoleSpec:
    """One role to apply, with its variables as sorted pairs.

    Those whose names begin with `boot_` make no image of their own: a host is told them when it
    boots.
    """

    name: str
    vars: Pairs = ()

    @property
    def build(self) -> Pairs:
        """The variables that an image is made with."""
        return tuple(pair for pair in self.vars if not pair[0].startswith(_BOOT))

    @property
    def boot(self) -> Pairs:
        """The variables that a host is told when it boots, without what their names begin with."""
        found = (pair for pair in self.vars if pair[0].startswith(_BOOT))
        return tuple((name.removeprefix(_BOOT), value) for name, value in found)


@dataclass(frozen=True, slots=True)
class File:
    """A file put into a host before its init runs; `owner` is a user name of that host."""

    path: str
    content: bytes
    mode: int = 0o644
    owner: str = "root"
    mtime: float | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """What people leave on a host, in one piece: their accounts and files, as `plan.pack` packs
    them; `digest` is that of what it is made from, for it is made only where it is lacking.
    """

    digest: str
    make: Callable[[], bytes] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SegmentSpec:
    """One layer-2 network of a range; `client` is the address kept for checks, traffic and dial."""

    name: str
    zone: Zone
    subnet: IPv4Network
    client: IPv4Address


@dataclass(frozen=True, slots=True)
class HostSpec:
    """One host of a range, with its addresses settled."""

    name: str
    kind: HostKind
    base: str
    roles: tuple[RoleSpec, ...]
    init: Init
    nics: tuple[Nic, ...]
    gateway: IPv4Address | None
    dns: tuple[IPv4Address, ...]
    names: tuple[tuple[str, IPv4Address], ...]
    limits: Limits
    services: tuple[Service, ...] = ()
    policy: tuple[Rule, ...] = ()
    people: str = ""
    """A digest of the topology's people where they have accounts: other people, another host."""
    since: datetime = BEGINNING
    """When the range was first brought up; it makes no other host."""


@dataclass(frozen=True, slots=True)
class RangeSpec:
    """One range, whole; `since` is when it was first brought up, and its people's present."""

    id: RangeId
    topology: str
    segments: tuple[SegmentSpec, ...]
    hosts: tuple[HostSpec, ...] = field(default=())
    people: People | None = None
    since: datetime = BEGINNING

    def host(self, name: str) -> HostSpec:
        """Return the host of that name; KeyError when there is none."""
        for host in self.hosts:
            if host.name == name:
                return host
        raise KeyError(name)


def is_administered(host: HostSpec, zones: Mapping[str, Zone]) -> bool:
    """Say whether the partner owns a host that people have accounts on; `zones` by segment."""
    partner = any(zones[nic.segment] == "partner" for nic in host.nics)
    return partner and host.init == "systemd" and host.kind in {"host", "router"}
