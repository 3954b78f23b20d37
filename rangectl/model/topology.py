"""What a range is: segments, hosts, and what may talk to what."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal

from pydantic import Field

from rangectl.model.base import Model, Name

Zone = Literal["partner", "adversary", "hunt"]
CheckKind = Literal["tcp", "http", "dns", "ssh"]
Init = Literal["systemd", "process"]


class Limits(Model):
    """What one host may use of its node."""

    memory: str = "128MiB"
    pids: int = 200
    cpus: float = 1.0


class RoleUse(Model):
    """One role of a host, with its variables."""

    name: Name
    vars: dict[str, str | int | bool] = {}


class Expect(Model):
    """What a service must answer to be up."""

    status: int | None = None
    body: str | None = None
    answer: IPv4Address | None = None


class Service(Model):
    """Something a host offers, and how one checks it."""

    name: Name
    check: CheckKind
    port: Annotated[int, Field(ge=1, le=65535)]
    query: str | None = None
    path: str = "/"
    expect: Expect = Expect()


class Rule(Model):
    """One thing a router lets pass, from a segment to a segment."""

    from_: Name = Field(alias="from")
    to: Name
    allow: tuple[str, ...]


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
    segments: dict[Name, IPv4Address | None]
    roles: tuple[RoleUse, ...] = ()
    services: tuple[Service, ...] = ()
    policy: tuple[Rule, ...] = ()
    init: Init | None = None
    limits: Limits | None = None


class Topology(Model):
    """A whole range, as its file says it."""

    version: Literal[1]
    name: Name
    description: str = ""
    defaults: Defaults = Defaults()
    groups: dict[Name, Group] = {}
    segments: dict[Name, Segment]
    hosts: dict[Name, Host]
