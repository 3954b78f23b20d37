"""What is slightly odd at the partner's, and innocent.

Some of it has a paper trail: somebody from outside with an account and a ticket, a colleague who
left, a renamed host, a gap in a log while something was maintained, an old key. One colleague is
always new. The rest is noise that has no paper and harms nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rangectl.people.lore import LORE
from rangectl.people.staff import People, given_names

_WITH_PAPERS = ("outsider", "leaver", "renamed", "gap", "old_key")
_NOISE = ("typo", "copies", "swap", "misfiled", "night", "todo")
_FORMER = ("srv-{}", "{}-old", "{}1", "lx-{}")


@dataclass(frozen=True, slots=True)
class Odds:
    """Which oddities there are; None or nothing where one is not.

    `outsider` is a name, a firm and a host; `leaver` first and last name and where they sat;
    `renamed` a host and its former name; `gap` a host; `old_key` the hosts that still have it;
    `noise` words that the makers of files know.
    """

    outsider: tuple[str, str, str] | None
    leaver: tuple[str, str, str] | None
    renamed: tuple[str, str] | None
    gap: str
    old_key: tuple[str, ...]
    noise: frozenset[str]


@lru_cache(maxsize=64)
def odds(people: People) -> Odds:
    """Return the oddities of a partner: three or four with papers, three kinds of noise."""
    dice = people.site.dice("odds")
    chosen = set(dice.some(_WITH_PAPERS, dice.within(3, 4)))
    hosts = [host for host in people.site.hosts if host.administered]
    servers = [host.name for host in hosts if not host.does("workstation", "router")]
    servers = servers or [host.name for host in hosts]
    seats = sorted({one.host for one in people.staff if one.host})
    firm = LORE[people.site.about.trade].firms[0][0]
    (name, family), (first, last) = given_names(people.site, 2)
    far, near = dice.pick(servers or [""]), dice.pick(servers or [""])
    keys = tuple(sorted(dice.some(servers, 2)))
    return Odds(
        outsider=(f"{name} {family}", firm, far) if "outsider" in chosen and far else None,
        leaver=(first, last, dice.pick(seats)) if "leaver" in chosen and seats else None,
        renamed=(near, dice.pick(_FORMER).format(near)) if "renamed" in chosen and near else None,
        gap=dice.pick(servers) if "gap" in chosen and servers else "",
        old_key=keys if "old_key" in chosen else (),
        noise=frozenset(dice.some(_NOISE, 3)),
    )
