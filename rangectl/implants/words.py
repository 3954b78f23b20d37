"""Words that names and contents are drawn from: one pool for implants, decoys and noise.

No word is the beginning of another of its pool, so no name made of them is that of another.
"""

from __future__ import annotations

NOUNS = (
    *("archive", "asset", "backup", "cache", "catalog", "contact", "invoice", "ledger", "mail"),
    *("metrics", "mirror", "print", "report", "roster", "schedule", "stock", "ticket", "visitor"),
)
VERBS = (
    *("check", "collect", "digest", "export", "import", "index", "merge", "prune", "purge"),
    *("refresh", "rotate", "sync", "update", "verify"),
)
SPANS = ("daily", "early", "hourly", "late", "local", "monthly", "nightly", "site", "weekly")
ROOTS = ("/opt", "/usr/local/lib", "/srv")
ACCOUNTS = (*("backup", "irc", "list", "lp", "mail", "man", "news", "proxy", "uucp", "www-data"),)
"""Accounts that every Debian host has and that services run as."""

HOMES = {
    "root": "/root",
    "backup": "/var/backups",
    "list": "/var/list",
    "www-data": "/var/www",
    "hunter": "/home/hunter",
    "partner": "/home/partner",
}
"""Accounts whose authorised keys may grow, with their homes."""

OWNERS = (
    *("facilities", "finance office", "help desk", "infrastructure", "intranet team"),
    *("records office", "site operations", "web team"),
)
PURPOSES = {
    "check": "checks that the {noun} data is whole",
    "collect": "collects the {noun} figures of this host",
    "digest": "writes the {noun} digest",
    "export": "exports the {noun} data for the records office",
    "import": "imports the {noun} data",
    "index": "keeps the {noun} index",
    "merge": "merges the {noun} lists",
    "prune": "removes old {noun} files",
    "purge": "empties the {noun} area",
    "refresh": "refreshes the {noun} pages",
    "rotate": "rotates the {noun} files",
    "sync": "keeps the {noun} data in step",
    "update": "updates the {noun} lists",
    "verify": "verifies the {noun} files",
}
FLAGS = ("--quiet", "--batch", "--once", "--all", "--local", "--short")
MINUTES = ("*", "*/5", "*/10", "*/15", "*/20", "*/30")

STEMS: dict[str, tuple[str, ...]] = {
    "base": ("cron", "journald", "logrotate", "rsyslog"),
    "database": ("pgdata", "postgres", "wal"),
    "directory": ("ldif", "slapd"),
    "files": ("samba", "share", "smbd"),
    "jump": ("bastion", "sshd"),
    "mail": ("dovecot", "postfix", "spool"),
    "resolver": ("unbound", "zones"),
    "router": ("conntrack", "nftables", "ulogd"),
    "web": ("nginx", "vhost"),
    "wiki": ("dokuwiki", "phpfpm"),
    "workstation": ("browser", "desktop", "session"),
}
"""Beginnings of names by role: the packages and units that it installs."""

INITIALS = tuple("abdefhjklmnprstv")
SURNAMES = (
    *("aldemir", "benedek", "castrin", "dvorak", "eskola", "ferran", "grishin", "halvor"),
    *("ivarsen", "jansky", "kovalen", "lindqvist", "moravec", "novotny", "okkonen", "petrov"),
    *("quist", "rautio", "sorensen", "tamsin", "urbanek", "vasilev", "wendt", "zelenka"),
)

TWINS = {"a": "\u0430", "c": "\u0441", "e": "\u0435", "o": "\u043e", "p": "\u0440"}
"""Letters of the Cyrillic alphabet that look like those of the Latin one."""
