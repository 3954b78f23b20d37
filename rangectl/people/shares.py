"""Shared folders: what several people write and everybody finds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from rangectl.people import days, documents, teller
from rangectl.people.belongings import Secrets, Thing, text
from rangectl.people.facts import FILE_SERVER, Facts
from rangectl.people.staff import People
from rangectl.people.trades import Department

_SHARE = "/srv/share"


def shares(facts: Facts, secrets: Secrets) -> Iterator[Thing]:
    """Yield the folders of the departments, and the list of who may open them."""
    people = facts.people
    for department in people.departments:
        top = f"{_SHARE}/{department.key}"
        files = list(_of_department(people, department, top))
        last = max(one.mtime for one in files)
        yield Thing(top, None, 0o775, "share", last)
        yield from files
    lines = "".join(f"{one.account}:{secrets.password(one.account)}\n" for one in people.staff)
    yield text("/etc/samba/import", lines, "root", people.site.at - timedelta(days=9), 0o600)


def in_shares(people: People) -> Iterator[documents.Document]:
    """Yield the documents of all shared folders."""
    for host in people.site.hosts_with(FILE_SERVER)[:1]:
        for department in people.departments:
            top = f"{_SHARE}/{department.key}"
            for thing in _of_department(people, department, top):
                if thing.content is not None:
                    title = thing.path.rpartition("/")[2].partition(".")[0]
                    yield documents.Document(host.name, thing.path, "share", title, department.key)


def _of_department(people: People, department: Department, top: str) -> Iterator[Thing]:
    """Yield this month's papers, last months' in a folder each, and what was put in by mistake."""
    dice = people.site.dice("share", department.key)
    group = people.of_department(department.key)
    papers = [one for one in teller.lore(people).papers if one.department == department.key]
    today = people.site.at.date()
    common = [one for one in teller.lore(people).papers if one.department == "*"]
    for paper in [*papers, *dice.some(common, 2)]:
        person = dice.pick(group)
        when = days.at_work(dice, people.site.at, 3)
        told = documents.content(people, person, paper, when.date())
        yield text(f"{top}/{paper.name}", told, "share", when, 0o664)
    for back in (1, 2):
        month = (today.replace(day=1) - timedelta(days=28 * back)).replace(day=1)
        end = days.moment(days.working_day(_end(month), -1), 15 * 60 + dice.below(90))
        tables = [one for one in papers if one.columns][:2]
        if tables:
            yield Thing(f"{top}/{month:%Y-%m}", None, 0o775, "share", end.timestamp())
        for paper in tables:
            table = teller.table(
                people, paper, people.site.dice(str(month), paper.name), end.date()
            )
            path = f"{top}/{month:%Y-%m}/{paper.name}"
            yield text(path, teller.csv(table), "share", end - timedelta(minutes=4), 0o664)
    foreign = [
        one for one in teller.lore(people).papers if one.department not in {department.key, "*"}
    ]
    if dice.chance(20):
        paper = dice.pick(foreign)
        when = days.at_work(dice, people.site.at, 5)
        told = documents.content(people, dice.pick(group), paper, when.date())
        yield text(f"{top}/{paper.name}", told, "share", when, 0o664)


def _end(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
