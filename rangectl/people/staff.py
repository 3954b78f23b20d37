"""The staff: who they are, where they sit, and on which hosts each has an account."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from rangectl.people.site import Host, Site
from rangectl.people.trades import IT, TRADES, Department

FIRST_UID = 10001
"""The uid of the first of the staff; images' own accounts lie below."""

_JUMP = "jump"
_TECHNICAL = frozenset({"it", "dispatch", "field", "noc", "core", "medtech", "tally", "terminal"})
_FOREIGN = str.maketrans(
    {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ø": "o", "Ø": "O", "ß": "ss", "æ": "ae", "Æ": "Ae"}
)
_RESERVED = frozenset(
    (
        *("root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp"),
        *("proxy", "backup", "list", "irc", "nobody", "hunter", "partner", "trainee", "vmail"),
        *("postgres", "operator", "admin"),
    )
)


@dataclass(frozen=True, slots=True)
class Person:
    """One of the staff.

    `host` is the workstation this person sits at ("" where there is none), `since` the day of
    joining. `key` names the ssh key pair, for `rangectl.plan.errands.key_of`.
    """

    account: str
    first: str
    last: str
    department: Department
    title: str
    mail: str
    host: str
    uid: int
    since: date
    phone: str

    @property
    def name(self) -> str:
        """The name as people write it."""
        return f"{self.first} {self.last}"

    @property
    def admin(self) -> bool:
        """Whether this person administers hosts."""
        return self.department is IT and "administrator" in self.title.lower()

    @property
    def key(self) -> str:
        """The purpose of this person's ssh key pair."""
        return f"person/{self.account}"


@dataclass(frozen=True, eq=False)
class People:
    """All who work at the partner's, by department; heads come first in each.

    `of` gives one for each site, so that what is made from it can be kept by it.
    """

    site: Site
    staff: tuple[Person, ...]

    @property
    def admins(self) -> tuple[Person, ...]:
        """Those who administer hosts: never nobody."""
        return tuple(person for person in self.staff if person.admin)

    def person(self, account: str) -> Person:
        """Return whose account this is; KeyError when nobody's."""
        for person in self.staff:
            if person.account == account:
                return person
        raise KeyError(account)

    def of_department(self, key: str) -> tuple[Person, ...]:
        """Return who works in a department, by its key."""
        return tuple(person for person in self.staff if person.department.key == key)

    @property
    def newest(self) -> Person:
        """Return who joined last."""
        return max(self.staff, key=lambda one: one.since)

    @property
    def departments(self) -> tuple[Department, ...]:
        """The departments that anybody works in."""
        return tuple(dict.fromkeys(person.department for person in self.staff))

    def on(self, host: Host) -> tuple[Person, ...]:
        """Return who has an account on a host: who sits there, who administers it, and on a jump
        host those whose work leads through it.
        """
        if not host.administered:
            return ()
        return tuple(one for one in self.staff if one.admin or _works_on(one, host))


def _works_on(person: Person, host: Host) -> bool:
    through = host.name.startswith(_JUMP) and person.department.key in _TECHNICAL
    return through or person.host == host.name


def given_names(site: Site, count: int) -> list[tuple[str, str]]:
    """Return first and last names of people who are not of the staff."""
    names = _names(site)
    return [next(names) for _ in range(site.about.staff + count)][-count:]


def ascii_of(text: str) -> str:
    """Return a name in plain letters, as accounts and file names have it."""
    plain = unicodedata.normalize("NFKD", text.translate(_FOREIGN))
    return re.sub(r"[^a-z]", "", plain.lower().encode("ascii", "ignore").decode())


@lru_cache(maxsize=64)
def of(site: Site) -> People:
    """Return the people of a site."""
    names = _names(site)
    dice = site.dice("staff")
    taken = set(_RESERVED)
    staff: list[Person] = []
    seats = _seats(site)
    posts = _posts(site)
    new = _newest(posts)
    for index, (department, title) in enumerate(posts):
        first, last = next(names)
        account = _account(first, last, taken)
        taken.add(account)
        days = 9 if index == new else dice.within(120, 5200)
        staff.append(
            Person(
                account=account,
                first=first,
                last=last,
                department=department,
                title=title,
                mail=f"{account}@{site.about.domain}",
                host=seats[index * len(seats) // site.about.staff] if seats else "",
                uid=FIRST_UID + index,
                since=_working_day(site.at.date() - timedelta(days=days)),
                phone=f"{200 + index * 3 + dice.below(3)}",
            )
        )
    return People(site, tuple(staff))


def _working_day(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))


def _seats(site: Site) -> tuple[str, ...]:
    return tuple(host.name for host in site.hosts_with("workstation"))


def _posts(site: Site) -> Sequence[tuple[Department, str]]:
    """Return department and title of each of the staff, by department."""
    counts = _shares(TRADES[site.about.trade], site.about.staff)
    return [
        (department, _title(department, number))
        for department in TRADES[site.about.trade]
        for number in range(counts[department.key])
    ]


def _newest(posts: Sequence[tuple[Department, str]]) -> int:
    """Return whose post was filled days ago: nobody's who heads a department or runs hosts."""
    middle = len(posts) // 2
    order = [*range(middle, len(posts)), *range(middle)]
    plain = (i for i in order if posts[i][0] is not IT and posts[i][1] != posts[i][0].titles[0])
    return next(plain, middle)


def _title(department: Department, number: int) -> str:
    head, *others = department.titles
    return head if number == 0 or not others else others[(number - 1) % len(others)]


def _shares(departments: Sequence[Department], staff: int) -> Counter[str]:
    """Share the staff out: two for IT, then one by one to where most are lacking."""
    counts = Counter({IT.key: 2})
    weights = {one.key: one.weight for one in departments}
    while counts.total() < staff:
        counts[max(weights, key=lambda key: weights[key] / (counts[key] + 0.5))] += 1
    return counts


def _names(site: Site) -> Iterator[tuple[str, str]]:
    """Yield first and last names that go together, no last name twice while there are others."""
    from faker import Faker  # noqa: PLC0415 - slow to import, and often not needed

    faker = Faker(site.about.locale)
    faker.seed_instance(f"{site.about.trade}/{site.about.seed}")
    dice = site.dice("names")
    met: set[str] = set()
    while True:
        sex = dice.pick(("male", "female"))
        first = str(getattr(faker, f"first_name_{sex}")())
        tries = [_last(faker, sex) for _ in range(12)]
        last = next((one for one in tries if ascii_of(one) not in met), tries[0])
        met.add(ascii_of(last))
        yield first, last


def _last(faker: Any, sex: str) -> str:  # noqa: ANN401 - its methods depend on the locale
    maker = getattr(faker, f"last_name_{sex}", None) or faker.last_name
    name = str(maker())
    return name[:1].upper() + name[1:] if name.islower() else name


def _account(first: str, last: str, taken: set[str]) -> str:
    """Return the first letter and the last name; longer beginnings where that is taken."""
    given, family = ascii_of(first), ascii_of(last)[:14]
    tries = [given[:size] + family for size in range(1, len(given) + 1)]
    tries += [f"{given[:1]}{family}{number}" for number in range(2, 99)]
    return next(one for one in tries if one not in taken)
