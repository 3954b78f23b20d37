"""What each kind of artefact is made of; implants, decoys and noise come out of the same moulds.

Scripts and programs made here do nothing: a script tests for a folder and ends, a copied program is
`true`, and the one program that speaks is the activity program, with its constants filled in.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

from rangectl.implants import texts, words
from rangectl.implants.chooser import Chooser
from rangectl.implants.item import Job, Key, Listing, Poller, Program
from rangectl.model.planting import Component
from rangectl.plan.keys import fingerprint
from rangectl.plan.probing import AppendLine, Copy, Edit, MakeFolder, Write
from rangectl.plan.spec import HostSpec

CRON_TABLES = (
    *("/etc/crontab", "/etc/cron.d/*", "/etc/cron.hourly/*", "/etc/cron.daily/*"),
    *("/etc/cron.weekly/*", "/etc/cron.monthly/*", "/var/spool/cron/crontabs/*"),
)
KEY_TABLES = (
    *("/root/.ssh/authorized_keys*", "/home/*/.ssh/authorized_keys*"),
    *("/var/*/.ssh/authorized_keys*", "/var/lib/*/.ssh/authorized_keys*"),
    *("/opt/*/.ssh/authorized_keys*", "/srv/*/.ssh/authorized_keys*", "/etc/ssh/*"),
)
PROGRAM_ROOTS = (
    *("/etc", "/home", "/opt", "/root", "/srv", "/usr/bin", "/usr/local", "/usr/sbin"),
    *("/var",),
)
SOURCE = "/usr/bin/true"
"""The program that copies are made of: every Debian host has it, and it does nothing."""

_GRACE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a poller asks, and how often."""

    address: IPv4Address
    port: int
    period: timedelta
    jitter: float


@dataclass(slots=True)
class Names:
    """The names given away on one host, so that none is given twice."""

    given: set[str] = field(default_factory=set)
    accounts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Site:
    """Where and of what an artefact is made; `resident` starts a poller, `setuid` sets the bit."""

    host: HostSpec
    choose: Chooser
    names: Names
    now: datetime
    program: str
    target: Target
    resident: bool = True
    setuid: bool = True


@dataclass(frozen=True, slots=True)
class Made:
    """What came out: components, edits, what a register would say, and a key's fingerprint."""

    components: tuple[Component, ...]
    edits: tuple[Edit, ...]
    listings: tuple[Listing, ...] = ()
    fingerprint: str | None = None
    period: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class _Name:
    noun: str
    verb: str
    text: str

    @property
    def purpose(self) -> str:
        return words.PURPOSES[self.verb].format(noun=self.noun)


def drop_in(site: Site) -> Made:
    """A script and a file in /etc/cron.d that runs it."""
    name, script, write = _script(site)
    user = site.choose.pick(("root", *words.ACCOUNTS))
    command = f"{script} {site.choose.pick(words.FLAGS)}"
    path = f"/etc/cron.d/{name.text}"
    line = f"{_schedule(site.choose)} {user} {command}"
    text = texts.drop_in(name.text, name.purpose, _owner(site), _day(site), line)
    starter = Component(
        id="starter", kind="line", persistence=True, path=path, look_in=CRON_TABLES, needle=script
    )
    return Made(
        (starter, _file("script", write)),
        (write, Write(path, text.encode(), mtime=_later(site, write.mtime))),
        (Job(site.host.name, path, user, command, name.purpose),),
    )


def user_line(site: Site) -> Made:
    """A script and a line in an account's crontab that runs it."""
    name, script, write = _script(site)
    user = site.choose.pick(words.ACCOUNTS)
    command = f"{script} {site.choose.pick(words.FLAGS)}"
    edit, starter = _crontab(site, user, f"{_schedule(site.choose)} {command}", script)
    job = Job(site.host.name, edit.path, user, command, name.purpose)
    return Made((starter, _file("script", write)), (write, edit), (job,))


def key(site: Site) -> Made:
    """An authorised key. Its 32 bytes were drawn, not computed: nobody has a private half."""
    account, name = site.choose.pick(words.KEY_FILES)
    folder = f"{words.HOMES[account]}/.ssh"
    blob = b"\0\0\0\x0bssh-ed25519\0\0\0 " + site.choose.bytes(32)
    encoded = b64encode(blob).decode()
    owner = _owner(site)
    comment = f"{site.choose.pick(words.NOUNS)}@{site.choose.pick(words.NOUNS)}"
    line = f"ssh-ed25519 {encoded} {comment}"
    path = f"{folder}/{name}"
    edits = (
        MakeFolder(folder, mode=0o700, owner=account),
        AppendLine(path, line, mode=0o600, owner=account, mtime=_mtime(site)),
    )
    component = Component(
        id="key",
        kind="line",
        persistence=True,
        path=path,
        look_in=KEY_TABLES,
        needle=encoded,
        user=account,
    )
    mark = fingerprint(line)
    return Made((component,), edits, (Key(site.host.name, account, mark, owner),), mark)


def copy(site: Site) -> Made:
    """A copy of `true`, with or without the set-user-id bit."""
    name = _name(site)
    path = _place(site, name)
    mode = 0o4755 if site.setuid else 0o755
    edits = (Copy(SOURCE, path, mode=mode, mtime=_mtime(site)),)
    if not site.setuid:
        return Made((Component(id="program", kind="file", required=False, path=path),), edits)
    component = Component(
        id="program", kind="suid", persistence=True, path=path, look_in=PROGRAM_ROOTS
    )
    return Made((component,), edits, (Program(site.host.name, path, None, name.purpose),))


def poller(site: Site) -> Made:
    """The activity program, and where it is resident a crontab's line that starts it."""
    name = _name(site)
    path = _place(site, name)
    user = site.choose.pick(words.ACCOUNTS)
    beat = site.target.period.total_seconds() * site.choose.between(0.8, 1.0)
    uri = _uri(site.choose)
    text = render(
        site.program,
        {
            "ADDRESS": str(site.target.address),
            "PORT": site.target.port,
            "HOST": f"{site.choose.pick(words.NOUNS)}.example",
            "AGENT": f"{name.text}/{1 + site.choose.below(4)}.{site.choose.below(10)}",
            "URI": uri,
            "PERIOD": round(beat, 1),
            "JITTER": float(site.target.jitter),
        },
    )
    text = _ruled(text, site)
    write = Write(path, text.encode(), mode=0o755, mtime=_mtime(site))
    command = f"{path} {site.choose.pick(words.FLAGS)}"
    known = Poller(
        site.host.name, command, str(site.target.address), site.target.port, name.purpose
    )
    program = _file("program", write).model_copy(update={"persistence": True})
    if not site.resident:
        return Made((program,), (write,), (known,))
    minutes = max(1, round(site.target.period.total_seconds() / 60))
    schedule = "* * * * *" if minutes == 1 else f"*/{minutes} * * * *"
    edit, starter = _crontab(site, user, f"{schedule} {command}", path)
    process = Component(id="process", kind="process", needle=path, path=path, user=user)
    traffic = Component(
        id="traffic",
        kind="traffic",
        address=site.target.address,
        port=site.target.port,
        needle=uri,
        source=site.host.nics[0].address.ip if len(site.host.nics) == 1 else None,
        lately=timedelta(seconds=round(beat * (1 + site.target.jitter))) + _GRACE,
    )
    job = Job(site.host.name, edit.path, user, command, name.purpose)
    period = max(site.target.period, timedelta(minutes=minutes))
    components = (starter, process, program, traffic)
    return Made(components, (write, edit), (known, job), period=period)


def settings(site: Site) -> Made:
    """A file of settings below /etc."""
    name = _name(site)
    folder = site.choose.pick(("/etc/default", f"/etc/{name.noun}"))
    values = [(noun.upper(), site.choose.token(8)) for noun in _some(site, words.NOUNS, 6)]
    text = texts.settings(name.text, name.purpose, _owner(site), _day(site), values)
    return _plain(site, f"{folder}/{name.text}", text)


def table(site: Site) -> Made:
    """A file of data, beside the programs that other artefacts are."""
    name = _name(site)
    rows = [
        (noun, verb, site.choose.below(900))
        for noun in _some(site, words.NOUNS, 9)
        for verb in _some(site, words.VERBS, 3)
    ]
    text = texts.table(name.text, name.purpose, _owner(site), _day(site), rows)
    return _plain(site, _place(site, name), text)


SHAPES: dict[str, Callable[[Site], Made]] = {
    "cron.dropin": drop_in,
    "cron.user": user_line,
    "ssh.authkey": key,
    "suid.copy": copy,
    "c2.http": poller,
    "settings": settings,
    "table": table,
}


def render(program: str, values: dict[str, str | int | float]) -> str:
    """Fill constants into the activity program; each must be there once, at the top."""
    for name, value in values.items():
        program, count = re.subn(
            rf"^{name} = .*$",
            f"{name} = {json.dumps(value)}".replace("\\", r"\\"),
            program,
            flags=re.MULTILINE,
        )
        if count != 1:
            message = f"the activity program has {count} constants {name}"
            raise ValueError(message)
    return program


def _script(site: Site) -> tuple[_Name, str, Write]:
    name = _name(site)
    path = _place(site, name)
    area = f"{site.choose.pick(words.ROOTS)}/{site.choose.pick(words.NOUNS)}"
    text = texts.script(
        name.text,
        name.purpose,
        _owner(site),
        _day(site),
        (area, 2 + site.choose.below(60), site.choose.token(8)),
    )
    return name, path, Write(path, text.encode(), mode=0o755, mtime=_mtime(site))


def _crontab(site: Site, user: str, line: str, needle: str) -> tuple[AppendLine, Component]:
    path = f"/var/spool/cron/crontabs/{user}"
    edit = AppendLine(path, line, mode=0o600, owner=user, mtime=_mtime(site))
    return edit, Component(
        id="starter",
        kind="line",
        persistence=True,
        path=path,
        look_in=CRON_TABLES,
        needle=needle,
        user=user,
    )


def _plain(site: Site, path: str, text: str) -> Made:
    write = Write(path, text.encode(), mtime=_mtime(site))
    return Made((_file("file", write),), (write,))


def _file(component: str, write: Write) -> Component:
    return Component(
        id=component,
        kind="file",
        required=False,
        path=write.path,
        look_in=PROGRAM_ROOTS,
        sha256=hashlib.sha256(write.content).hexdigest(),
        size=len(write.content),
    )


def _name(site: Site) -> _Name:
    """Return a name that is free on this host; none is the beginning of another."""
    choose = site.choose
    spans: tuple[str, ...] = ("",)
    for attempt in range(10_000):
        if attempt == 50:
            spans = words.SPANS
        noun, verb, span = choose.pick(words.NOUNS), choose.pick(words.VERBS), choose.pick(spans)
        text = f"{span}-{noun}-{verb}" if span else f"{noun}-{verb}"
        if text not in site.names.given:
            site.names.given.add(text)
            return _Name(noun, verb, text)
    message = f"{site.host.name}: no name is left for another artefact"
    raise ValueError(message)


def _place(site: Site, name: _Name) -> str:
    folder = site.choose.pick((*words.ROOTS, *words.ROOTS, "/usr/local/bin", "/usr/local/sbin"))
    if folder in words.ROOTS:
        return f"{folder}/{name.noun}/{name.text}"
    return f"{folder}/{name.text}"


def _schedule(choose: Chooser) -> str:
    if choose.chance(0.5):
        return f"{choose.pick(words.MINUTES)} * * * *"
    return f"{choose.below(60)} {choose.below(24)} * * *"


def _ruled(text: str, site: Site) -> str:
    """Even out the address's length with the ruler, so that sizes do not tell whom one asks."""
    length = 20 + site.choose.below(30) + 15 - len(str(site.target.address))
    return re.sub(r"(?m)^(# Settings of this host) -+$", rf"\1 {'-' * length}", text)


def _uri(choose: Chooser) -> str:
    keys = (choose.pick(words.NOUNS), choose.pick(words.VERBS))
    return f"/?{keys[0]}={keys[1]}&{choose.pick(words.SPANS)}={choose.token(10)}"


def _mtime(site: Site) -> float:
    return site.now.timestamp() - site.choose.between(86_400, 200 * 86_400)


def _later(site: Site, than: float | None) -> float:
    return (than or site.now.timestamp()) + site.choose.between(5, 600)


def _day(site: Site) -> str:
    return datetime.fromtimestamp(_mtime(site), UTC).strftime("%Y-%m-%d")


def _owner(site: Site) -> str:
    return site.choose.pick(words.OWNERS)


def _some(site: Site, pool: tuple[str, ...], count: int) -> tuple[str, ...]:
    return site.choose.shuffled(pool)[:count]
