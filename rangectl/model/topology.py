"""What a range is: segments, hosts, and what may talk to what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from rangectl.model.base import Model, Name
from rangectl.model.people import People

Zone = Literal["partner", "adversary", "hunt"]
CheckKind = Literal[
    "tcp",
    "http",
    "dns",
    "smtp",
    "imap",
    "ldap",
    "smb",
    "ssh",
    "sql",
    "modbus",
    "iec104",
    "snmp",
    "dicom",
]
Init = Literal["systemd", "process"]
KIND_ROLES: Mapping[str, tuple[str, ...]] = {
    "host": (),
    "router": ("base", "router"),
    "kit": ("base", "kit"),
}
"""The roles that a host of each kind has without being told."""

_SIZE = re.compile(r"([0-9]{1,9})(KiB|MiB|GiB)")
_SIZE_UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_TERM = re.compile(r"any|icmp|(?:tcp|udp)/([1-9][0-9]{0,4})")
_LEAST_MEMORY = 16 * 2**20


def size_bytes(text: str) -> int:
    """Read `128MiB`; raise ValueError for what is no such size."""
    match = _SIZE.fullmatch(text)
    if match is None:
        message = f"not a size: {text[:40]!r} (write 128MiB or 1GiB)"
        raise ValueError(message)
    return int(match[1]) * _SIZE_UNITS[match[2]]


def _memory(text: str) -> str:
    if size_bytes(text) < _LEAST_MEMORY:
        message = f"too little memory: {text} (at least 16MiB)"
        raise ValueError(message)
    return text


def _term(text: str) -> str:
    match = _TERM.fullmatch(text)
    if match is None or int(match[1] or 1) > 65535:
        message = f"not something to allow: {text[:40]!r} (write any, icmp, tcp/PORT or udp/PORT)"
        raise ValueError(message)
    return text


Text = Annotated[str, StringConstraints(max_length=2000)]
Value = Annotated[str, StringConstraints(max_length=253)]
Expected = Annotated[Value, Field(min_length=1)] | None
Word = Annotated[int, Field(ge=0, le=65535)]
Registers = Annotated[dict[Word, Word], Field(max_length=64)]


class Limits(Model):
    """What one host may use of its node."""

    memory: Annotated[str, AfterValidator(_memory)] = "128MiB"
    pids: Annotated[int, Field(ge=16, le=4096)] = 200
    cpus: Annotated[float, Field(ge=0.05, le=64)] = 1.0


class RoleUse(Model):
    """One role of a host, with its variables."""

    name: Name
    vars: dict[str, str | int | bool] = Field(default_factory=dict)


class Login(Model):
    """Who a check logs in as; with a directory the user is a DN."""

    user: Annotated[Value, Field(min_length=1)]
    password: Value = ""


class Expect(Model):
    """What a service must answer to be up; each key fits some kinds of checks only.

    `banner` is text that stands in what a server says first, `recipient` an address that a mail
    server takes mail for, `mailbox` a folder that can be read, `entry` a DN that is found, `share`
    and `file` can be opened, `value` is text in what a query brings, `registers` are holding
    registers of a device by their address.
    """

    status: Annotated[int, Field(ge=100, le=599)] | None = None
    body: Expected = None
    answer: IPv4Address | None = None
    banner: Expected = None
    recipient: Expected = None
    mailbox: Expected = None
    entry: Expected = None
    share: Expected = None
    file: Expected = None
    value: Expected = None
    registers: Registers = Field(default_factory=dict)


class Service(Model):
    """Something a host offers, and how one checks it.

    `query` is a name to resolve (dns), a filter (ldap), a statement that reads (sql) or an object
    identifier (snmp); `path` is a page, `database` the one that is asked, `title` what a DICOM
    node calls itself. With `tls` the whole conversation is encrypted; nobody looks at certificates.
    """

    name: Name
    check: CheckKind
    port: Annotated[int, Field(ge=1, le=65535)]
    query: Expected = None
    path: Value = "/"
    database: Expected = None
    title: Annotated[str, StringConstraints(min_length=1, max_length=16)] | None = None
    login: Login | None = None
    tls: bool = False
    expect: Expect = Expect()


class Rule(Model):
    """One thing a router lets pass, from a segment to a segment."""

    from_: Name = Field(alias="from")
    to: Name
    allow: Annotated[tuple[Annotated[str, AfterValidator(_term)], ...], Field(min_length=1)]


class Segment(Model):
    """One layer-2 network."""

    zone: Zone
    subnet: IPv4Network


class Defaults(Model):
    """What a host gets when it and its group say nothing."""

    image: Name = "debian"
    limits: Limits = Limits()


class Group(Model):
    """What several hosts have in common."""

    roles: tuple[RoleUse, ...] = ()
    init: Init | None = None
    limits: Limits | None = None


class Host(Model):
    """One machine, or `count` alike."""

    kind: Literal["host", "router", "kit"] = "host"
    group: Name | None = None
    count: Annotated[int, Field(ge=1, le=500)] | None = None
    segments: Annotated[dict[Name, IPv4Address | None], Field(min_length=1)]
    roles: tuple[RoleUse, ...] = ()
    services: tuple[Service, ...] = ()
    policy: tuple[Rule, ...] = ()
    init: Init | None = None
    limits: Limits | None = None


class Topology(Model):
    """A whole range, as its file says it."""

    version: Literal[1]
    name: Name
    description: Text = ""
    defaults: Defaults = Defaults()
    people: People | None = None
    groups: dict[Name, Group] = Field(default_factory=dict)
    segments: Annotated[dict[Name, Segment], Field(min_length=1, max_length=64)]
    hosts: Annotated[dict[Name, Host], Field(min_length=1)]

    def roles_of(self, host: Host) -> tuple[RoleUse, ...]:
        """Return a host's roles in the order they apply: its group's, its own, its kind's."""
        group = self.groups.get(host.group) if host.group else None
        roles = (*(group.roles if group else ()), *host.roles)
        names = {role.name for role in roles}
        lacking = [name for name in KIND_ROLES[host.kind] if name not in names]
        base = [RoleUse(name=name) for name in lacking if name == "base"]
        return (*base, *roles, *(RoleUse(name=name) for name in lacking if name != "base"))


def expanded_names(name: str, host: Host) -> tuple[str, ...]:
    """Return the names that one entry of `hosts` stands for: itself, or NAME-1 to NAME-COUNT."""
    if host.count is None:
        return (name,)
    return tuple(f"{name}-{number}" for number in range(1, host.count + 1))
