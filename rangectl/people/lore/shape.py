"""The shape of a trade's lore.

Texts may hold {place} and {other} (two places of the trade), {n} and {m} (small numbers), {k} (a
large one), {day} (a weekday soon), {date} (a day soon), {past} (a day ago), {firm} (an outside
organisation), {a}, {b} (first names of who writes and who is written to), {boss} (the head of the
department) and {org}.

A column is `name=form`: no:PREFIX, place, name, date, time, num:LOW:HIGH, one:A|B|C, who (an
account).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Matter:
    """Something people write each other about: who (a department), the subject, and the turns."""

    department: str
    subject: str
    turns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document: a table where it has columns, else a text."""

    department: str
    name: str
    title: str
    columns: tuple[str, ...] = ()
    text: str = ""
    rows: tuple[int, int] = (14, 40)
    pool: tuple[str, ...] = ()
    """Lines of which a text takes a few where it says {lines}, or {numbered}."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the wiki."""

    space: str
    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Lore:
    """All that one trade talks about; `tables` are those of its database."""

    places: tuple[str, ...] = ()
    firms: tuple[tuple[str, str], ...] = ()
    matters: tuple[Matter, ...] = ()
    papers: tuple[Paper, ...] = ()
    pages: tuple[Page, ...] = ()
    tables: tuple[Paper, ...] = ()
