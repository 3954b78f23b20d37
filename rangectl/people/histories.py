"""Shell histories: what people of each job type on the hosts where they work."""

from __future__ import annotations

from rangectl.people.dice import Dice
from rangectl.people.documents import in_homes
from rangectl.people.facts import Account, Facts
from rangectl.people.lore import shell
from rangectl.people.site import Host
from rangectl.people.staff import Person


def lines(facts: Facts, host: Host, account: Account) -> list[str]:
    """Return the history of an account on a host; nothing where nobody ever typed."""
    dice = facts.people.site.dice("typed", host.name, account.name)
    person = next((one for one in facts.people.staff if one.account == account.name), None)
    if account.state == "external":
        made = ["ls -la", "cat README", "df -h", "uptime", "tail -20 /var/log/syslog", "exit"]
        return [*dice.some(made[:-1], 4), "exit"]
    if person is None:
        return ["ls", "ls Documents", "mv Documents/* /srv/share/", "nano before-I-go.txt", "exit"]
    if person.host == host.name:
        made = _at_desk(facts, person, dice)
    elif person.admin:
        made = _at_server(facts, host, dice) if dice.chance(85) else []
    else:
        made = _through(facts, host, dice)
    return _with_slips(facts, dice, made)


def _at_desk(facts: Facts, person: Person, dice: Dice) -> list[str]:
    mine = [
        one.path.rpartition("/")[2] for one in in_homes(facts.people) if one.owner == person.account
    ]
    texts = [one for one in mine if one.endswith(".txt")] or ["notes.txt"]
    tables = [one for one in mine if one.endswith(".csv")] or ["list.csv"]
    made = []
    for _ in range(dice.within(3, 7)):
        made += [
            dice.pick(choice).format(
                text=f"Documents/{dice.pick(texts)}",
                table=f"Documents/{dice.pick(tables)}",
                word=dice.pick(facts.people.staff).account,
            )
            for choice in dice.some(shell.DESK, dice.within(2, 4))
        ]
        made.append("exit")
    targets = [one.host for one in facts.grants if one.account == person.account]
    if targets:
        made += [f"ssh {dice.pick(targets)}" for _ in range(dice.within(2, 6))]
    made += [f"ping -c 3 {host.name}" for host in facts.people.site.hosts_with("mail", "web")[:1]]
    return made


def _at_server(facts: Facts, host: Host, dice: Dice) -> list[str]:
    made: list[str] = []
    special = [one for role in host.roles for one in shell.OF_ROLE.get(role, ())]
    for _ in range(dice.within(2, 6)):
        made += [dice.pick(choice) for choice in dice.some(shell.ADMIN, dice.within(2, 4))]
        made += dice.some(special, dice.within(1, 2)) if special else []
        made.append("exit")
    if facts.odd.renamed is not None and facts.odd.renamed[0] == host.name:
        made.insert(len(made) // 2, f"sudo hostnamectl set-hostname {host.name}")
    if facts.gap is not None and facts.gap.hosts[0] == host.name:
        made[-1:] = [
            "sudo systemctl stop rsyslog",
            "sudo systemctl start rsyslog",
            "logger test",
            "exit",
        ]
    if "night" in facts.odd.noise and dice.chance(40):
        made += ["date  # who is still up", "sudo systemctl restart cron", "exit"]
    return made


def _through(facts: Facts, host: Host, dice: Dice) -> list[str]:
    """Return what somebody types who comes through a jump host."""
    near = [one.name for one in facts.people.site.hosts if one.segment != host.segment]
    ways = ("ping -c 2 {}", "nc -zv {} 22", "curl -sI http://{}/", "getent hosts {}")
    made = [
        dice.pick(ways).format(dice.pick(near or [host.name])) for _ in range(dice.within(2, 6))
    ]
    return [*made, "exit"]


def _with_slips(facts: Facts, dice: Dice, made: list[str]) -> list[str]:
    if "typo" in facts.odd.noise and made and dice.chance(50):
        made.insert(dice.below(len(made)), dice.pick(shell.TYPOS))
    return made
