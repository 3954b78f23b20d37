"""Logs of the last days: the site's own report, and who logged in from where with which key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from rangectl.people import days
from rangectl.people.belongings import Secrets, Thing, text
from rangectl.people.dice import Dice
from rangectl.people.facts import Facts, Grant
from rangectl.people.site import Host

_DAYS = 6
_COMMANDS = (
    "/usr/bin/systemctl --failed",
    "/usr/bin/tail -50 /var/log/auth.log",
    "/usr/bin/apt list --upgradable",
    "/usr/bin/journalctl -p warning -S today",
    "/usr/bin/du -xsh /var/log/auth.log /var/log/syslog",
    "/usr/sbin/visudo -c",
)
_Lines = list[tuple[datetime, str]]


def logins(so: Facts, host: Host, secrets: Secrets) -> Iterator[Thing]:
    """Yield the log of logins of the last days; it is silent while logs were off."""
    if not host.does("base"):
        return
    dice = so.people.site.dice("logins", host.name)
    lines: _Lines = []
    for back in range(_DAYS, -1, -1):
        day = (so.people.site.at - timedelta(days=back)).date()
        for grant in so.grants:
            if grant.host == host.name and day.weekday() < 5 and dice.chance(_often(so, grant)):
                when = days.moment(day, dice.within(7 * 60 + 10, 16 * 60 + 50), dice.below(60))
                lines += _session(so, (host, grant), secrets, dice, when)
    gap = so.gap if so.gap is not None and host.name in so.gap.hosts else None
    kept = sorted(
        (when, line)
        for when, line in lines
        if when < so.people.site.at and not (gap and gap.begin <= when < gap.end)
    )
    if kept:
        content = "".join(f"{when:%FT%T.%f}+00:00 {host.name} {line}\n" for when, line in kept)
        yield text("/var/log/auth.log", content, "root:adm", kept[-1][0], 0o640)


def _often(so: Facts, grant: Grant) -> int:
    """Return on how many of a hundred days somebody comes; an old key is not used any more."""
    if grant.key.startswith("old/"):
        return 0
    if grant.key.startswith("outsider/"):
        return 8
    host = next(one for one in so.people.site.hosts if one.name == grant.host)
    return 45 if host.name.startswith("jump") else 6 if host.does("workstation") else 18


def _session(
    so: Facts, where: tuple[Host, Grant], secrets: Secrets, dice: Dice, when: datetime
) -> _Lines:
    """Return the lines of one login, with what was done as root, and its end."""
    host, grant = where
    number, port = dice.within(900, 32_000), dice.within(33_000, 60_900)
    print_ = secrets.pair(grant.key, grant.comment).fingerprint
    source = f"from {_source(so, host, grant)} port {port}"
    person = next((one for one in so.people.staff if one.account == grant.account), None)
    uid = so.people.person(grant.account).uid if person else 0
    user = f"user {grant.account}(uid={uid})" if uid else f"user {grant.account}"
    key = f"{source} ssh2: ED25519 {print_}"
    opened = f"session opened for {user} by (uid=0)"
    told = [
        f"sshd[{number}]: Accepted publickey for {grant.account} {key}",
        f"sshd[{number}]: pam_unix(sshd:session): {opened}",
    ]
    lines = _at(dice, when, *told)
    at = when
    for _ in range(dice.below(3) if person is not None and person.admin else 0):
        at += timedelta(minutes=dice.within(1, 9), seconds=dice.below(60))
        ran = f"TTY=pts/0 ; PWD=/home/{grant.account} ; USER=root ; COMMAND={dice.pick(_COMMANDS)}"
        opened = f"session opened for user root(uid=0) by {grant.account}(uid={uid})"
        told = [
            f"sudo: {grant.account:>8} : {ran}",
            f"sudo: pam_unix(sudo:session): {opened}",
            "sudo: pam_unix(sudo:session): session closed for user root",
        ]
        lines += _at(dice, at, *told)
    at += timedelta(minutes=dice.within(1, 40), seconds=dice.below(60))
    told = [
        f"sshd[{number + 7}]: Disconnected from user {grant.account} {source[5:]}",
        f"sshd[{number}]: pam_unix(sshd:session): session closed for user {grant.account}",
    ]
    return lines + _at(dice, at, *told)


def _at(dice: Dice, when: datetime, *told: str) -> _Lines:
    """Return lines that were written right after one another."""
    lines = []
    for line in told:
        when += timedelta(microseconds=dice.within(900, 180_000))
        lines.append((when, line))
    return lines


def _source(so: Facts, host: Host, grant: Grant) -> str:
    """Return where somebody comes from: the own desk, or the jump host where that is far away."""
    hosts = {one.name: one for one in so.people.site.hosts}
    person = next((one for one in so.people.staff if one.account == grant.account), None)
    desk = hosts.get(person.host) if person is not None else None
    jump = next((one for one in so.people.site.hosts if one.name.startswith("jump")), None)
    if desk is not None and (desk.segment == host.segment or host == jump or jump is None):
        return str(desk.address)
    far = jump if jump is not None and jump != host else None
    return str((far or desk or host).address)


def report(so: Facts, host: Host) -> Iterator[Thing]:
    """Yield the log of the site's own report of the last days; it is silent while logs were off."""
    if not host.does("base"):
        return
    at, dice = so.people.site.at, so.people.site.dice("report", host.name)
    used, lines, when = dice.within(21, 46), [], at
    start = (at - timedelta(days=_DAYS)).date()
    up = dice.within(9, 60)
    for step in range(_DAYS * 4 + 4):
        when = days.moment(start, 5 + 360 * step, 1 + dice.below(2))
        if when >= at:
            break
        gap = so.gap
        if gap is not None and host.name in gap.hosts and gap.begin <= when < gap.end:
            continue
        used += dice.chance(8)
        load = ", ".join(f"0.{dice.below(24):02}" for _ in range(3))
        users = dice.below(3)
        who = f"{users} user" if users == 1 else f"{users} users"
        size, taken = "40G", f"{used * 0.4:.0f}G"
        lines += [
            f"{when:%Y-%m-%dT%H:%M:%S}+00:00",
            "Filesystem      Size  Used Avail Use% Mounted on",
            f"overlay          {size}   {taken:>3}   {40 - used * 0.4:.0f}G  {used}% /",
            f" {when:%H:%M:%S} up {up + step // 4} days,  {who},  load average: {load}",
        ]
    last = days.moment(start, 5 + 360 * (step - 1), 2) if lines else at
    yield text("/var/log/siteops.log", "\n".join([*lines, ""]), "root", last)
