"""What the files of a catalogue entry may say, line by line: an allow-list for every place that
starts things.

A template's placeholders are written `{name}`. Where a line names a command, it is `/usr/bin/true`,
`:` or a program that the same entry plants, which does nothing or is the activity program.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

SyntaxName = Literal[
    "apt",
    "at",
    "audit",
    "certificate",
    "cron",
    "comment",
    "crontab",
    "data",
    "desktop",
    "gitconfig",
    "group",
    "knownhosts",
    "list",
    "log",
    "page",
    "pam",
    "passwd",
    "preload",
    "pth",
    "python",
    "shadow",
    "shell",
    "sshkey",
    "status",
    "sudoers",
    "udev",
    "unit",
]
TRUE = "/usr/bin/true"
STOCK = {"true": TRUE, "sleep": "/usr/bin/sleep", "math": "/lib/x86_64-linux-gnu/libm.so.6"}
"""The programs that copies are made of; every Debian host has them, none does anything."""
PLACEHOLDER = re.compile(r"\{([a-z]+[0-9]?)\}")

_VALUE = r"\{[a-z]+[0-9]?\}"
_WORD = rf"(?:[A-Za-z0-9_./@:+,=%\[\]*-]|{_VALUE})+"
_TEXT = rf"(?:[A-Za-z0-9_./@:+,=%()'*; -]|{_VALUE})*"
_HASH = r"#.*"
_AFTER = r"(?:\s+#.*)?"
_BLANK = r"\s*"
_RUN = r"<command>(?: <words>)?"
_SETTING = r"(?:SHELL=/bin/sh|PATH=[A-Za-z0-9_/:.]+|MAILTO=\"\")"
_WHEN = r"(?:\{schedule\}|@daily|@weekly|@reboot|[0-9*/,-]+(?: [0-9*/,-]+){4})"
_DEVICE = rf'ACTION=="add", SUBSYSTEM=="[a-z]+", ATTR\{{id[A-Z][a-z]+\}}=="{_WORD}",'
_FORCED = rf'restrict,command="{TRUE}",from="\{{first\}}"'
_SHELL = (
    r":(?:\s+#.*)?",
    r"exit 0",
    r"trap ':' EXIT(?:\s+#.*)?",
    rf"(?:export )?(?:LANG|LC_ALL|HISTFILE|HISTSIZE|TZ|SITE_[A-Z]+)={_WORD}{_AFTER}",
    r"umask 0[0-7]{2}",
)
_ACTIVE = (
    r"<\?|<%|<script|<!--#|\bon[a-z]+\s*=|javascript:|<i?frame|<object|<embed|<meta|<link|<form|//"
)
"""What makes a page more than text: to a server, to a browser, or from elsewhere."""
_UNIT_KEYS = (
    *("Description", "Documentation", "After", "Type", "RemainAfterExit", "Restart", "RestartSec"),
    *("User", "OnCalendar", "OnBootSec", "OnUnitActiveSec", "Unit", "WantedBy", "Persistent"),
    *("ListenStream", "Accept", "AccuracySec", "Nice"),
)


@dataclass(frozen=True, slots=True)
class Syntax:
    """What lines a file may have (`<command>` and `<words>` stand for what may run), where it may
    stand, and with which modes.
    """

    lines: tuple[str, ...]
    below: tuple[str, ...]
    modes: tuple[str, ...] = ("0644",)


_PLAIN = ("0644", "0640", "0600", "0444", "0440")
_DATA_PLACES = (  # places of data, which nothing starts
    *("/srv/", "/opt/", "/var/log/", "/var/backups/", "/var/tmp/", "/dev/shm/"),  # noqa: S108 - named
    *("/etc/default/", "/etc/{", "{home}/", "{area}", "{place", "{pages2}/"),
)
SYNTAXES: dict[SyntaxName, Syntax] = {
    "cron": Syntax(
        (_HASH, _BLANK, _SETTING, rf"{_WHEN} {_WORD} {_RUN}"), ("/etc/cron.d/",), ("0644",)
    ),
    "comment": Syntax(
        (r"# .*",),
        (
            *("/etc/adduser.conf", "/etc/deluser.conf", "/etc/login.defs", "/etc/logrotate.conf"),
            *("/etc/nanorc", "/etc/rsyslog.conf", "/etc/host.conf", "/etc/gai.conf"),
        ),
    ),
    "crontab": Syntax(
        (_HASH, _BLANK, rf"{_WHEN} {_RUN}"), ("/var/spool/cron/crontabs/",), ("0600",)
    ),
    "at": Syntax(
        (_HASH, _BLANK, r"umask 22", _RUN, r"cd /"), ("/var/spool/cron/atjobs/",), ("0700",)
    ),
    "unit": Syntax(
        (
            *(_HASH, _BLANK, r"\[(?:Unit|Service|Timer|Install|Socket)\]", r"\{service\}"),
            rf"(?:{'|'.join(_UNIT_KEYS)})={_TEXT}",
            rf"ExecStart=(?:@<command> <words>|{_RUN})",
            r"ExecStartPre=/usr/bin/cp <stock> <command>",
            r"ExecStartPost=/usr/bin/rm -f <command>",
        ),
        ("/etc/systemd/",),
    ),
    "shell": Syntax(
        (r"#!/bin/sh", _HASH, _BLANK, *_SHELL),
        (
            *("/etc/profile.d/", "/etc/update-motd.d/", "/etc/init.d/", "/etc/bash.bashrc"),
            *("{home}/.bash", "{home}/.profile", "/srv/", "/opt/", "/usr/local/lib/", "{area}"),
            "/etc/systemd/system-generators/",
        ),
        ("0644", "0755", "0600"),
    ),
    "apt": Syntax(
        (
            *(r"//.*", _BLANK, r'(?:DPkg|APT::Update)::P(?:ost|re)-Invoke \{"/usr/bin/true";\};'),
            r'APT::Periodic::[A-Za-z-]+ "[0-9]+";',
        ),
        ("/etc/apt/apt.conf.d/",),
    ),
    "udev": Syntax(
        (
            *(_HASH, _BLANK),
            rf'{_DEVICE} RUN\+="/usr/bin/true"',
        ),
        ("/etc/udev/rules.d/",),
    ),
    "desktop": Syntax(
        (
            *(_HASH, _BLANK, r"\[Desktop Entry\]", r"Exec=/usr/bin/true"),
            rf"(?:Type|Name|Comment|NoDisplay|Version|X-[A-Za-z-]+)={_TEXT}",
        ),
        ("/etc/xdg/autostart/",),
    ),
    "sudoers": Syntax(
        (_HASH, _BLANK, rf"\{{(?:user|person)\}} ALL=\(root\) NOPASSWD: {TRUE}"),
        ("/etc/sudoers.d/",),
        ("0440",),
    ),
    "pam": Syntax((_HASH, _BLANK, r"session +optional +pam_permit\.so +#.*"), ("/etc/pam.d/",)),
    "pth": Syntax((_HASH, _BLANK, rf"/{_WORD}"), ("/usr/local/lib/python3", "/usr/lib/python3/")),
    "python": Syntax(
        (_HASH, _BLANK, r"pass"), ("/usr/local/lib/python3", "/usr/lib/python3/"), ("0644",)
    ),
    "gitconfig": Syntax(
        (
            _HASH,
            _BLANK,
            r"\[[a-z]+\]",
            rf"\t(?:hooksPath|bare|name|repositoryformatversion) = {_WORD}",
        ),
        ("/srv/", "/opt/", "{area}"),
    ),
    "preload": Syntax((r"<command>",), ("/etc/ld.so.preload",)),
    "audit": Syntax(
        (_HASH, _BLANK, rf"-w {_WORD} -p [rwxa]+ -k {_WORD}"), ("/etc/audit/", "/var/backups/")
    ),
    "page": Syntax((rf"(?i:(?!.*(?:{_ACTIVE})).*)",), ("/srv/www/", "{webroot}/"), _PLAIN),
    "certificate": Syntax((r"\{certificate\}", _BLANK), ("/usr/local/share/ca-certificates/",)),
    "status": Syntax((_BLANK, rf"[A-Z][A-Za-z-]+: {_TEXT}", r" .*"), ("/var/lib/dpkg/status",)),
    "list": Syntax((rf"/{_WORD}", r"\{place\}"), ("/var/lib/dpkg/info/{name}.list",)),
    "passwd": Syntax(
        (rf"\{{person\}}:x:(?:\{{uid\}}:\{{uid\}}|0:0):{_TEXT}:/nonexistent:/usr/sbin/nologin",),
        ("/etc/passwd",),
    ),
    "shadow": Syntax((r"\{person\}:!:[0-9]{5}:0:99999:7:::",), ("/etc/shadow",), ("0640",)),
    "group": Syntax((r"\{person\}:x:\{uid\}:",), ("/etc/group",)),
    "sshkey": Syntax(
        (rf"(?:{_FORCED} )?ssh-ed25519 \{{publickey\}} \{{comment\}}",),
        ("{home}/.ssh/{keyfile}", "{home2}/.ssh/{keyfile2}"),
        ("0600",),
    ),
    "knownhosts": Syntax(
        (r"\{knownhost\} ssh-ed25519 \{hostkey\}",), ("{home}/.ssh/known_hosts",), ("0600",)
    ),
    "log": Syntax((r"[^\0]*",), ("/var/log/",), _PLAIN),
    "data": Syntax((r"[^\0]*",), _DATA_PLACES, _PLAIN),
}
"""Every syntax by name."""


def problems(
    syntax: SyntaxName, path: str, mode: str, text: str, commands: Collection[str]
) -> Iterator[str]:
    """Yield what a template of a file must not say; `commands` are the paths of what the entry
    plants to be run.
    """
    rule = SYNTAXES[syntax]
    if not path.startswith(rule.below) or ".." in path:
        yield f"a file of the syntax {syntax} cannot stand at {path!r}"
    if mode not in rule.modes:
        yield f"a file of the syntax {syntax} cannot have the mode {mode}"
    allowed = [re.compile(_filled(line, commands)) for line in rule.lines]
    for number, line in enumerate(text.rstrip("\n").split("\n"), 1):
        if not any(one.fullmatch(line) for one in allowed):
            yield f"line {number} is nothing that the syntax {syntax} allows: {line[:80]!r}"


def _filled(line: str, commands: Collection[str]) -> str:
    programs = "|".join(re.escape(one) for one in sorted({TRUE, *commands}))
    stock = "|".join(re.escape(one) for one in STOCK.values())
    return (
        line.replace("<command>", f"(?:{programs})")
        .replace("<words>", rf"{_WORD}(?: {_WORD})*")
        .replace("<stock>", f"(?:{stock})")
    )
