"""Where and of what one artefact is made, and the values that its templates ask for."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

from rangectl.implants import names, words
from rangectl.implants.certificates import certificate
from rangectl.implants.chooser import Chooser
from rangectl.implants.names import Name, Names
from rangectl.implants.pairs import Pair
from rangectl.model.syntaxes import PLACEHOLDER
from rangectl.plan.keys import fingerprint
from rangectl.plan.spec import HostSpec


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a poller asks, and how often."""

    address: IPv4Address
    port: int
    period: timedelta
    jitter: float


@dataclass(frozen=True, slots=True)
class Site:
    """Where an artefact is made: `loud` says whether its acting parts are there, `resident` whether
    what is started stays. Where it needs two hosts, `pair` is both, and `beyond` what was given
    away on the second.
    """

    host: HostSpec
    choose: Chooser
    names: Names
    now: datetime
    programs: Mapping[str, str]
    target: Target
    loud: bool = True
    resident: bool = False
    peer: IPv4Address | None = None
    pair: Pair | None = None
    beyond: Names | None = None

    def host_of(self, number: str) -> HostSpec:
        """Return the host that values of a number belong to: those of number 2 to the second."""
        return self.pair.second if self.pair is not None and number == SECOND else self.host

    def names_of(self, number: str) -> Names:
        """Return what was given away on that host."""
        return self.beyond if self.beyond is not None and number == SECOND else self.names


SECOND = "2"
"""The number of values that belong to the second host, where there is one."""


@dataclass(slots=True)
class Values:
    """The values of one artefact, each drawn when it is first asked for, from a fork of its own."""

    site: Site
    draws: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _known: dict[str, str] = field(default_factory=dict)
    _names: dict[str, Name] = field(default_factory=dict)

    def fill(self, template: str) -> str:
        """Return a template with its placeholders filled in."""
        return PLACEHOLDER.sub(lambda match: self.get(match[1]), template)

    def get(self, asked: str) -> str:
        """Return the value of a placeholder, such as `place` or `place2`."""
        if asked not in self._known:
            kind = asked.rstrip("0123456789")
            own = self.draws.get(kind)
            self._known[asked] = (
                self.own(asked).pick(own)
                if own is not None
                else _DRAWS[kind](self, asked[len(kind) :])
            )
        return self._known[asked]

    def name(self, number: str = "") -> Name:
        """Return the artefact's first or another name."""
        if number not in self._names:
            own, site = self.site.choose.fork(f"name{number}"), self.site
            self._names[number] = names.name(site.host_of(number), own, site.names_of(number))
        return self._names[number]

    def own(self, label: str, number: str = "") -> Chooser:
        """Return a chooser for one value."""
        return self.site.choose.fork(f"value {label}{number}")

    def mtime(self, label: str) -> float:
        """Return when something was last changed, as its mtime says."""
        return self.site.now.timestamp() - self.own("mtime", label).between(86_400, 200 * 86_400)


def _place(values: Values, number: str) -> str:
    name = values.name(number)
    roots = (*words.ROOTS, *words.ROOTS, "/usr/local/bin", "/usr/local/sbin")
    folder = values.own("place", number).pick(roots)
    return f"{folder}/{name.noun}/{name.text}" if folder in words.ROOTS else f"{folder}/{name.text}"


def _schedule(values: Values, number: str) -> str:
    if values.site.resident:
        minutes = max(1, round(values.site.target.period.total_seconds() / 60))
        return "* * * * *" if minutes == 1 else f"*/{minutes} * * * *"
    choose = values.own("schedule", number)
    if choose.chance(0.5):
        return f"{choose.pick(words.MINUTES)} * * * *"
    return f"{choose.below(60)} {choose.below(24)} * * *"


def _service(values: Values, number: str) -> str:
    if values.site.resident:
        return f"Type=simple\nRestart=always\nRestartSec=20\nUser={values.get(f'user{number}')}"
    return "Type=oneshot\nRemainAfterExit=yes"


def _uri(values: Values, number: str) -> str:
    choose = values.own("uri", number)
    keys = (choose.pick(words.NOUNS), choose.pick(words.VERBS))
    return f"/?{keys[0]}={keys[1]}&{choose.pick(words.SPANS)}={choose.token(10)}"


def _row(values: Values, number: str) -> str:
    choose = values.own("row", number)
    noun, verb = choose.pick(words.NOUNS), choose.pick(words.VERBS)
    return f"{values.get('day')};{noun};{verb};{choose.below(900)};{choose.token(8)}"


def _twin(values: Values, number: str) -> str:
    """Return a name with one letter of another alphabet in it."""
    name = values.name(number).text
    there = [one for one in "aceop" if one in name] or [name[0]]
    letter = values.own("twin", number).pick(there)
    return name.replace(letter, words.TWINS.get(letter, "\u0456"), 1)


def _odd(values: Values, number: str) -> str:
    choose, name = values.own("odd", number), values.name(number)
    return choose.pick(
        (f".{name.text}", f".{name.noun}-unix", f".. {name.noun}", f"...{name.noun}")
    )


def _kthread(values: Values, number: str) -> str:
    choose = values.own("kthread", number)
    cpu, count = choose.below(4), choose.below(90)
    kinds = (f"kworker/{cpu}:{count}-events", f"kworker/u8:{count}-flush", f"scsi_tmf_{count}")
    return f"[{choose.pick(kinds)}]"


def _at(values: Values, number: str) -> str:
    """Return the name of a spooled job: its number, and when it runs in minutes since 1970."""
    choose = values.own("atjob", number)
    minutes = int(values.site.now.timestamp() / 60) + 1440 + choose.below(40_000)
    return f"a{1 + choose.below(0xFFF):05x}{minutes:08x}"


def _stamp(values: Values, number: str) -> str:
    moment = values.site.now.timestamp() - values.own("stamp", number).between(3_600, 20 * 86_400)
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.000000+00:00")


def _day(values: Values, number: str) -> str:
    return datetime.fromtimestamp(values.mtime(f"day{number}"), UTC).strftime("%Y-%m-%d")


def _user(values: Values, number: str) -> str:
    return values.own("user", number).pick(words.ACCOUNTS)


def _key_file(values: Values, number: str) -> str:
    """Return where a key may stand; the seats' first files are made anew at every start."""
    seats = values.get(f"owneruser{number}") in {"hunter", "partner"}
    names_ = ("authorized_keys2",) if seats else ("authorized_keys", "authorized_keys2")
    return values.own("keyfile", number).pick(names_)


def _public_key(values: Values, number: str) -> str:
    """Return a public key. Its 32 bytes were drawn, not computed: nobody has a private half."""
    blob = b"\0\0\0\x0bssh-ed25519\0\0\0 " + values.own("publickey", number).bytes(32)
    return b64encode(blob).decode()


def _locked_blob(values: Values, number: str) -> str:
    """Return bytes that were drawn, as text; nothing is encoded in them."""
    return b64encode(values.own("blob", number).bytes(66)).decode()


def _door(values: Values, number: str) -> str:
    """Return a port of the second host at which something may listen; it is given once."""
    site = values.site
    if site.pair is None:
        return "0"
    given = site.names_of(SECOND).given
    port = site.pair.door(values.own("door", number), given.__contains__)
    given.add(f"port {port}")
    return str(port)


def _second(values: Values, _: str) -> str:
    return str(values.site.pair.address if values.site.pair is not None else values.site.host.name)


def _first(values: Values, _: str) -> str:
    return str(values.site.pair.back if values.site.pair is not None else values.site.host.name)


def _known_host(values: Values, number: str) -> str:
    """Return how a client of ssh notes the second host: by a salt, and what that makes of it."""
    salt = values.own("salt", number).bytes(20)
    made = hmac.new(salt, values.get("second").encode(), hashlib.sha1).digest()
    return f"|1|{b64encode(salt).decode()}|{b64encode(made).decode()}"


def host_key(host: str) -> str:
    """Return what stands for a host's key until that is known."""
    return f"host-key-of:{host}:"


def _pages(values: Values, number: str) -> str:
    if any(role.name == "wiki" for role in values.site.host_of(number).roles):
        return "/var/lib/dokuwiki/data/pages"
    return _web_root(values, number)


def _page_uri(values: Values, number: str) -> str:
    """Return how one asks for the page that bears this number's name."""
    name = values.name(number).text
    wiki = _pages(values, number).startswith("/var/lib/")
    return f"/doku.php?id={name}" if wiki else f"/{name}.txt"


def _web_root(values: Values, number: str) -> str:
    for role in values.site.host_of(number).roles:
        for key, value in role.vars:
            if key == "site":
                return f"/srv/www/{value}"
    return "/srv/www"


_DRAWS: dict[str, Callable[[Values, str], str]] = {
    "address": lambda v, _: str(v.site.target.address),
    "agent": lambda v, n: (
        f"{v.name(n).text}/{1 + v.own('agent').below(4)}.{v.own('dot').below(10)}"
    ),
    "area": lambda v, n: f"{v.own('area', n).pick(words.ROOTS)}/{v.name(n).noun}",
    "atjob": _at,
    "blob": _locked_blob,
    "certificate": lambda v, _: certificate(v.own("certificate"), v.name().text, v.site.now),
    "comment": lambda v, n: f"{v.name(n).noun}@{v.own('comment', n).pick(words.NOUNS)}",
    "day": _day,
    "door": _door,
    "digits": lambda v, n: str(60 + v.own("digits", n).below(39)),
    "first": _first,
    "flag": lambda v, n: v.own("flag", n).pick(words.FLAGS),
    "home": lambda v, n: words.HOMES[v.get(f"owneruser{n}")],
    "hostkey": lambda v, _: host_key(v.site.host_of(SECOND).name),
    "hostname": lambda v, n: v.site.host_of(n).name,
    "knownhost": _known_host,
    "keyfile": _key_file,
    "keyprint": lambda v, _: fingerprint(f"ssh-ed25519 {v.get('publickey')}"),
    "kthread": _kthread,
    "minute": lambda v, n: f"{v.own('minute', n).below(60):02d}",
    "name": lambda v, n: v.name(n).text,
    "noun": lambda v, n: v.name(n).noun,
    "odd": _odd,
    "pages": _pages,
    "pageuri": _page_uri,
    "owner": lambda v, n: v.own("owner", n).pick(words.OWNERS),
    "owneruser": lambda v, n: v.own("owneruser", n).pick(tuple(words.HOMES)),
    "peer": lambda v, _: str(v.site.peer or v.site.host.nics[0].address.ip),
    "person": lambda v, n: names.person(v.own("person", n), v.site.names_of(n)),
    "pid": lambda v, n: str(400 + v.own("pid", n).below(60_000)),
    "place": _place,
    "publickey": _public_key,
    "purpose": lambda v, n: v.name(n).purpose,
    "row": _row,
    "schedule": _schedule,
    "second": _second,
    "service": _service,
    "stamp": _stamp,
    "ticket": lambda v, n: f"CHG-{10_000 + v.own('ticket', n).below(80_000)}",
    "title": lambda v, n: v.name(n).text.replace("-", " ").capitalize(),
    "token": lambda v, n: v.own("token", n).token(12),
    "twin": _twin,
    "uid": lambda v, n: str(1100 + v.own("uid", n).below(800)),
    "uri": _uri,
    "user": _user,
    "vendor": lambda v, n: v.own("vendor", n).token(4),
    "verb": lambda v, n: v.name(n).verb,
    "webroot": _web_root,
}


def known() -> frozenset[str]:
    """Return the names of all values there are."""
    return frozenset(_DRAWS)
