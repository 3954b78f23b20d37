"""The wiki: its pages, who wrote them from where, and what stood there before."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from rangectl.people import days, teller
from rangectl.people.belongings import Thing, folder, text
from rangectl.people.facts import Facts
from rangectl.people.staff import People, Person

_DATA, _OWNER = "/var/lib/dokuwiki/data", "www-data"
_SAID = ("", "", "", "date", "as agreed", "typo", "new number", "moved")


@dataclass(frozen=True, slots=True)
class _Written:
    """A page as it is, who wrote it last, and the folder (space) that it lies in."""

    space: str
    name: str
    content: str
    when: datetime
    writer: Person

    @property
    def place(self) -> str:
        """Where it lies, without an ending."""
        return f"{self.space}/{self.name}" if self.space else self.name


def wiki(facts: Facts) -> Iterator[Thing]:
    """Yield the pages of the wiki with their history."""
    people = facts.people
    pages = [*_pages(people), _phone_list(people)]
    pages.append(_start(people, sorted({one.space for one in pages})))
    log: list[tuple[int, str]] = []
    spaces: dict[str, datetime] = {}
    for page in pages:
        if page.space:
            spaces[page.space] = max(spaces.get(page.space, page.when), page.when)
        yield text(f"{_DATA}/pages/{page.place}.txt", page.content, _OWNER, page.when)
        lines = []
        for thing, line in _history(people, page):
            lines.append(line)
            yield from thing
        log += lines
        told = "".join(line for _, line in lines)
        yield text(f"{_DATA}/meta/{page.place}.changes", told, _OWNER, page.when)
    whole = "".join(line for _, line in sorted(log))
    yield text(f"{_DATA}/meta/_dokuwiki.changes", whole, _OWNER, max(spaces.values()))
    for space, last in spaces.items():
        yield from (
            folder(f"{_DATA}/{kind}/{space}", _OWNER, last) for kind in ("pages", "meta", "attic")
        )


def _pages(people: People) -> Iterator[_Written]:
    known = {one.key for one in people.departments} | {"house"}
    for page in teller.lore(people).pages:
        if page.space in known:
            dice = people.site.dice("page", page.space, page.name)
            group = people.of_department(page.space) or people.of_department("it")
            when = days.at_work(dice, people.site.at, 16)
            writer = dice.pick(group)
            told = teller.scene(people, dice, when.date(), writer, dice.pick(people.staff))
            content = f"====== {page.title} ======\n\n{told.fill(page.text)}"
            yield _Written(page.space, page.name, content, when, writer)


def _phone_list(people: People) -> _Written:
    rows = "".join(
        f"| {one.name} | {one.department.name} | {one.title} | {one.phone} |\n"
        for one in sorted(people.staff, key=lambda one: one.last)
    )
    content = f"====== Telephone ======\n\n^ Name ^ Department ^ Function ^ Number ^\n{rows}"
    when = days.moment(people.newest.since, 11 * 60 + 17, 3)
    return _Written("house", "telephone", content, when, people.admins[0])


def _start(people: People, spaces: list[str]) -> _Written:
    links = "".join(f"  * [[{space}:start]]\n" for space in spaces)
    content = f"====== {people.site.about.organisation} ======\n\n{links}  * [[house:telephone]]\n"
    day = days.working_day((people.site.at - timedelta(days=71)).date(), 0)
    return _Written("", "start", content, days.moment(day, 9 * 60 + 26, 14), people.admins[0])


def _history(people: People, page: _Written) -> Iterator[tuple[tuple[Thing, ...], tuple[int, str]]]:
    """Yield each version that there was: its copy, and the line that the wiki keeps of it."""
    dice = people.site.dice("history", page.space, page.name)
    now = page.content.rstrip("\n") + "\n"
    shorter = now.rstrip("\n").rpartition("\n")[0] + "\n"
    before = page.when - timedelta(days=dice.within(20, 160), minutes=dice.below(300))
    before = days.moment(days.working_day(before.date(), 0), 8 * 60 + dice.below(480))
    versions = [(page.when, page.content, page.writer, "E")]
    if shorter.count("\n") > 2 and dice.chance(60):
        versions.insert(0, (before, shorter, dice.pick(people.staff), "E"))
    grown = 0
    for number, (when, content, writer, kind) in enumerate(versions):
        stamp, size = int(when.timestamp()), len(content.encode())
        said = "created" if not number else dice.pick(_SAID)
        ident = f"{page.space}:{page.name}".lstrip(":")
        line = "\t".join(
            [str(stamp), _desk(people, writer), kind if number else "C", ident, "", said, "",
             str(size - grown)]
        )  # fmt: skip
        copy = Thing(
            f"{_DATA}/attic/{page.place}.{stamp}.txt.gz",
            gzip.compress(content.encode(), mtime=stamp), 0o644, _OWNER, when.timestamp(),
        )  # fmt: skip
        grown = size
        yield (copy,), (stamp, line + "\n")


def _desk(people: People, person: Person) -> str:
    """Return the address somebody writes from: the own desk, or one of those that several share."""
    hosts = {one.name: one for one in people.site.hosts}
    desks = people.site.hosts_with("workstation") or people.site.hosts
    return str(hosts.get(person.host, desks[0]).address)
