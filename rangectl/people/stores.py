"""The directory's entries, the database's tables, the mail server's list of accounts."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from rangectl.people import days, teller
from rangectl.people.belongings import Secrets, Thing, text
from rangectl.people.crypt import directory_hash, shadow_hash
from rangectl.people.dice import Dice
from rangectl.people.facts import Facts
from rangectl.people.lore import BOOKS, COMMON, Paper
from rangectl.people.site import Host
from rangectl.people.staff import People, Person

_RECORDS = (160, 200)
_HOUSE = ("hr", "finance", "personnel")
_INTO = "INSERT INTO records (noted, subject, owner, state) VALUES"
_AUDIT = "INSERT INTO audit (at, who, record, what) VALUES"
_BOOK = (38, 61)
_Row = tuple[datetime, str, str, str]
_STATES = ("open", "open", "open", "waiting", "closed", "closed", "closed", "closed")


def directory(facts: Facts, secrets: Secrets) -> Iterator[Thing]:
    """Yield the directory as LDIF: the suffix, people, and a group for each department."""
    people = facts.people
    suffix = ",".join(f"dc={part}" for part in people.site.about.domain.split("."))
    first = people.site.about.domain.partition(".")[0]
    name = people.site.about.organisation
    parts = [
        _entry(suffix, ("objectClass", "top"), ("objectClass", "dcObject"),
               ("objectClass", "organization"), ("o", name), ("dc", first)),
        *(_entry(f"ou={unit},{suffix}", ("objectClass", "organizationalUnit"), ("ou", unit))
          for unit in ("people", "groups")),
        *(_person(one, suffix, secrets) for one in people.staff),
        *(_group(people, index, suffix) for index in range(len(people.departments))),
    ]  # fmt: skip
    when = days.moment(people.newest.since, 9 * 60 + 31, 40)
    yield text("/etc/ldap/import/10-site.ldif", "\n".join(parts), "root", when, 0o640)


def _person(person: Person, suffix: str, secrets: Secrets) -> str:
    password = directory_hash(secrets.password(person.account), secrets.salt(person.account))
    return _entry(
        f"uid={person.account},ou=people,{suffix}",
        ("objectClass", "inetOrgPerson"), ("objectClass", "posixAccount"),
        ("uid", person.account), ("cn", person.name), ("givenName", person.first),
        ("sn", person.last), ("mail", person.mail), ("title", person.title),
        ("departmentNumber", person.department.key), ("telephoneNumber", person.phone),
        ("uidNumber", str(person.uid)), ("gidNumber", str(person.uid)),
        ("homeDirectory", f"/home/{person.account}"), ("loginShell", "/bin/bash"),
        ("userPassword", password),
    )  # fmt: skip


def _group(people: People, index: int, suffix: str) -> str:
    department = people.departments[index]
    members = [("memberUid", one.account) for one in people.of_department(department.key)]
    return _entry(
        f"cn={department.key},ou=groups,{suffix}",
        ("objectClass", "posixGroup"), ("cn", department.key), ("description", department.name),
        ("gidNumber", str(12001 + index)), *members,
    )  # fmt: skip


def _entry(dn: str, *attributes: tuple[str, str]) -> str:
    lines = [_line("dn", dn), *(_line(name, value) for name, value in attributes)]
    return "\n".join([*lines, ""])


def _line(name: str, value: str) -> str:
    """Return a line of LDIF; what is not plain text is written in base64, as it must be."""
    plain = value.isascii() and not value.startswith((" ", ":", "<")) and not value.endswith(" ")
    return f"{name}: {value}" if plain else f"{name}:: {b64encode(value.encode()).decode()}"


def tables(facts: Facts, host: Host) -> Iterator[Thing]:
    """Yield tables and the records that web applications show: one host has those of the trade,
    the others those of the house.
    """
    people = facts.people
    when = people.site.at - timedelta(days=2, hours=5)
    dice = people.site.dice("tables", host.name)
    first = _of_trade(facts) == host
    own = teller.lore(people).tables if first else COMMON.tables
    for number, paper in enumerate(own):
        sql = _table(people, paper)
        path = f"/var/lib/postgresql/import/{20 + number}-{paper.name}.sql"
        yield text(path, sql, "postgres", when, 0o640)
    records = "\n".join(["\\connect app", *_records(people, host, first=first), ""])
    when = days.at_work(dice, when, 1)
    yield text("/var/lib/postgresql/import/10-records.sql", records, "postgres", when, 0o640)


def _of_trade(facts: Facts) -> Host:
    """Return the database host that holds what the trade is about: not that of personnel."""
    hosts = facts.people.site.hosts_with("database")
    return next((one for one in hosts if one.name not in _HOUSE), hosts[0])


def _table(people: People, paper: Paper) -> str:
    """Return a table of the application's database with its rows."""
    forms = [column.partition("=")[::2] for column in paper.columns]
    columns = ", ".join(f"{name} {_kind(form)} NOT NULL" for name, form in forms)
    rows = teller.table(people, paper, people.site.dice("table", paper.name), people.site.at.date())
    values = ",\n".join("(" + ", ".join(map(_quoted, row)) + ")" for row in rows[1:])
    head = f"\\connect app\nSET ROLE app;\nCREATE TABLE {paper.name} ({columns});\n"
    about = f"COMMENT ON TABLE {paper.name} IS {_quoted(paper.title)};\n"
    return f"{head}{about}INSERT INTO {paper.name} VALUES\n{values};\n"


def _kind(form: str) -> str:
    return {"num": "integer", "date": "date"}.get(form.partition(":")[0], "text")


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _records(people: People, host: Host, *, first: bool) -> Iterator[str]:
    """Yield what a web application lists: matters that somebody has in hand, a line each."""
    dice = people.site.dice("records", host.name)
    known = {one.key for one in people.departments}
    matters = [
        one
        for one in teller.lore(people).matters
        if one.department in known - {"it"} and (one.department in _HOUSE) != first
    ]
    rows: list[_Row] = []
    for _ in range(dice.within(*_RECORDS)):
        matter = dice.pick(matters)
        group = people.of_department(matter.department) or people.staff
        when = days.at_work(dice, people.site.at, 12)
        person = dice.pick(group)
        told = teller.scene(people, dice, when.date(), person, dice.pick(people.staff))
        state = dice.pick(_STATES)
        rows.append((when, told.fill(matter.subject), person.account, state))
    rows.sort()
    for when, subject, owner, state in rows:
        values = ", ".join(map(_quoted, (f"{when:%F %T}+00", subject, owner, state)))
        yield f"{_INTO} ({values});"
    yield from _audit(people, dice, rows)


def _audit(people: People, dice: Dice, rows: Sequence[_Row]) -> Iterator[str]:
    """Yield who opened each record, and who changed its state since."""
    noted: list[tuple[datetime, str, int, str]] = []
    for number, (when, _, owner, state) in enumerate(rows, 1):
        noted.append((when, owner, number, "opened"))
        later = days.later(dice, when, 30, 2400)
        if state != "open" and later < people.site.at:
            who = owner if dice.chance(70) else dice.pick(people.staff).account
            noted.append((later, who, number, f"state: open -> {state}"))
    for when, who, number, what in sorted(noted):
        said = ", ".join(map(_quoted, (f"{when:%F %T}+00", who)))
        yield f"{_AUDIT} ({said}, {number}, {_quoted(what)});"


def book(facts: Facts, host: Host) -> Iterator[Thing]:
    """Yield what a web application without a database lists: a file of its own."""
    people = facts.people
    dice = people.site.dice("book", host.name)
    subjects = BOOKS.get(host.keeps) or tuple(
        one.subject for one in teller.lore(people).matters if one.department != "it"
    )
    rows = []
    for _ in range(dice.within(*_BOOK)):
        when = days.at_work(dice, people.site.at, 3)
        person = dice.pick(people.staff)
        told = teller.scene(people, dice, when.date(), person, dice.pick(people.staff))
        rows.append((when, told.fill(dice.pick(subjects)), person.account, dice.pick(_STATES)))
    listed = [
        [str(number), f"{when:%F %H:%M}", subject, owner, state]
        for number, (when, subject, owner, state) in enumerate(sorted(rows), 1)
    ]
    head = ["id", "noted", "subject", "owner", "state"]
    last = max(when for when, *_ in rows)
    yield text("/var/lib/webapp/records.csv", teller.csv([head, *listed]), "root", last)


def mailboxes(facts: Facts, secrets: Secrets) -> Iterator[Thing]:
    """Yield the mail server's accounts, and addresses that lead to several."""
    people = facts.people
    when = days.moment(people.newest.since, 9 * 60 + 33, 12)
    lines = "".join(
        f"{one.account}:{{SHA512-CRYPT}}"
        f"{shadow_hash(secrets.password(one.account), secrets.salt(one.account))}::::::\n"
        for one in people.staff
    )
    yield text("/etc/dovecot/users", lines, "root:dovecot", when, 0o640)
    domain = people.site.about.domain
    lists = [(one.key, people.of_department(one.key)) for one in people.departments]
    known = "".join(
        f"{name}@{domain} {', '.join(one.mail for one in members)}\n"
        for name, members in [("all", people.staff), *lists]
        if members
    )
    head = "# addresses that lead to several; the domain is this site's\n"
    yield text("/etc/postfix/virtual", head + known, "root", when)
