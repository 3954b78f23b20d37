"""The partner's own papers: staff, change calendar, hosts, and the software on them."""

from __future__ import annotations

from rangectl.people.dice import Dice
from rangectl.people.facts import Facts
from rangectl.people.site import Host

Rows = list[list[str]]

_SOFTWARE = {
    "backup": "borgbackup",
    "base": "openssh-server cron rsyslog sudo logrotate",
    "carrier": "bird2",
    "database": "postgresql-15",
    "directory": "slapd ldap-utils",
    "dns": "nsd",
    "fileserver": "samba",
    "jump": "rsync tmux",
    "mail": "postfix dovecot-imapd dovecot-lmtpd",
    "monitoring": "monitoring-plugins-basic nginx-light",
    "proxy": "nginx-light",
    "resolver": "unbound bind9-dnsutils",
    "router": "nftables ulogd2",
    "vpn": "openvpn",
    "web": "nginx-light",
    "webapp": "gunicorn nginx-light python3-psycopg2",
    "webmail": "roundcube-core nginx-light php8.2-fpm",
    "wiki": "dokuwiki nginx-light php8.2-fpm",
}
"""What each role installs, by the names of packages."""

_SERVES = {
    "backup": "nightly backup",
    "carrier": "core router",
    "database": "database",
    "device": "device",
    "directory": "directory",
    "dns": "names, for outside",
    "fileserver": "file shares",
    "jump": "jump host",
    "loghost": "log host",
    "mail": "mail",
    "monitoring": "monitoring",
    "proxy": "reverse proxy",
    "resolver": "names, for inside",
    "router": "router and firewall",
    "vpn": "vpn gateway (tunnel closed)",
    "web": "web pages",
    "webapp": "web application",
    "webmail": "web mail",
    "wiki": "wiki",
    "workstation": "workplace",
}


def staff(facts: Facts) -> Rows:
    """Return the HR list: everybody, and who left lately."""
    rows = [["name", "account", "department", "title", "telephone", "joined", "left", "note"]]
    people = facts.people
    for one in sorted(people.staff, key=lambda one: (one.last, one.first)):
        note = "new" if one is people.newest else ""
        rows.append(
            [one.name, one.account, one.department.name, one.title, one.phone,
             one.since.isoformat(), "", note]
        )  # fmt: skip
    for account in facts.accounts:
        if account.state == "locked" and account.until is not None:
            rows.append(
                [account.owner, account.name, "", "", "", account.since.isoformat(),
                 account.until.isoformat(), account.ticket]
            )  # fmt: skip
        if account.state == "external":
            rows.append(
                [account.owner, account.name, "", "not staff: " + account.note, "",
                 account.since.isoformat(), "", account.ticket]
            )  # fmt: skip
    return rows


def calendar(facts: Facts) -> Rows:
    """Return the change calendar, oldest first."""
    form = "%Y-%m-%d %H:%M"
    head = ["number", "begin", "end", "hosts", "summary", "who", "state"]
    return [head] + [
        [one.number, one.begin.strftime(form), one.end.strftime(form), " ".join(one.hosts),
         one.summary, one.who, one.state]
        for one in facts.changes
    ]  # fmt: skip


def assets(facts: Facts) -> Rows:
    """Return the inventory of hosts."""
    people = facts.people
    rows = [["host", "address", "segment", "serves", "number", "since", "responsible", "formerly"]]
    renamed = dict([facts.odd.renamed]) if facts.odd.renamed else {}
    for number, host in enumerate(people.site.hosts):
        dice = people.site.dice("asset", host.name)
        admins = people.admins if host.administered else people.of_department("it")[:1]
        rows.append(
            [host.name, str(host.address), host.segment, serves(host), f"A-{310 + 7 * number}",
             _since(people.site.at.year, dice), dice.pick(admins).account,
             renamed.get(host.name, "")]
        )  # fmt: skip
    return rows


def serves(host: Host) -> str:
    """Say what a host is for, in a few words."""
    known = [_SERVES[role] for role in host.roles if role in _SERVES]
    return ", ".join(known) or ("server" if host.administered else "device")


def _since(year: int, dice: Dice) -> str:
    return f"{year - dice.within(1, 6)}-{dice.within(1, 12):02}"


def software(facts: Facts) -> Rows:
    """Return the software that serves a purpose, host by host; Debian's own base is left out."""
    head = ["host", "software", "kind", "purpose"]
    return [head] + [
        [host.name, package, "Debian package", _SERVES.get(role, "every host")]
        for host in facts.people.site.hosts
        for role in host.roles
        for package in _SOFTWARE.get(role, "").split()
    ]
