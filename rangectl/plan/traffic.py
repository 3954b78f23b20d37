"""What the partner's people do on the network and when: a schedule that a seed determines."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase

from rangectl.model.topology import CheckKind, Service
from rangectl.model.traffic import Activity, Habit, Profile, minutes
from rangectl.people import Person
from rangectl.people.dice import Dice
from rangectl.plan.matrix import allowed, term
from rangectl.plan.partner import people
from rangectl.plan.spec import HostSpec, RangeSpec, is_administered

SPOKEN: dict[Activity, tuple[CheckKind, ...]] = {
    "browse": ("http",),
    "mail": ("smtp", "imap"),
    "query": ("ldap",),
    "copy": ("smb",),
    "login": ("ssh",),
    "resolve": ("dns",),
}
"""What kinds of services each activity is done with."""

_DATAGRAMS = ("dns", "snmp")
_BY_NAME: tuple[Activity, ...] = ("mail", "copy", "login")
_FINE = 1 << 40
_STEPS = 48


@dataclass(frozen=True, slots=True)
class Target:
    """A service as it is reached from a host."""

    host: str
    address: str
    service: Service


@dataclass(frozen=True, slots=True)
class Visit:
    """One thing that one of the staff does, `at` seconds after STARTEX by the clock on the wall.

    `person` is None where nobody is known to sit at a workstation. `seed` tells what is looked at,
    written and fetched.
    """

    at: float
    host: str
    person: Person | None
    do: Activity
    target: Target
    seed: int


@dataclass(frozen=True, slots=True)
class Office:
    """All that a schedule follows from, beside the profile.

    `foes` are the adversary's flows in an hour (wall), `avoid` the hosts nobody of the staff
    knows, `length` and `compression` those of the exercise's clock.
    """

    spec: RangeSpec
    seed: int
    foes: float
    avoid: frozenset[str]
    length: timedelta
    compression: float


@dataclass(frozen=True, slots=True)
class _Custom:
    """A habit of one person, with where it can be done, and how often (per second)."""

    number: int
    host: str
    person: Person | None
    do: Activity
    targets: tuple[Target, ...]
    rate: float


def schedule(profile: Profile, office: Office) -> Iterator[Visit]:
    """Yield what the staff does, in order of time and without end; the same for the same seed.

    Nothing is yielded where there is nobody, or nothing to do.
    """
    customs = _customs(profile, office.spec, office.avoid)
    factor = _factor(profile, office, sum(one.rate for one in customs))
    streams = (_stream(profile, office, one, factor) for one in customs)
    gap, last = 1 / profile.limit, -math.inf
    for visit in heapq.merge(*streams, key=lambda one: one.at):
        # Who comes when too much is going on comes a little later.
        last = max(visit.at, last + gap)
        yield visit if last == visit.at else _later(visit, last)


def hourly(profile: Profile, office: Office) -> float:
    """Return how many visits there are in an hour (wall), while people are as busy as can be."""
    rate = sum(one.rate for one in _customs(profile, office.spec, office.avoid))
    return 3600 * rate * _factor(profile, office, rate)


def _later(visit: Visit, at: float) -> Visit:
    return Visit(at, visit.host, visit.person, visit.do, visit.target, visit.seed)


def _level(profile: Profile, office: Office, at: float) -> float:
    return profile.level(minutes(profile.starts) + at * office.compression / 60)


def _factor(profile: Profile, office: Office, rate: float) -> float:
    """Return how much more is done than the habits say, so that the adversary is outnumbered."""
    if rate <= 0:
        return 1.0
    lasts = office.length.total_seconds() / office.compression
    levels = [_level(profile, office, lasts * step / _STEPS) for step in range(_STEPS)]
    usual = sum(levels) / _STEPS
    wanted = profile.ratio * office.foes / 3600
    least = wanted / (rate * usual) if usual else 1.0
    return min(max(1.0, least), profile.limit / rate)


def _stream(profile: Profile, office: Office, custom: _Custom, factor: float) -> Iterator[Visit]:
    """Yield one person's visits of one habit: a Poisson process that follows the day."""
    who = custom.person.account if custom.person else custom.host
    dice = Dice("traffic", str(office.seed), who, str(custom.number))
    rate, at = custom.rate * factor, 0.0
    if not any(profile.day.values()):
        return
    while True:
        at -= math.log(1 - _part(dice)) / rate
        if _part(dice) < _level(profile, office, at):
            target = dice.pick(custom.targets)
            seed = dice.below(1 << 32)
            yield Visit(at, custom.host, custom.person, custom.do, target, seed)


def _part(dice: Dice) -> float:
    """Return a number from 0 up to, without, 1."""
    return dice.below(_FINE) / _FINE


def _customs(profile: Profile, spec: RangeSpec, avoid: Collection[str]) -> list[_Custom]:
    sitters = _sitters(spec)
    reach = _reach(spec, avoid)
    found = []
    for number, habit in enumerate(profile.habits):
        for host, person in sitters:
            if _does(habit, host, person):
                targets = tuple(_fit(habit, host, reach(host, habit.do), spec))
                if targets:
                    rate = 1 / habit.every.total_seconds()
                    one = _Custom(number, host.name, person, habit.do, targets, rate)
                    found.append(one)
    return found


def _sitters(spec: RangeSpec) -> list[tuple[HostSpec, Person | None]]:
    """Return who sits where; where no people are known, somebody sits at every workstation."""
    zones = {segment.name: segment.zone for segment in spec.segments}
    desks = {
        host.name: host
        for host in spec.hosts
        if is_administered(host, zones) and any(role.name == "workstation" for role in host.roles)
    }
    found = people(spec)
    if found is None:
        return [(host, None) for _, host in sorted(desks.items())]
    return [(desks[one.host], one) for one in found.staff if one.host in desks]


def _does(habit: Habit, host: HostSpec, person: Person | None) -> bool:
    who = habit.who
    if not fnmatchcase(host.name, who.host):
        return False
    if person is None:
        return habit.do not in _BY_NAME and who.department == "*" and not who.admin
    if habit.do == "login" and not person.admin:
        return False
    admins = who.admin is None or who.admin == person.admin
    return admins and fnmatchcase(person.department.key, who.department)


def _fit(
    habit: Habit, host: HostSpec, targets: Sequence[Target], spec: RangeSpec
) -> Iterator[Target]:
    """Yield where a habit is done: not at home, names at one's own resolver, logins at hosts."""
    zones = {segment.name: segment.zone for segment in spec.segments}
    for target in targets:
        away = target.host != host.name and fnmatchcase(target.host, habit.to)
        if habit.do == "resolve":
            away = away and target.address in {str(one) for one in host.dns}
        if habit.do == "login":
            away = away and is_administered(spec.host(target.host), zones)
        if away:
            yield target


def _reach(
    spec: RangeSpec, avoid: Collection[str]
) -> Callable[[HostSpec, Activity], tuple[Target, ...]]:
    """Return what tells which services a host reaches as the routers' policies say."""
    routers = [host for host in spec.hosts if host.kind == "router"]
    offered = [
        (host, service)
        for host in sorted(spec.hosts, key=lambda host: host.name)
        if host.name not in avoid and host.kind in {"host", "router"}
        for service in host.services
    ]

    def reach(source: HostSpec, do: Activity) -> tuple[Target, ...]:
        return tuple(
            Target(host.name, address, service)
            for host, service in offered
            if service.check in SPOKEN[do]
            and (address := _address(routers, source, host, service)) is not None
        )

    return reach


def _address(
    routers: Sequence[HostSpec], source: HostSpec, target: HostSpec, service: Service
) -> str | None:
    mine = {nic.segment for nic in source.nics}
    for nic in target.nics:
        if nic.segment in mine:
            return str(nic.address.ip)
    protocol = "udp" if service.check in _DATAGRAMS else "tcp"
    address = target.nics[0].address.ip
    what = term(protocol, service.port)
    return str(address) if allowed(routers, source, address, what) else None
