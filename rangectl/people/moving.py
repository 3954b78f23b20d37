"""All that people leave on a host, gathered."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rangectl.people import accounts, days, homes, logs, mail, shares, stores, wiki
from rangectl.people.belongings import Belongings, Secrets, Thing
from rangectl.people.documents import Document, in_homes
from rangectl.people.facts import FILE_SERVER, Facts, facts
from rangectl.people.site import Host
from rangectl.people.staff import People


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
    yield from logs.report(so, host)
    yield from logs.logins(so, host, secrets)
    if host.name == mail.server(so.people):
        yield from _maildirs(so)
        yield from stores.mailboxes(so, secrets)
    if host.does("directory"):
        yield from stores.directory(so, secrets)
    if host.does("database"):
        yield from _tables(so, host)
    if host.keeps:
        yield from stores.book(so, host)
    if host.does(FILE_SERVER):
        yield from shares.shares(so, secrets)
    if host.does("wiki"):
        yield from wiki.wiki(so)


@lru_cache(maxsize=16)
def _maildirs(so: Facts) -> tuple[Thing, ...]:
    return tuple(mail.maildirs(so))


@lru_cache(maxsize=16)
def _tables(so: Facts, host: Host) -> tuple[Thing, ...]:
    return tuple(stores.tables(so, host))
