"""Homes: documents, shell histories that fit the job, keys, and what browsing leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from rangectl.people import days, documents, histories, teller
from rangectl.people.belongings import Home, Secrets, Thing, folder, text
from rangectl.people.facts import Account, Facts, comment
from rangectl.people.site import Host
from rangectl.people.staff import People, Person

_PAGES = {
    "web": ("", "notices.html", "phone.html"),
    "webapp": ("", "?page=1"),
    "webmail": ("",),
    "wiki": ("", "it:start", "it:maintenance", "house:travel", "house:telephone"),
}


def homes(facts: Facts, host: Host) -> Iterator[Home]:
    """Yield the homes of who may log in."""
    for account in facts.on(host.name):
        if account.login:
            when = days.moment(account.since, 8 * 60 + 40, 12)
            yield Home(f"/home/{account.name}", account.name, when.timestamp())


def things(facts: Facts, host: Host, secrets: Secrets) -> Iterator[Thing]:
    """Yield what lies in the homes of a host, keys that may log in apart."""
    for account in facts.on(host.name):
        if account.login:
            yield from _history(facts, host, account)
    for person in facts.people.staff:
        if person.host == host.name:
            yield from _desk(facts, person)
            yield from _keys(facts, person, secrets)
    yield from _of_leaver(facts, host)


def _history(facts: Facts, host: Host, account: Account) -> Iterator[Thing]:
    lines = histories.lines(facts, host, account)
    dice = facts.people.site.dice("history", host.name, account.name)
    if lines:
        weeks = 2 if account.state == "active" else 5
        when = days.at_work(dice, facts.people.site.at, weeks)
        if account.until is not None and account.state == "locked":
            when = days.moment(account.until, 15 * 60 + 50, 4)
        when = max(when, days.moment(account.since, 15 * 60, 9))
        content = "\n".join([*lines, ""])
        yield text(f"/home/{account.name}/.bash_history", content, account.name, when, 0o600)


def _desk(facts: Facts, person: Person) -> Iterator[Thing]:
    people, home = facts.people, f"/home/{person.account}"
    papers = documents.own_papers(people, person)
    written = [(documents.changed(people, person, paper), paper) for paper in papers]
    last = max((when for when, _ in written), default=people.site.at - timedelta(days=3))
    yield folder(f"{home}/Documents", person.account, last)
    recent = []
    for when, paper in written:
        path = f"{home}/Documents/{documents.file_name(people, person, paper)}"
        recent.append((when, path))
        told = documents.content(people, person, paper, when.date())
        yield text(path, told, person.account, when)
    yield from _browsing(people, person)
    yield from _recent(person, recent)
    yield from _noise(facts, person, recent)


def _recent(person: Person, opened: list[tuple[datetime, str]]) -> Iterator[Thing]:
    """Yield the list of documents that desktops keep."""
    marks = "".join(
        f'  <bookmark href="file://{path}" added="{when:%Y-%m-%dT%H:%M:%S}.000000Z" '
        f'modified="{when:%Y-%m-%dT%H:%M:%S}.000000Z" visited="{when:%Y-%m-%dT%H:%M:%S}.000000Z">\n'
        "  </bookmark>\n"
        for when, path in sorted(opened)
    )
    if opened:
        when = max(when for when, _ in opened)
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<xbel version="1.0">\n'
        share = f"/home/{person.account}/.local/share"
        for path in (f"/home/{person.account}/.local", share):
            yield folder(path, person.account, when, 0o700)
        content = f"{head}{marks}</xbel>\n"
        yield text(f"{share}/recently-used.xbel", content, person.account, when, 0o600)


def _browsing(people: People, person: Person) -> Iterator[Thing]:
    """Yield what a text browser remembers: pages of the house, and of firms outside."""
    dice = people.site.dice("browsing", person.account)
    if dice.chance(35):
        return
    pages = [
        f"http://{host.name}/{path}"
        for role, paths in _PAGES.items()
        for host in people.site.hosts_with(role)[:2]
        for path in paths
    ]
    pages += [f"https://www.{domain}/" for _, domain in teller.lore(people).firms]
    seen = dice.some(pages, dice.within(4, 9))
    when = max(
        days.at_work(dice, people.site.at, 1), days.moment(person.since, 16 * 60, dice.below(60))
    )
    home = f"/home/{person.account}/.w3m"
    yield folder(home, person.account, when, 0o700)
    yield text(f"{home}/history", "\n".join([*seen, ""]), person.account, when, 0o600)


def _keys(facts: Facts, person: Person, secrets: Secrets) -> Iterator[Thing]:
    """Yield the key pair of who logs in elsewhere, with the hosts it is used for."""
    targets = [grant.host for grant in facts.grants if grant.key == person.key]
    if not targets:
        return
    home, account = f"/home/{person.account}/.ssh", person.account
    made = days.moment(person.since, 9 * 60 + 2, 44)
    pair = secrets.pair(person.key, comment(person))
    used = max(made, days.at_work(facts.people.site.dice("used", account), facts.people.site.at, 1))
    yield folder(home, account, used, 0o700)
    yield Thing(f"{home}/id_ed25519", pair.private, 0o600, account, made.timestamp())
    yield text(f"{home}/id_ed25519.pub", pair.public + "\n", account, made)
    hosts = {one.name: one for one in facts.people.site.hosts}
    known = "".join(
        f"{name},{hosts[name].address} "
        + " ".join(secrets.pair(f"host/{name}", f"root@{name}").public.split()[:2])
        + "\n"
        for name in sorted(targets)
    )
    yield text(f"{home}/known_hosts", known, account, used, 0o600)


def _of_leaver(facts: Facts, host: Host) -> Iterator[Thing]:
    for account in facts.on(host.name):
        if account.state == "locked" and account.until is not None:
            when = days.moment(account.until, 15 * 60 + 20, 31)
            note = (
                f"{facts.people.staff[0].first}, everything of mine that is of use is in the "
                "shared folder now.\nWhat is left here is private or old and can go.\n"
                f"All the best\n{account.owner.split()[0]}\n"
            )
            home = f"/home/{account.name}"
            yield text(f"{home}/before-I-go.txt", note, account.name, when)


def _noise(facts: Facts, person: Person, opened: list[tuple[datetime, str]]) -> Iterator[Thing]:
    """Yield what nobody tidied up: copies, remains of an editor, lists of things to do."""
    dice = facts.people.site.dice("noise", person.account)
    if not opened or not dice.chance(30):
        return
    when, path = dice.pick(opened)
    noise = facts.odd.noise
    if "copies" in noise and dice.chance(50):
        old = max(when - timedelta(days=3), days.moment(person.since, 14 * 60))
        stem, _, end = path.rpartition(".")
        yield text(f"{stem} (copy).{end}", "old, see the other one\n", person.account, old)
    elif "swap" in noise and dice.chance(50):
        parent, _, name = path.rpartition("/")
        body = f"b0VIM 9.0\0\0\0\0{person.account}\0{person.host}\0{path}\0"
        yield text(f"{parent}/.{name}.swp", body.ljust(1024, "\0"), person.account, when, 0o600)
    elif "todo" in noise:
        told = teller.scene(facts.people, dice, when.date(), person, dice.pick(facts.people.staff))
        lines = "call {firm}\n{place}: ask {b}\nkeys back to {boss}\n{date} dentist\n"
        yield text(f"/home/{person.account}/todo", told.fill(lines), person.account, when)
