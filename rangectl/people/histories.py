"""Shell histories: what people of each job type on the hosts where they work."""

from __future__ import annotations

from collections.abc import Sequence

from rangectl.people.dice import Dice
from rangectl.people.documents import in_homes
from rangectl.people.facts import FILE_SERVER, Account, Facts
from rangectl.people.lore import shell
from rangectl.people.site import Host
from rangectl.people.staff import Person

_Sittings = Sequence[tuple[str, ...]]


def lines(facts: Facts, host: Host, account: Account) -> list[str]:
    """Return the history of an account on a host; nothing where nobody ever typed."""
    dice = facts.people.site.dice("typed", host.name, account.name)
    person = next((one for one in facts.people.staff if one.account == account.name), None)
    if account.state == "external":
        return _typed(dice, shell.OUTSIDER, dice.within(2, 4), _words(facts, host, account.name))
    if person is None:
        return list(shell.LEAVER)
    if person.host == host.name:
        made = _at_desk(facts, host, person, dice)
    elif person.admin:
        made = _at_server(facts, host, person, dice)
    else:
        words = _words(facts, host, person.account)
        made = _typed(dice, shell.THROUGH, dice.within(1, 7), words)
    return _with_slips(facts, dice, made)


def _at_desk(facts: Facts, host: Host, person: Person, dice: Dice) -> list[str]:
    """Return what a person types at the own desk: some live in the shell, some hardly know it."""
    site = facts.people.site
    if person.admin:
        sittings: _Sittings = (*shell.ADMIN_DESK, *shell.ADMIN_DESK, *shell.DESK[:4])
        count = dice.within(8, 16)
    else:
        habits = tuple(dice.some(shell.DESK, 5))
        sittings = (*habits, *dice.some(shell.WITH_WIKI, 1 if site.hosts_with("wiki") else 0))
        sittings += tuple(dice.some(shell.WITH_SHARES, 2)) if _shares(facts) else ()
        sittings += shell.WITH_DIRECTORY if site.hosts_with("directory") else ()
        mine = any(one.account == person.account for one in facts.duties)
        sittings += shell.WITH_DUTY if mine else ()
        keyed = any(one.key == person.key for one in facts.grants)
        sittings += tuple(dice.some(shell.WITH_KEY, 2)) if keyed else ()
        count = dice.pick((0, 1, 2, 3, 4, 5, 6, 8, 11, 16))
    return _typed(dice, sittings, count, _words(facts, host, person.account))


def _shares(facts: Facts) -> bool:
    return any(host.name == "files" for host in facts.people.site.hosts_with(FILE_SERVER))


def _at_server(facts: Facts, host: Host, person: Person, dice: Dice) -> list[str]:
    """Return what an admin types on a host that he looks after, or only passes by."""
    special = tuple(one for role in host.roles for one in shell.OF_ROLE.get(role, ()))
    count = dice.within(0, 2) if host.does("workstation") else dice.within(1, 12)
    words = _words(facts, host, person.account)
    made = _typed(dice, (*dice.some(shell.ADMIN, 8), *special, *special), count, words)
    changed = [one for one in facts.changes if one.who == person.account and one.state == "done"]
    if facts.odd.renamed is not None and facts.odd.renamed[0] == host.name and count:
        new, former = facts.odd.renamed
        words_ = ("hostname", f"sudo hostnamectl set-hostname {new}", f"grep -r {former} /etc")
        made[:0] = [*words_, "exit"]
    if facts.gap is not None and facts.gap in changed and host.name in facts.gap.hosts:
        verbs = ("stop", "start", "status")
        made += [*(f"sudo systemctl {verb} rsyslog" for verb in verbs), "logger back again", "exit"]
    if "night" in facts.odd.noise and made and dice.chance(25):
        made += shell.NIGHT
    return made


def _words(facts: Facts, host: Host, account: str) -> dict[str, list[str]]:
    site = facts.people.site
    papers = (one for one in in_homes(facts.people) if one.owner == account)
    mine = [one.path.rpartition("/")[2] for one in papers]
    keys = {f"person/{account}"}
    targets = [one.host for one in facts.grants if one.key in keys and one.host != host.name]
    near = [one.name for one in site.hosts if one.administered and one.name != host.name]
    person = next((one for one in facts.people.staff if one.account == account), None)
    service = next((shell.SERVICE[one] for one in host.roles[::-1] if one in shell.SERVICE), "cron")
    return {
        "text": [one for one in mine if one.endswith(".txt")],
        "table": [one for one in mine if one.endswith(".csv")],
        "word": [one.account for one in facts.people.staff],
        "me": [account],
        "target": targets or near or [host.name],
        "service": [service],
        "share": [person.department.key if person else "it"],
    }


def _typed(dice: Dice, sittings: _Sittings, count: int, words: dict[str, list[str]]) -> list[str]:
    """Return so many sittings, one after another; some end with `exit`, some with the window."""
    made: list[str] = []
    lacking = [f"{{{name}}}" for name, values in words.items() if not values]
    sittings = [one for one in sittings if not any(word in " ".join(one) for word in lacking)]
    for _ in range(count if sittings else 0):
        chosen = {name: dice.pick(values) for name, values in words.items() if values}
        made += [line.format(**chosen) for line in dice.pick(sittings)]
        if made[-1] != "exit" and dice.chance(55):
            made.append("exit")
    return made


def _with_slips(facts: Facts, dice: Dice, made: list[str]) -> list[str]:
    if "typo" in facts.odd.noise and len(made) > 5 and dice.chance(35):
        made.insert(dice.below(len(made)), dice.pick(shell.TYPOS))
    return made
