"""All that people leave on a host, gathered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache

from rangectl.people import accounts, days, homes, mail, shares, stores
from rangectl.people.belongings import Belongings, Secrets, Thing, text
from rangectl.people.documents import Document, in_homes
from rangectl.people.facts import FILE_SERVER, Facts, facts
from rangectl.people.site import Host
from rangectl.people.staff import People

_REPORT_DAYS = 6


def belongings(people: People, host: Host, secrets: Secrets) -> Belongings:
    """Return what people have on a host: nothing where nobody has an account."""
    so = facts(people)
    when = days.moment(people.newest.since, 8 * 60 + 38, 51).timestamp()
    if not host.administered:
        return Belongings(when)
    return Belongings(
        at=when,
        accounts=accounts.entries(so, host, secrets),
        groups=accounts.groups(so, host),
        homes=tuple(homes.homes(so, host)),
        files=_once(_things(so, host, secrets)),
    )


@lru_cache(maxsize=16)
def documents(people: People) -> tuple[Document, ...]:
    """Return every document of the partner's, wherever it lies."""
    return (*in_homes(people), *shares.in_shares(people))


def _once(things: Iterator[Thing]) -> tuple[Thing, ...]:
    """Return things without repeats: of two of one path, the later."""
    return tuple({one.path: one for one in things}.values())


def _things(so: Facts, host: Host, secrets: Secrets) -> Iterator[Thing]:
    yield from homes.things(so, host, secrets)
    yield from accounts.keys(so, host, secrets)
    yield from accounts.crontabs(so, host)
    yield from _report(so, host)
    if host.name == mail.server(so.people):
        yield from _maildirs(so)
        yield from stores.mailboxes(so, secrets)
    if host.does("directory"):
        yield from stores.directory(so, secrets)
    if host.does("database"):
        yield from _tables(so, host)
    if host.does(FILE_SERVER):
        yield from shares.shares(so, secrets)
    if host.does("wiki"):
        yield from shares.wiki(so)


@lru_cache(maxsize=16)
def _maildirs(so: Facts) -> tuple[Thing, ...]:
    return tuple(mail.maildirs(so))


@lru_cache(maxsize=16)
def _tables(so: Facts, host: Host) -> tuple[Thing, ...]:
    return tuple(stores.tables(so, host))


def _report(so: Facts, host: Host) -> Iterator[Thing]:
    """Yield the log of the site's own report of the last days; it is silent while logs were off."""
    if not host.does("base"):
        return
    at, dice = so.people.site.at, so.people.site.dice("report", host.name)
    used, lines, when = dice.within(21, 46), [], at
    start = (at - timedelta(days=_REPORT_DAYS)).date()
    up = dice.within(9, 60)
    for step in range(_REPORT_DAYS * 4 + 4):
        when = days.moment(start, 5 + 360 * step, 1 + dice.below(2))
        if when >= at:
            break
        gap = so.gap
        if gap is not None and host.name in gap.hosts and gap.begin <= when < gap.end:
            continue
        used += dice.chance(8)
        load = ", ".join(f"0.{dice.below(24):02}" for _ in range(3))
        users = dice.below(3)
        who = f"{users} user" if users == 1 else f"{users} users"
        size, taken = "40G", f"{used * 0.4:.0f}G"
        lines += [
            f"{when:%Y-%m-%dT%H:%M:%S}+00:00",
            "Filesystem      Size  Used Avail Use% Mounted on",
            f"overlay          {size}   {taken:>3}   {40 - used * 0.4:.0f}G  {used}% /",
            f" {when:%H:%M:%S} up {up + step // 4} days,  {who},  load average: {load}",
        ]
    last = days.moment(start, 5 + 360 * (step - 1), 2) if lines else at
    yield text("/var/log/siteops.log", "\n".join([*lines, ""]), "root", last)
