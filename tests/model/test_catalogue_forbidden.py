"""What an entry of the catalogue may not say: everything that would run, obey, weaken or open."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from rangectl.errors import InvalidFileError
from rangectl.model import catalogue
from tests.implants.samples import HERE

Change = dict[str, Any]
FREE = "obeyed: it needs a syntax of its own"
LINK = "a link must lead to a file of this entry"
PROGRAM = "a program cannot stand at"
LINE = "is nothing that the syntax"
STANDS = "cannot stand at"
PLACE = "{place}"


def data(path: str, text: str = "import os", **more: object) -> Change:
    return {"id": "more", "kind": "file", "syntax": "data", "path": path, "text": text, **more}


def link(path: str, to: str) -> Change:
    return {"id": "more", "kind": "link", "path": path, "to": to}


def line(syntax: str, path: str, text: str, **more: object) -> Change:
    return {
        "id": "more",
        "kind": "line",
        "syntax": syntax,
        "path": path,
        "text": text,
        "needle": "x",
        **more,
    }


def shell(text: str) -> Change:
    return {**data("/etc/profile.d/x.sh", text), "syntax": "shell"}


def unit(text: str) -> Change:
    return {**data("/etc/systemd/system/x.service", text), "syntax": "unit"}


def page(text: str) -> Change:
    return {**data("{webroot}/x.html", text), "syntax": "page"}


def copy(path: str, kind: str = "copy") -> Change:
    return {"id": "more", "kind": kind, "path": path}


FORBIDDEN: dict[str, tuple[Change, str]] = {
    "a job with a shell": (line("cron", "/etc/cron.d/x", "* * * * * root /bin/sh -c id"), LINE),
    "a job with a pipe": (line("cron", "/etc/cron.d/x", f"* * * * * root {PLACE} | sh"), LINE),
    "a job of another program": (line("cron", "/etc/cron.d/x", "* * * * * root /srv/x"), LINE),
    "a job's shell": (line("cron", "/etc/cron.d/x", "SHELL=/bin/bash"), LINE),
    "a table of jobs elsewhere": (line("cron", "/etc/crontab", "# x"), STANDS),
    "a unit with a shell": (unit("ExecStart=/bin/sh -c id"), LINE),
    "a unit that stops with a command": (unit("ExecStop=/usr/bin/true"), LINE),
    "a unit's environment": (unit("Environment=LD_PRELOAD=/srv/x.so"), LINE),
    "a unit that copies something else": (unit("ExecStartPre=/usr/bin/cp /bin/sh {place}"), LINE),
    "a unit that removes": (unit("ExecStartPost=/usr/bin/rm -f /etc/passwd"), LINE),
    "a shell file that substitutes": (shell("export LANG=$(id)"), LINE),
    "a shell file that calls": (shell("/srv/x"), LINE),
    "a shell file that sources": (shell(". /srv/x"), LINE),
    "a trap that does something": (shell("trap 'id' EXIT"), LINE),
    "a path for commands": (shell("export PATH=/srv"), LINE),
    "an editor": (shell("export EDITOR=/bin/rm"), LINE),
    "an alias": (shell("alias ls=id"), LINE),
    "a hook of packages": (
        {**data("/etc/apt/apt.conf.d/99x", 'DPkg::Post-Invoke {"id";};'), "syntax": "apt"},
        LINE,
    ),
    "packages that nobody signed": (
        {
            **data("/etc/apt/apt.conf.d/99x", 'APT::Get::AllowUnauthenticated "true";'),
            "syntax": "apt",
        },
        LINE,
    ),
    "a device's program": (
        {**data("/etc/udev/rules.d/9-x.rules", 'RUN+="/bin/sh"'), "syntax": "udev"},
        LINE,
    ),
    "a desktop's program": (
        {**data("/etc/xdg/autostart/x.desktop", "Exec=/bin/sh"), "syntax": "desktop"},
        LINE,
    ),
    "a right to run anything": (
        {
            **data("/etc/sudoers.d/9-x", "{user} ALL=(root) NOPASSWD: ALL", mode="0440"),
            "syntax": "sudoers",
        },
        LINE,
    ),
    "a way past passwords": (line("pam", "/etc/pam.d/su", "auth sufficient pam_permit.so"), LINE),
    "an account with a shell": (line("passwd", "/etc/passwd", "x:x:0:0:x:/:/bin/sh"), LINE),
    "an account with a password": (line("shadow", "/etc/shadow", "x:$6$x:1:0:9:7:::"), LINE),
    "a key that somebody holds": (
        line("sshkey", "{home}/.ssh/{keyfile}", "ssh-ed25519 AAAA x", mode="0600"),
        LINE,
    ),
    "a library": (line("preload", "/etc/ld.so.preload", "/srv/x.so"), LINE),
    "a line that Python runs": (
        line("pth", "/usr/local/lib/python3.11/dist-packages/x.pth", "import os"),
        LINE,
    ),
    "a page with a program": (page("<?php system('id') ?>"), LINE),
    "a page with a script": (page("<SCRIPT>x</SCRIPT>"), LINE),
    "a page with a handler": (page("<p onclick = x>"), LINE),
    "a page that sends": (page("<form action=x>"), LINE),
    "a page that loads": (page("<img src=https://example.com/x>"), LINE),
    "a file that a shell reads": (data("{home}/.bashrc"), FREE),
    "a file that a program obeys": (data("{home}/.config/autostart/x"), FREE),
    "free text as keys": (data("{home}/.ssh/authorized_keys"), FREE),
    "free text of root's": (data("/root/.profile"), STANDS),
    "free text among Python's": (data("/usr/local/lib/python3.11/dist-packages/x.py"), STANDS),
    "free text among units": (data("/usr/local/lib/systemd/system/x.service"), STANDS),
    "free text as a message bus's": (data("/usr/share/dbus-1/services/x.service"), STANDS),
    "free text as a server's settings": (data("/etc/ssh/sshd_config.d/x.conf"), STANDS),
    "free text as a page": (data("/srv/www/intranet/x.php"), FREE),
    "free text as a repository's settings": (data("{area}/x/.git/config"), FREE),
    "a setting that is a command": (data("/etc/default/x", "X=$(id)"), "is NAME=word"),
    "a copy that starts": (
        data("/srv/x", kept="/etc/cron.d/x"),
        "a copy is kept below /var/backups",
    ),
    "free text that may be run": (data("/srv/x", mode="0755"), "cannot have the mode 0755"),
    "somebody else's file": (data("/srv/x", owner="postgres"), "neither root nor drawn"),
    "a link to free text": (link("/etc/systemd/system/x.service", "/srv/x"), LINK),
    "a link to a shell": (link("/etc/cron.daily/x", "/bin/sh"), LINK),
    "a link that loses a log": (link("/var/log/auth.log", "/dev/null"), "only a history"),
    "a program among commands": (copy("/usr/bin/sudo"), PROGRAM),
    "a program that cron starts": (copy("/etc/cron.hourly/x", "script"), PROGRAM),
    "a program that a hook starts": (copy("{area}/.git/hooks/x", "activity"), PROGRAM),
    "a path that leads upwards": (copy("/srv/../bin/x"), "leads upwards"),
    "a value that there is not": (data("/srv/x", "{password}"), "there is no value {password}"),
    "a command of its own": ({**copy("/srv/x"), "command": "id"}, "unknown key"),
    "a program's text": ({**copy("/srv/x", "activity"), "text": "id"}, "unknown key"),
    "another kind": ({"id": "more", "kind": "exec"}, "kind must be one of"),
    "another saying": ({**copy("/srv/x", "activity"), "says": "smtp"}, "must be http, tls"),
}


def told(part: Change) -> tuple[str, ...]:
    entry = yaml.safe_load((HERE / "catalogue" / "cron.dropin.yaml").read_text())
    entry["components"].append(part)
    with pytest.raises(InvalidFileError) as caught:
        catalogue.load({"0.yaml": yaml.safe_dump(entry)})
    return caught.value.problems


@pytest.mark.parametrize(("part", "message"), FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_an_entry_may_not_say(part: Change, message: str) -> None:
    found = told(part)
    assert any(message in one for one in found), found
    assert all(one.startswith("0.yaml: ") for one in found)


def test_there_are_more_than_forty_of_them() -> None:
    assert len(FORBIDDEN) > 40
