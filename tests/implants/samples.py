"""A small range, an exercise and the shipped catalogue, as the tests of this package use them."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

from rangectl.implants import compose
from rangectl.implants.item import Item
from rangectl.implants.speaking import variants
from rangectl.model import catalogue
from rangectl.model.exercise import Exercise
from rangectl.model.topology import Limits, Service
from rangectl.plan.spec import HostKind, HostSpec, Nic, RangeId, RangeSpec, RoleSpec, SegmentSpec

HERE = Path(compose.__file__).parent
ENTRIES = catalogue.load(
    {path.name: path.read_text() for path in sorted((HERE / "catalogue").glob("*.yaml"))}
)
PROGRAM = (HERE / "activity" / "poll.py.txt").read_text()
PROGRAMS = variants({path.name: path.read_text() for path in (HERE / "activity").glob("*.txt")})
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SEGMENTS = (
    SegmentSpec(
        "internet", "adversary", IPv4Network("198.51.100.0/24"), IPv4Address("198.51.100.250")
    ),
    SegmentSpec("office", "partner", IPv4Network("10.20.1.0/24"), IPv4Address("10.20.1.250")),
    SegmentSpec("kit", "hunt", IPv4Network("10.20.9.0/24"), IPv4Address("10.20.9.250")),
)


def host(
    name: str,
    *nics: tuple[str, str],
    kind: HostKind = "host",
    services: tuple[Service, ...] = (),
) -> HostSpec:
    return HostSpec(
        name=name,
        kind=kind,
        base="debian",
        roles=(RoleSpec("base"),),
        init="process" if name.startswith("sink") else "systemd",
        nics=tuple(
            Nic(f"eth{n}", segment, IPv4Interface(f"{address}/24"), f"02:00:00:00:00:{n:02x}")
            for n, (segment, address) in enumerate(nics)
        ),
        gateway=None,
        dns=(),
        names=(),
        limits=Limits(),
        services=services,
    )


def small_range(team: str = "alder", desks: int = 3) -> RangeSpec:
    web = Service(name="intranet", check="http", port=80)
    return RangeSpec(
        RangeId("first-light", team),
        "minimal",
        SEGMENTS,
        (
            host("edge", ("internet", "198.51.100.1"), ("office", "10.20.1.1"), kind="router"),
            host("web01", ("office", "10.20.1.10"), services=(web,)),
            host("names", ("office", "10.20.1.11")),
            *(host(f"desk-{n}", ("office", f"10.20.1.{20 + n}")) for n in range(1, desks + 1)),
            host("hunt01", ("kit", "10.20.9.10"), kind="kit"),
            host("sink01", ("internet", "198.51.100.20")),
            host("client", ("office", "10.20.1.250"), kind="client"),
        ),
    )


Chain = tuple[dict[str, object], ...]
FIRST_LIGHT: Chain = (
    {"implant": "ssh.authkey", "on": "web01"},
    {"implant": "cron.dropin", "on": "web01", "after": "5m"},
    {"implant": "c2.http", "on": "desk-*", "started_by": "cron.user", "jitter": 0.1},
)
ALL_KINDS: Chain = (
    *FIRST_LIGHT,
    {"implant": "cron.user", "on": "*"},
    {"implant": "suid.copy", "on": "desk-*"},
)


def exercise(chain: Chain = ALL_KINDS, seed: int = 7, **more: object) -> Exercise:
    return Exercise.model_validate(
        {
            "version": 1,
            "name": "first-light",
            "topology": "minimal",
            "briefing": "docs/first-light.md",
            "clock": {"length": "60m", "compression": 10},
            "seed": seed,
            "actors": {"karsk-2": {"sinkhole": "sink01", "chain": chain}},
            **more,
        }
    )


def items(
    seed: int = 7,
    team: str = "alder",
    chain: Chain = ALL_KINDS,
    secret: bytes = b"secret",
) -> tuple[Item, ...]:
    return compose.compose(exercise(chain, seed), small_range(team), ENTRIES, PROGRAMS, secret, NOW)
