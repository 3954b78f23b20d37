"""The change calendar: what was done to which host and when, and what is planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from rangectl.people import days
from rangectl.people.odds import Odds
from rangectl.people.site import Host
from rangectl.people.staff import People

_WEEKS_BACK, _WEEKS_AHEAD = 8, 2
_WORK = (
    "updates reviewed, none due",
    "kernel parameters set as the auditors asked",
    "disk of the logs cleared",
    "certificate renewed",
    "memory checked after a warning",
    "time source changed",
    "restore test",
    "old copies removed",
)
_PLANNED = ("monthly updates", "restart after updates", "review of keys", "restore test")


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the change calendar."""

    number: str
    begin: datetime
    end: datetime
    hosts: tuple[str, ...]
    summary: str
    who: str
    state: str


class _Book:
    """The calendar while it is written."""

    def __init__(self, people: People) -> None:
        self.entries: dict[str, Change] = {}
        self.dice = people.site.dice("changes")
        self._people = people

    def enter(self, label: str, day: date, span: tuple[int, int], what: tuple[str, ...]) -> None:
        """Enter a change: minute of the day and length, summary and hosts."""
        (minute, length), (summary, *hosts) = span, what
        begin = days.moment(day, minute)
        past = begin < self._people.site.at
        self.entries[label] = Change(
            "", begin, begin + timedelta(minutes=length), tuple(hosts), summary,
            self.dice.pick(self._people.admins).account, "done" if past else "approved",
        )  # fmt: skip


def calendar(people: People, odd: Odds) -> dict[str, Change]:
    """Return the changes by label; those of oddities are labelled like these."""
    book = _Book(people)
    hosts = [host for host in people.site.hosts if host.administered]
    _routine(book, hosts, people.site.at.date())
    _of_oddities(book, people, odd)
    _of_gateways(book, people)
    numbered: dict[str, Change] = {}
    counts: dict[int, int] = {}
    for label, entry in sorted(book.entries.items(), key=lambda one: (one[1].begin, one[0])):
        year = entry.begin.year
        counts[year] = counts.get(year, 20 + people.site.about.seed % 60) + 1
        numbered[label] = replace(entry, number=f"CHG-{year}-{counts[year]:03}")
    return numbered


def _routine(book: _Book, hosts: Sequence[Host], today: date) -> None:
    """Enter what is done on Tuesdays and Thursdays after hours."""
    if not hosts:
        return
    servers = [host for host in hosts if not host.does("workstation")]
    for week in range(-_WEEKS_BACK, _WEEKS_AHEAD + 1):
        for weekday in (1, 3):
            day = today + timedelta(weeks=week, days=weekday - today.weekday())
            if book.dice.chance(25) or day == today:
                continue
            what = book.dice.pick(_WORK if day < today else _PLANNED)
            pool, most = (hosts, 4) if "updates" in what else (servers or hosts, 1)
            names = sorted(host.name for host in book.dice.some(pool, book.dice.within(1, most)))
            span = (18 * 60 + 15 * book.dice.below(5), book.dice.within(2, 8) * 15)
            book.enter(f"routine {day}", day, span, (what, *names))


def _of_oddities(book: _Book, people: People, odd: Odds) -> None:
    today, dice = people.site.at.date(), book.dice
    newest = people.newest
    seat = (newest.host,) if newest.host else ()
    book.enter(
        "joiner", newest.since, (8 * 60 + 30, 30), (f"account for {newest.name}, new", *seat)
    )
    if odd.outsider is not None:
        name, firm, host = odd.outsider
        day = days.working_day(today, -dice.within(20, 35))
        book.enter("outsider", day, (10 * 60, 30), (f"external account, {name} of {firm}", host))
    if odd.leaver is not None:
        first, last, host = odd.leaver
        day = days.working_day(today, -dice.within(12, 40))
        book.enter("leaver", day, (16 * 60 + 30, 15), (f"account of {first} {last} locked", host))
    if odd.renamed is not None:
        host, former = odd.renamed
        day = days.working_day(today, -dice.within(30, 38))
        book.enter("renamed", day, (18 * 60, 45), (f"{former} renamed to {host}", host))
    if odd.gap:
        day = days.working_day(today, -dice.within(1, 3))
        span = (17 * 60 + 40, 80)
        book.enter("gap", day, span, ("log disk moved; no logs while it lasts", odd.gap))


def _of_gateways(book: _Book, people: People) -> None:
    """Enter why gateways shake hands and have no tunnel, as their own settings say."""
    hosts = [host.name for host in people.site.hosts_with("vpn")]
    if hosts:
        day = days.working_day(people.site.at.date(), -book.dice.within(36, 39))
        what = ("tunnel closed until the new concentrator is in; handshakes go on", *hosts)
        book.enter("gateways", day, (17 * 60 + 15, 30), what)
