"""The accounts of a host as its own lists have them, and who may log in with which key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from rangectl.people import days, documents
from rangectl.people.belongings import Entry, Group, Secrets, Thing, folder, text
from rangectl.people.crypt import shadow_hash
from rangectl.people.facts import Account, Duty, Facts
from rangectl.people.site import Host

_EPOCH = date(1970, 1, 1)
_NO_LOGIN = "/usr/sbin/nologin"


def entries(facts: Facts, host: Host, secrets: Secrets) -> tuple[Entry, ...]:
    """Return the lines of the host's accounts."""
    return tuple(_entry(facts, one, secrets) for one in facts.on(host.name))


def groups(facts: Facts, host: Host) -> tuple[Group, ...]:
    """Return a group for each account, and the admins' membership in those that Debian has."""
    here = facts.on(host.name)
    admins = {one.account for one in facts.people.admins}
    own = tuple(Group(one.name, one.uid) for one in here)
    runs = tuple(one.name for one in here if one.name in admins)
    return (*own, Group("sudo", None, runs), Group("adm", None, runs)) if runs else own


def _entry(facts: Facts, account: Account, secrets: Secrets) -> Entry:
    shell = "/bin/bash" if account.login else _NO_LOGIN
    passwd = (
        f"{account.name}:x:{account.uid}:{account.uid}:{account.owner},,,"
        f":/home/{account.name}:{shell}"
    )
    day = (min(account.since, facts.people.site.at.date()) - _EPOCH).days
    return Entry(passwd, f"{account.name}:{_password(account, secrets)}:{day}:0:99999:7:::")


def _password(account: Account, secrets: Secrets) -> str:
    """Return a hash where a password is used; others come with keys, or no longer."""
    if account.state == "external":
        return "*"
    hashed = shadow_hash(secrets.password(account.name), secrets.salt(account.name))
    return f"!{hashed}" if account.state == "locked" else hashed


def keys(facts: Facts, host: Host, secrets: Secrets) -> Iterator[Thing]:
    """Yield the lists of keys that may log in, account by account."""
    granted: dict[str, list[str]] = {}
    newest: dict[str, date] = {}
    for grant in facts.grants:
        if grant.host == host.name:
            line = secrets.pair(grant.key, grant.comment).public
            granted.setdefault(grant.account, []).append(line)
            newest[grant.account] = max(newest.get(grant.account, grant.since), grant.since)
    for account, lines in granted.items():
        when = days.moment(newest[account], 9 * 60 + 14, 20)
        home = f"/home/{account}/.ssh"
        yield folder(home, account, when, 0o700)
        content = "\n".join([*lines, ""])
        yield text(f"{home}/authorized_keys", content, account, when, 0o600)


def crontabs(facts: Facts, host: Host) -> Iterator[Thing]:
    """Yield the crontabs of the staff, with what they run."""
    for duty in facts.duties:
        if duty.host != host.name:
            continue
        when = days.moment(duty.since, 10 * 60 + 41, 7)
        home = f"/home/{duty.account}"
        yield folder(f"{home}/bin", duty.account, when)
        program = _PROGRAMS[duty.command.rpartition("/")[2]]
        yield text(duty.command, program, duty.account, when, 0o755)
        yield from _results(facts, duty)
        line = f"# {duty.purpose}\n{duty.schedule} {duty.command}\n"
        yield text(duty.path, line, duty.account, when, 0o600)


def _results(facts: Facts, duty: Duty) -> Iterator[Thing]:
    """Yield what a job wrote in the last days."""
    name = "load.txt" if duty.schedule.split()[1].startswith("*") else "totals.txt"
    lines = _loads(facts, duty) if name == "load.txt" else _totals(facts, duty)
    if lines:
        content = "\n".join([*(line for _, line in lines), ""])
        yield text(f"/home/{duty.account}/{name}", content, duty.account, lines[-1][0])


def _loads(facts: Facts, duty: Duty) -> list[tuple[datetime, str]]:
    at, dice = facts.people.site.at, facts.people.site.dice("loads", duty.host)
    minute = int(duty.schedule.split()[0])
    start = at.date() - timedelta(days=9)
    runs = (days.moment(start, minute + 240 * step, 1) for step in range(60))
    return [
        (one, f"{one:%FT%T}+00:00 " + " ".join(f"0.{dice.below(30):02}" for _ in range(3)))
        for one in runs
        if one < at
    ]


def _totals(facts: Facts, duty: Duty) -> list[tuple[datetime, str]]:
    people = facts.people
    at, person = people.site.at, people.person(duty.account)
    counts = {}
    for paper in documents.own_papers(people, person):
        if paper.columns:
            day = documents.changed(people, person, paper).date()
            told = documents.content(people, person, paper, day)
            counts[documents.file_name(people, person, paper)] = told.count("\n") - 1
    minute, hour = map(int, duty.schedule.split()[:2])
    first = days.working_day(at.date(), -12)
    runs = (days.moment(days.working_day(first, step), hour * 60 + minute, 1) for step in range(13))
    return [
        (one, f"{one:%F} {table} {count}")
        for one in runs
        if one < at
        for table, count in sorted(counts.items())
    ]


_PROGRAMS = {
    "sum-tables": """#!/bin/sh
# counts the lines of my tables and keeps the totals, for the weekly meeting
cd "$HOME/Documents" || exit 0
for table in *.csv; do
    [ -f "$table" ] && echo "$(date +%F) $table $(($(wc -l <"$table") - 1))"
done >>"$HOME/totals.txt"
""",
    "note-load": """#!/bin/sh
# load and free memory, one line each time; tail it when somebody says "slow"
{ date -Is | tr '\\n' ' '; cut -d' ' -f1-3 /proc/loadavg; } >>"$HOME/load.txt"
""",
}
