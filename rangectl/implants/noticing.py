"""What an actor notices of those who hunt him: in his sinkholes' logs and in the router's.

Lines come from a range: they are read in bounds, and nothing in them makes these functions fail.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Literal

from rangectl.implants.probes import SinkholeHit
from rangectl.model.exercise import Exercise
from rangectl.plan.probing import ReadTail
from rangectl.plan.spec import RangeSpec

ROUTER_QUERY = ReadTail("/var/log/ulog/syslogemu.log")
"""What to ask a router; `parse_records` reads the answer's data."""
MANY = 30
"""So many addresses and ports in a minute, logins left out, are a scan."""

_LINE = re.compile(
    r"([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) .*?"
    r"SRC=([0-9.]{7,15}) DST=([0-9.]{7,15}) (?:.*? DPT=(\d{1,5}))?"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONGEST_LINE = 1024
_MOST = 5000
_LOGIN = 22
_MINUTE = timedelta(minutes=1)
REST = timedelta(minutes=5)
"""The same thing is not noticed again for so long."""


@dataclass(frozen=True, slots=True)
class Record:
    """One packet that a router logged."""

    at: datetime
    source: IPv4Address
    target: IPv4Address
    port: int


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something that an actor noticed (every actor, where none is named)."""

    why: Literal["scan", "contact"]
    actor: str | None
    at: datetime
    cause: str


def parse_records(data: bytes, now: datetime) -> tuple[Record, ...]:
    """Read the end of a router's log; what is no packet in it is passed over. Its lines tell no
    year: they are taken to be of the last twelve months.
    """
    lines = data.split(b"\n")[-_MOST:]
    found = (_record(line.decode(errors="replace"), now) for line in lines)
    return tuple(record for record in found if record is not None)


def noticed(
    exercise: Exercise,
    spec: RangeSpec,
    hits: Mapping[str, Sequence[SinkholeHit]],
    records: Iterable[Record],
    since: Mapping[str, datetime],
) -> tuple[Noticed, ...]:
    """Return what is to be noticed: the first contact and the first scan after the moment that
    `since` gives for each.

    `hits` are the sinkholes' requests, by host. Those who hunt are the machines of the hunt's zone.
    """
    hunt = [one.subnet for one in spec.segments if one.zone == "hunt"]
    clients = {one.client for one in spec.segments}

    def hunts(address: IPv4Address) -> bool:
        return address not in clients and any(address in subnet for subnet in hunt)

    theirs = [record for record in records if hunts(record.source)]
    touched = [
        *_requests(exercise, hits, hunts),
        *_reached(exercise, spec, theirs),
    ]
    late = (one for one in touched if one.at > since["contact"])
    contacts = sorted(late, key=lambda one: (one.at, one.cause, one.actor or ""))[:1]
    return (*contacts, *_scans(one for one in theirs if one.at > since["scan"]))


def _record(line: str, now: datetime) -> Record | None:
    match = _LINE.match(line[:_LONGEST_LINE])
    if match is None or match[1] not in _MONTHS:
        return None
    day, hour, minute, second = (int(match[number]) for number in range(2, 6))
    month = _MONTHS.index(match[1]) + 1
    try:
        at = datetime(now.year, month, day, hour, minute, second, tzinfo=UTC)
        if at > now + timedelta(days=1):
            at = at.replace(year=now.year - 1)
        return Record(at, IPv4Address(match[6]), IPv4Address(match[7]), int(match[8] or 0))
    except ValueError:
        return None


def _requests(
    exercise: Exercise,
    hits: Mapping[str, Sequence[SinkholeHit]],
    hunts: Callable[[IPv4Address], bool],
) -> Iterator[Noticed]:
    for host, asked in hits.items():
        for hit in asked:
            address, at = _address(hit.address), _moment(hit.time)
            if address is not None and at is not None and hunts(address):
                for actor in _owners(exercise, host):
                    yield Noticed("contact", actor, at, f"{address} asked {host}")


def _reached(exercise: Exercise, spec: RangeSpec, records: Iterable[Record]) -> Iterator[Noticed]:
    hosts = {nic.address.ip: host.name for host in spec.hosts for nic in host.nics}
    for record in records:
        host = hosts.get(record.target)
        for actor in _owners(exercise, host) if host is not None else ():
            cause = f"{record.source} reached for {host} port {record.port}"
            yield Noticed("contact", actor, record.at, cause)


def _scans(records: Iterable[Record]) -> Iterator[Noticed]:
    """Yield the first scan: a flood of records takes no longer than its number."""
    lately: dict[IPv4Address, dict[tuple[IPv4Address, int], datetime]] = defaultdict(dict)
    for record in sorted(records, key=lambda one: one.at):
        if record.port == _LOGIN:
            continue
        places = lately[record.source]
        places.pop((record.target, record.port), None)
        places[record.target, record.port] = record.at  # the latest stands last
        while record.at - next(iter(places.values())) >= _MINUTE:
            del places[next(iter(places))]
        if len(places) >= MANY:
            cause = f"{record.source} reached for {len(places)} addresses and ports in a minute"
            yield Noticed("scan", None, record.at, cause)
            return


def _owners(exercise: Exercise, host: str) -> tuple[str, ...]:
    return tuple(
        name
        for name, actor in exercise.actors.items()
        if host in {actor.sinkhole, *(stage.sinkhole for stage in actor.stages)}
    )


def _address(text: str) -> IPv4Address | None:
    try:
        return IPv4Address(text)
    except ValueError:
        return None


def _moment(epoch: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(epoch, UTC)
    except (ValueError, OverflowError, OSError):
        return None
