"""What a range is: segments, hosts, and what may talk to what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal, cast, get_args

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, StringConstraints

from rangectl.model.base import NAME_PATTERN, Model, Name
from rangectl.model.naming import KEY_PATTERN, MOST_NAMES, count_of, names_of
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
BuiltIn = Literal["host", "router", "kit"]
KIND_ROLES: Mapping[str, tuple[str, ...]] = {
    "host": (),
    "router": ("base", "router"),
    "kit": ("base", "kit"),
}
"""The roles that a host of each built-in kind has without being told."""
MOST_HOSTS = 20_000

_SIZE = re.compile(r"([0-9]{1,9})(KiB|MiB|GiB)")
_LIKE_A_SIZE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?) ?([KMGkmg])(?:i?[Bb])?")
_NUMBER = re.compile(r"[0-9]{1,9}")
_SIZE_UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_TERM = re.compile(r"any|icmp|(?:tcp|udp)/([1-9][0-9]{0,4})")
_NAME = re.compile(NAME_PATTERN)
_LEAST_MEMORY = 16 * 2**20


def size_bytes(text: str) -> int:
    """Read `128MiB`; raise ValueError for what is no such size."""
    match = _SIZE.fullmatch(text)
    if match is None:
        message = f"not a size: {text[:40]!r} (write {_meant(text)})"
        raise ValueError(message)
    return int(match[1]) * _SIZE_UNITS[match[2]]


def _meant(text: str) -> str:
    """Return how a size is written that was written another way."""
    match = _LIKE_A_SIZE.fullmatch(text)
    if match is None:
        return "128MiB or 1GiB"
    number, unit = float(match[1]), f"{match[2].upper()}iB"
    if not number.is_integer():
        number, unit = round(number * 1024), {"GiB": "MiB", "MiB": "KiB"}.get(unit, "B")
    return f"{number:.0f}{unit}"


def _memory(value: object) -> object:
    """Refuse a number without a unit, and too little; another type is refused as what it is."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    text = str(value)
    if _NUMBER.fullmatch(text):
        hint = f"{text} MiB is written {text}MiB, {text} GiB {text}GiB; at least 16MiB"
        message = f"not a size: {text} has no unit ({hint})"
        raise ValueError(message)
    if size_bytes(text) < _LEAST_MEMORY:
        message = f"too little memory: {text} (at least 16MiB)"
        raise ValueError(message)
    return value


def _term(text: str) -> str:
    match = _TERM.fullmatch(text)
    if match is None or int(match[1] or 1) > 65535:
        message = f"not something to allow: {text[:40]!r} (write any, icmp, tcp/PORT or udp/PORT)"
        raise ValueError(message)
    return text


def _place(value: object) -> IPv4Address | str | None:
    """Read an address, or what may be the name of a pool."""
    if value is None or isinstance(value, IPv4Address):
        return value
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    try:
        return IPv4Address(value if isinstance(value, str) else "")
    except ValueError:
        message = (
            f'not an IPv4 address: "{str(value)[:40]}" (write 10.0.0.1, or the name of a pool)'
        )
        raise ValueError(message) from None


def pool_ends(text: str) -> tuple[IPv4Address, IPv4Address]:
    """Read `10.20.1.100-10.20.1.199`, or one address; raise ValueError for anything else."""
    first, _, last = (part.strip() for part in text.partition("-"))
    ends = IPv4Address(first), IPv4Address(last or first)
    if ends[1] < ends[0]:
        message = f"{text} runs backwards"
        raise ValueError(message)
    return ends


def _pool(text: str) -> str:
    try:
        pool_ends(text)
    except ValueError as error:
        told = str(error) if "backwards" in str(error) else f'not a pool: "{text[:40]}"'
        message = f"{told} (write 10.0.0.20-10.0.0.99)"
        raise ValueError(message) from None
    return text


Text = Annotated[str, StringConstraints(max_length=2000)]
Value = Annotated[str, StringConstraints(max_length=253)]
Expected = Annotated[Value, Field(min_length=1)] | None
Word = Annotated[int, Field(ge=0, le=65535)]
Registers = Annotated[dict[Word, Word], Field(max_length=64)]


End = Annotated[
    str, StringConstraints(pattern=rf"^zone (?:partner|adversary|hunt)$|{NAME_PATTERN}")
]
"""Where a rule begins or ends: a segment's name, or `zone` and the name of a zone."""
Pool = Annotated[str, AfterValidator(_pool)]
"""The addresses of a pool: `10.20.1.100-10.20.1.199`."""
Address = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$")]
Place = Annotated[
    IPv4Address | str | None, PlainValidator(_place, json_schema_input_type=Address | Name | None)
]
VariableName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
HostKey = Annotated[str, StringConstraints(pattern=KEY_PATTERN)]


class Limits(Model):
    """What one host may use of its node."""

    memory: Annotated[str, BeforeValidator(_memory)] = "128MiB"
    pids: Annotated[int, Field(ge=16, le=4096)] = 200
    cpus: Annotated[float, Field(ge=0.05, le=64)] = 1.0


class RoleUse(Model):
    """One role of a host, with its variables."""

    name: Name
    vars: dict[str, str | int | bool] = Field(default_factory=dict)


class Login(Model):
    """Who a check logs in as; with a directory the user is a DN.

    `staff` as a user is the first of the partner's people who sits at a workstation. Without a
    password it is the one that the range gave this user.
    """

    user: Annotated[Value, Field(min_length=1)]
    password: Value | None = None


class Expect(Model):
    """What a service must answer to be up; each key fits some kinds of checks only.

    `banner` is text that stands in what a server says first, `recipient` an address that a mail
    server takes mail for, `mailbox` a folder that can be read, `entry` a DN that is found, `share`
    and `file` can be opened, `value` is text in what a query brings, `registers` are holding
    registers of a device by their address. `staff` as a recipient or an entry is the first of the
    partner's people who sits at a workstation.
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
    """One thing a router lets pass, from a segment to a segment; `zone hunt` is all of a zone's."""

    from_: End = Field(alias="from")
    to: End
    allow: Annotated[tuple[Annotated[str, AfterValidator(_term)], ...], Field(min_length=1)]


class Segment(Model):
    """One layer-2 network; a pool is a run of its addresses that hosts may ask for by name."""

    zone: Zone
    subnet: IPv4Network
    pools: dict[Name, Pool] = Field(default_factory=dict, max_length=64)


class Variable(Model):
    """A value that whoever uses the file may choose; without a default he must."""

    default: str | int | float | bool | None = None
    choices: tuple[str | int | float | bool, ...] = ()
    description: Text = ""


class Profile(Model):
    """What defaults, kinds, groups and hosts say alike; the nearest to the host counts.

    Limits and the variables of a role are merged key by key, roles and services by name: a nearer
    layer adds roles, changes variables of those there, and replaces services of the same name.
    """

    image: Name | None = None
    init: Init | None = None
    limits: Limits | None = None
    roles: tuple[RoleUse, ...] = ()
    services: tuple[Service, ...] = ()


class Defaults(Profile):
    """What every host gets, unless its kind, a group or the host itself says another thing."""

    image: Name = "debian"
    limits: Limits = Limits()


class Kind(Profile):
    """A kind of host of the file's own, made from host, router, kit or another of its own."""

    extends: Name = "host"


class Group(Profile):
    """What several hosts have in common; those that it extends say it first."""

    extends: tuple[Name, ...] = ()


class Host(Profile):
    """One machine, or several alike: by `count`, or by a name such as `desk-[1-3]`.

    An address is one of the segment's, or chosen: from one of its pools by name, or by itself.
    """

    kind: Name = "host"
    group: tuple[Name, ...] = ()
    count: Annotated[int, Field(ge=1, le=MOST_NAMES)] | None = None
    segments: Annotated[dict[Name, Place], Field(min_length=1)]
    policy: Annotated[tuple[Rule, ...], Field(max_length=500)] = ()


class Topology(Model):
    """A whole range, as its file says it."""

    version: Literal[1]
    name: Name
    description: Text = ""
    include: Annotated[tuple[Value, ...], Field(max_length=20)] = ()
    vars: dict[VariableName, Variable] = Field(default_factory=dict, max_length=200)
    defaults: Defaults = Defaults()
    people: People | None = None
    kinds: dict[Name, Kind] = Field(default_factory=dict, max_length=64)
    groups: dict[Name, Group] = Field(default_factory=dict, max_length=500)
    segments: Annotated[dict[Name, Segment], Field(min_length=1, max_length=64)]
    hosts: Annotated[dict[HostKey, Host], Field(min_length=1)]


def expanded_names(name: str, host: Host) -> tuple[str, ...]:
    """Return the names that one entry of `hosts` stands for: NAME-1 to NAME-COUNT, those that a
    pattern gives, or itself.
    """
    if host.count is None:
        return names_of(name)
    return tuple(f"{name}-{number}" for number in range(1, host.count + 1))


def count_of_names(name: str, host: Host) -> int:
    """Return how many hosts one entry of `hosts` stands for."""
    return count_of(name) if host.count is None else host.count


def built_in(kind: str) -> BuiltIn:
    """Return the kind of a host of a topology that was read."""
    return cast("BuiltIn", kind) if kind in get_args(BuiltIn) else "host"
