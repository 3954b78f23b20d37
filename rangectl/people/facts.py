"""What is so at the partner's, and is on paper: accounts, keys, jobs, changes, and what is odd.

Files of hosts and papers are both made from this, so that they agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from rangectl.people import days
from rangectl.people.changes import Change, calendar
from rangectl.people.odds import Odds, odds
from rangectl.people.site import Host
from rangectl.people.staff import FIRST_UID, People, Person, ascii_of

FILE_SERVER = "fileserver"
OUTSIDER_UID = FIRST_UID + 890
LEAVER_UID = FIRST_UID + 790


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a person on a host; `state` is active, external or locked."""

    host: str
    name: str
    uid: int
    owner: str
    state: str
    since: date
    until: date | None = None
    ticket: str = ""
    note: str = ""
    login: bool = True


@dataclass(frozen=True, slots=True)
class Grant:
    """A key that may log in; `key` and `comment` are what it is made from in each range."""

    host: str
    account: str
    key: str
    comment: str
    owner: str
    since: date
    ticket: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Duty:
    """A job in the crontab of one of the staff."""

    host: str
    account: str
    schedule: str
    command: str
    purpose: str
    since: date

    @property
    def path(self) -> str:
        """The file that holds it."""
        return f"/var/spool/cron/crontabs/{self.account}"


@dataclass(frozen=True, eq=False)
class Facts:
    """All of it; `gap` is when a host did not log, if that is so."""

    people: People
    odd: Odds
    accounts: tuple[Account, ...]
    grants: tuple[Grant, ...]
    duties: tuple[Duty, ...]
    changes: tuple[Change, ...]
    gap: Change | None

    def on(self, host: str) -> tuple[Account, ...]:
        """Return the accounts of a host."""
        return tuple(one for one in self.accounts if one.host == host)


@lru_cache(maxsize=64)
def facts(people: People) -> Facts:
    """Return what is so at the partner's of these people."""
    odd = odds(people)
    changes = calendar(people, odd)
    hosts = tuple(host for host in people.site.hosts if host.administered)
    accounts = [one for host in hosts for one in _accounts(people, host, changes)]
    grants = [one for host in hosts for one in _grants(people, host)]
    _add_outsider(people, odd, changes, accounts, grants)
    _add_leaver(odd, changes, accounts)
    _add_old_key(people, odd, grants)
    return Facts(
        people=people,
        odd=odd,
        accounts=tuple(accounts),
        grants=tuple(grants),
        duties=tuple(_duties(people, hosts)),
        changes=tuple(sorted(changes.values(), key=lambda one: one.number)),
        gap=changes.get("gap"),
    )


def _accounts(people: People, host: Host, changes: Mapping[str, Change]) -> Iterator[Account]:
    for person in (*people.on(host), *_others(people, host)):
        late = changes["joiner"].number if person is people.newest else ""
        login = person in people.on(host)
        yield Account(
            host.name, person.account, person.uid, person.name, "active", person.since,
            ticket=late, note=_reason(person, host, login=login), login=login,
        )  # fmt: skip


def _others(people: People, host: Host) -> Iterator[Person]:
    """Yield who has an account on a file server for its shares alone."""
    here = people.on(host)
    yield from (one for one in people.staff if host.does(FILE_SERVER) and one not in here)


def _reason(person: Person, host: Host, *, login: bool) -> str:
    if not login:
        return "file shares only, no login"
    if person.admin:
        return "administers it"
    return "sits there" if person.host == host.name else "logs in from there on"


def _grants(people: People, host: Host) -> Iterator[Grant]:
    """Yield the keys of who comes to a host from elsewhere."""
    for person in people.on(host):
        if person.host != host.name:
            yield Grant(
                host.name, person.account, person.key, comment(person), person.name, person.since
            )


def comment(person: Person) -> str:
    """Return the comment of a person's key."""
    return f"{person.account}@{person.host or 'desk'}"


def _add_outsider(
    people: People,
    odd: Odds,
    changes: Mapping[str, Change],
    accounts: list[Account],
    grants: list[Grant],
) -> None:
    if odd.outsider is None:
        return
    name, firm, host = odd.outsider
    ticket = changes["outsider"]
    account = "ext-" + ascii_of(name.split()[-1])[:12]
    until = days.working_day(people.site.at.date() + timedelta(days=45), 0)
    note = f"of {firm}, for the acceptance tests"
    accounts.append(
        Account(
            host, account, OUTSIDER_UID, name, "external", ticket.begin.date(), until,
            ticket.number, note,
        )
    )  # fmt: skip
    grants.append(
        Grant(
            host, account, f"outsider/{account}", f"{account}@{firm.split()[0].lower()}",
            f"{name} ({firm})", ticket.begin.date(), ticket.number, f"until {until.isoformat()}",
        )
    )  # fmt: skip


def _add_leaver(odd: Odds, changes: Mapping[str, Change], accounts: list[Account]) -> None:
    if odd.leaver is None:
        return
    first, last, host = odd.leaver
    ticket = changes["leaver"]
    left = ticket.begin.date()
    accounts.append(
        Account(
            host, leaver_account(odd.leaver), LEAVER_UID, f"{first} {last}", "locked",
            left - timedelta(days=900), left, ticket.number, "left; home is kept for three months",
        )
    )  # fmt: skip


def leaver_account(leaver: tuple[str, str, str]) -> str:
    """Return the account of who left, with a mark that no other account bears."""
    first, last, _ = leaver
    return f"{ascii_of(first)[:1]}{ascii_of(last)[:12]}0"


def _add_old_key(people: People, odd: Odds, grants: list[Grant]) -> None:
    if not odd.old_key:
        return
    admin = people.admins[0]
    old = f"{admin.account}@thinkstation-old"
    since = max(admin.since, people.site.at.date() - timedelta(days=900))
    grants += [
        Grant(
            host, admin.account, f"old/{admin.account}", old, admin.name, since, "",
            "machine no longer in use; goes at the next review",
        )
        for host in odd.old_key
    ]  # fmt: skip


def _duties(people: People, hosts: Sequence[Host]) -> Iterator[Duty]:
    """Yield the jobs of the staff: a few tables added up, and an admin's list of full disks."""
    for host in hosts:
        dice = people.site.dice("duties", host.name)
        sitting = [one for one in people.staff if one.host == host.name and not one.admin]
        for person in dice.some(sitting, 1 + dice.below(2)):
            minute, hour = dice.within(1, 58), dice.within(6, 17)
            yield Duty(
                host.name, person.account, f"{minute} {hour} * * 1-5",
                f"/home/{person.account}/bin/sum-tables", "adds up the tables of the department",
                days.working_day(max(person.since, people.site.at.date() - timedelta(days=200)), 1),
            )  # fmt: skip
        if not sitting and dice.chance(35):
            admin = dice.pick(people.admins)
            yield Duty(
                host.name, admin.account, f"{dice.within(1, 58)} */4 * * *",
                f"/home/{admin.account}/bin/note-load", "notes load and free memory for trends",
                days.working_day(max(admin.since, people.site.at.date() - timedelta(days=300)), 1),
            )  # fmt: skip
