"""Filling the lore's texts and tables with names, days, places and numbers of one partner."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from rangectl.people import days
from rangectl.people.dice import Dice
from rangectl.people.lore import COMMON, LORE, Lore, Paper
from rangectl.people.staff import People, Person, given_names

_BEGIN = re.compile(r"(\A(?:Re: )?|[.!?] |\n- |\n[0-9]+\. |\n\n)the ")
_DIGITS = {"VM": 7, "VMPU": 7, "55": 7}
_CLIENTS = 60


@lru_cache(maxsize=64)
def lore(people: People) -> Lore:
    """Return what these people talk about: their trade's lore, and everybody's."""
    own = LORE[people.site.about.trade]
    return Lore(
        places=own.places,
        firms=own.firms,
        matters=(*own.matters, *COMMON.matters),
        papers=(*own.papers, *COMMON.papers),
        pages=(*own.pages, *COMMON.pages),
        tables=own.tables,
    )


@lru_cache(maxsize=64)
def clients(people: People) -> tuple[str, ...]:
    """Return names of people the partner has to do with, who do not work there."""
    found = given_names(people.site, _CLIENTS + 2)[2:]
    return tuple(f"{first} {last}" for first, last in found)


@dataclass(frozen=True, slots=True)
class Scene:
    """Who speaks to whom, when, and of what; it fills a text the same way as often as asked."""

    words: dict[str, str]

    def fill(self, text: str) -> str:
        """Return a text with all its braces filled, and its sentences begun as sentences are."""
        return _BEGIN.sub(r"\1The ", text.format(**self.words))

    def fill_with(self, dice: Dice, paper: Paper) -> str:
        """Return a paper's text with a few lines of its pool in it."""
        chosen = dice.some(paper.pool, dice.within(2, 6)) if paper.pool else []
        chosen.sort(key=paper.pool.index)
        lines = "\n".join([*chosen, ""])
        numbered = "".join(f"{number}. {line}\n" for number, line in enumerate(chosen, start=1))
        whole = paper.text.replace("{lines}", lines).replace("{numbered}", numbered)
        return self.fill(whole)


def scene(people: People, dice: Dice, when: date, a: Person, b: Person) -> Scene:
    """Return a scene; `a` speaks to `b`."""
    place, other = dice.some(lore(people).places, 2)
    soon = days.working_day(when, dice.within(1, 4))
    later = days.working_day(when, dice.within(3, 14))
    m, n = dice.within(2, 9), dice.within(11, 48)
    words = {
        "place": place,
        "other": other,
        "m": str(m),
        "n": str(n),
        "k": str(dice.within(1204, 9870)),
        "day": f"{soon:%A}",
        "date": days.spoken(later),
        "past": days.spoken(days.working_day(when, -dice.within(1, 4))),
        "firm": dice.pick(lore(people).firms)[0],
        "a": a.first,
        "b": b.first,
        "boss": _boss(people, a, b).name,
        "org": people.site.about.organisation,
    }
    return Scene(words)


def _boss(people: People, a: Person, b: Person) -> Person:
    """Return who decides in a scene: the head of the department, or somebody above."""
    above = (people.of_department(a.department.key)[0], *people.staff)
    return next((one for one in above if one not in {a, b}), b)


def table(people: People, paper: Paper, dice: Dice, when: date) -> list[list[str]]:
    """Return the rows of a table, its head first; days lie before `when`, in order."""
    columns = [column.partition("=")[::2] for column in paper.columns]
    count = dice.within(*paper.rows)
    ages = sorted((dice.within(0, 46) for _ in range(count)), reverse=True)
    number = dice.within(1100, 8000)
    rows = [[name for name, _ in columns]]
    for age in ages:
        number += dice.within(1, 5)
        day = days.working_day(when - timedelta(days=age), 0)
        rows.append([_cell(people, dice, form, (number, day)) for _, form in columns])
    return rows


def _cell(people: People, dice: Dice, form: str, row: tuple[int, date]) -> str:
    kind, *words = form.split(":")
    number, day = row
    makers = {
        "date": lambda: min(day, people.site.at.date()).isoformat(),
        "time": lambda: f"{dice.within(6, 21):02}:{dice.pick((0, 5, 10, 20, 30, 45)):02}",
        "place": lambda: dice.pick(lore(people).places),
        "firm": lambda: dice.pick(lore(people).firms)[0],
        "name": lambda: dice.pick(clients(people)),
        "who": lambda: dice.pick(people.staff).account,
        "host": lambda: dice.pick(people.site.hosts).name,
        "no": lambda: f"{words[0]}{number:0{_DIGITS.get(words[0], 5)}}",
        "num": lambda: str(dice.within(int(words[0]), int(words[1]))),
        "one": lambda: dice.pick(words[0].split("|")),
    }
    return makers[kind]()


def csv(rows: Sequence[Sequence[str]], mark: str = ",") -> str:
    """Return rows as a file of values."""
    return "".join(mark.join(_quoted(cell, mark) for cell in row) + "\n" for row in rows)


def _quoted(cell: str, mark: str) -> str:
    if mark in cell or '"' in cell or "\n" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell
