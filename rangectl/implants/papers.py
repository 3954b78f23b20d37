"""The papers a hunter asks the partner for, as files for the kit: tables of what is known.

They say what the register says (`briefing.register`), with the dates, tickets and owners that
people want: what stands in neither belongs to nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date, timedelta

from rangectl.implants.briefing import SEATS
from rangectl.implants.item import (
    Account,
    Baseline,
    Change,
    Job,
    Key,
    Listing,
    Poller,
    Program,
)
from rangectl.people import facts as known
from rangectl.people import papers as own
from rangectl.people.facts import Facts
from rangectl.people.papers import Rows
from rangectl.people.teller import csv
from rangectl.plan.partner import RangeSecrets, people
from rangectl.plan.spec import RangeSpec


@dataclass(frozen=True, slots=True)
class Paper:
    """One of the partner's papers: a table, under the name of its file."""

    name: str
    title: str
    rows: Rows

    @property
    def text(self) -> str:
        """The table as a file of values."""
        return csv(self.rows)


def people_listings(spec: RangeSpec, secret: str) -> tuple[Listing, ...]:
    """Return what the register says of the partner's people: keys, jobs and accounts."""
    found = people(spec)
    if found is None:
        return ()
    so, secrets = known.facts(found), RangeSecrets(secret)
    keys = (
        Key(one.host, one.account, secrets.pair(one.key, one.comment).fingerprint, one.owner)
        for one in so.grants
    )
    jobs = (Job(one.host, one.path, one.account, one.command, one.purpose) for one in so.duties)
    accounts = (Account(one.host, one.name, one.owner, one.note) for one in so.accounts)
    return (*keys, *jobs, *accounts)


def papers(spec: RangeSpec, secret: str, listings: Sequence[Listing]) -> tuple[Paper, ...]:
    """Return the papers; none where the topology says nothing of people.

    `listings` is all that the register lists, the people's own among it.
    """
    found = people(spec)
    if found is None:
        return ()
    so = known.facts(found)
    unique = list(dict.fromkeys(listings))
    return (
        Paper("hr-list.csv", "who works here, who left, who is from outside", own.staff(so)),
        Paper("change-calendar.csv", "what was done to hosts, what is planned", own.calendar(so)),
        Paper("asset-inventory.csv", "hosts, and who looks after them", own.assets(so)),
        Paper("accounts.csv", "accounts of people, host by host", _accounts(so, unique)),
        Paper("key-register.csv", "keys that may log in", _keys(so, RangeSecrets(secret), unique)),
        Paper("jobs.csv", "jobs that were ordered", _jobs(so, unique)),
        Paper("software.csv", "software and agents", _software(so, unique)),
        Paper("file-changes.csv", "changes of files by ticket", _plain(Change, unique)),
        Paper("baselines.csv", "files that were vouched for", _plain(Baseline, unique)),
    )


def contents(found: Sequence[Paper]) -> str:
    """Return the page that lies on top of the papers."""
    width = max(len(one.name) for one in found)
    lines = [f"{one.name:<{width}}  {one.title} ({len(one.rows) - 1})" for one in found]
    return "\n".join(
        [
            "The partner's papers, as of the day you arrived. Times are UTC.",
            "",
            *lines,
            "",
            "A paper may lag behind: ask for the ticket. Debian's own accounts, jobs and programs",
            "are in none of them.",
            "",
        ]
    )


def _accounts(so: Facts, listings: Sequence[Listing]) -> Rows:
    rows = [["host", "account", "uid", "owner", "state", "since", "until", "ticket", "note"]]
    details = {(one.host, one.name): one for one in so.accounts}
    for one in listings:
        if isinstance(one, Account):
            more = details.get((one.host, one.account))
            rows.append([one.host, one.account, *_of_account(so, one, more), one.purpose])
    return _sorted(rows)


def _of_account(so: Facts, one: Account, more: known.Account | None) -> list[str]:
    if more is None:
        return ["", one.owner, "active", _day(so, one).isoformat(), "", ""]
    until = more.until.isoformat() if more.until else ""
    since = more.since.isoformat()
    return [str(more.uid), one.owner, more.state, since, until, more.ticket]


def _keys(so: Facts, secrets: RangeSecrets, listings: Sequence[Listing]) -> Rows:
    rows = [["host", "account", "fingerprint", "owner", "since", "ticket", "note"]]
    details = {
        (one.host, one.account, secrets.pair(one.key, one.comment).fingerprint): one
        for one in so.grants
    }
    for one in listings:
        if isinstance(one, Key):
            more = details.get((one.host, one.account, one.fingerprint))
            since = more.since if more else _day(so, one)
            rows.append(
                [one.host, one.account, one.fingerprint, one.owner, since.isoformat(),
                 more.ticket if more else "", more.note if more else ""]
            )  # fmt: skip
    return _sorted(rows)


def _jobs(so: Facts, listings: Sequence[Listing]) -> Rows:
    rows = [["host", "file", "user", "schedule", "command", "purpose"]]
    details = {(one.host, one.path, one.command): one.schedule for one in so.duties}
    rows += [
        [one.host, one.path, one.user, details.get((one.host, one.path, one.command), ""),
         one.command, one.purpose]
        for one in listings
        if isinstance(one, Job)
    ]  # fmt: skip
    return _sorted(rows)


def _software(so: Facts, listings: Sequence[Listing]) -> Rows:
    rows = own.software(so)
    for one in listings:
        match one:
            case Poller():
                asks = f"{one.purpose} (asks {one.address}:{one.port})"
                rows.append([one.host, one.command, "agent", asks])
            case Program():
                rows.append([one.host, one.path, "set-user-id program", one.purpose])
            case _:
                continue
    return _sorted(rows)


def _plain(kind: type[Change] | type[Baseline], listings: Sequence[Listing]) -> Rows:
    head = [field.name for field in fields(kind)]
    return _sorted(
        [head, *([str(cell) for cell in astuple(one)] for one in listings if type(one) is kind)]
    )


def _sorted(rows: Rows) -> Rows:
    head, *others = rows
    unique = {tuple(row): row for row in others}
    return [head, *(unique[key] for key in sorted(unique))]


def _day(so: Facts, one: Listing) -> date:
    """Return when something was entered that no ticket tells of: any day of the last two years,
    and today where it is the guests' seats.
    """
    if isinstance(one, Account | Key) and one.account in SEATS:
        return so.people.site.at.date()
    drawn = hashlib.sha256(repr(one).encode()).digest()
    return so.people.site.at.date() - timedelta(days=30 + int.from_bytes(drawn[:4]) % 700)
