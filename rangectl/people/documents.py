"""The documents people work on: which lie where, under which name, as of when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from rangectl.people import days, teller
from rangectl.people.lore import Paper
from rangectl.people.staff import People, Person

_OF_ALL = 2


@dataclass(frozen=True, slots=True)
class Document:
    """A document that lies somewhere, for whoever opens, copies or asks for one."""

    host: str
    path: str
    owner: str
    title: str
    department: str


def own_papers(people: People, person: Person) -> list[Paper]:
    """Return what a person works on: papers of the department, and a few of everybody's."""
    dice = people.site.dice("papers", person.account)
    papers = teller.lore(people).papers
    own = [one for one in papers if one.department == person.department.key]
    common = [one for one in papers if one.department == "*"]
    return [*dice.some(own, 3), *dice.some(common, dice.within(1, _OF_ALL))]


@lru_cache(maxsize=64)
def in_homes(people: People) -> tuple[Document, ...]:
    """Return the documents of all homes at workstations."""
    return tuple(
        Document(
            person.host,
            f"/home/{person.account}/Documents/{file_name(people, person, paper)}",
            person.account,
            paper.title,
            person.department.key,
        )
        for person in people.staff
        if person.host
        for paper in own_papers(people, person)
    )


@lru_cache(maxsize=2048)
def content(people: People, person: Person, paper: Paper, when: date) -> str:
    """Return a paper as this person has it."""
    dice = people.site.dice("paper", person.account, paper.name)
    if paper.columns:
        return teller.csv(teller.table(people, paper, dice, when))
    others = [one for one in people.of_department(person.department.key) if one is not person]
    told = teller.scene(people, dice, when, person, dice.pick(others or people.staff))
    return told.fill_with(dice, paper)


def file_name(people: People, person: Person, paper: Paper) -> str:
    """Return what a person calls the file of a paper."""
    dice = people.site.dice("name", person.account, paper.name)
    stem, _, end = paper.name.rpartition(".")
    day = changed(people, person, paper)
    marks = ("", "", f"-{day:%Y-%m}", f"-{day:%d%m}", "_v2")
    return f"{stem}{dice.pick(marks)}.{end}"


def changed(people: People, person: Person, paper: Paper) -> datetime:
    """Return when a person changed a paper last."""
    dice = people.site.dice("changed", person.account, paper.name)
    found = days.at_work(dice, people.site.at, 7)
    return max(found, days.moment(person.since, 13 * 60 + dice.below(120), dice.below(60)))
