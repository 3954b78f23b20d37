"""Where the parts of a catalogue entry may stand, so that none is run, read or obeyed by accident.

Free text and copies stand where nothing starts them, links lead only to what the same entry put
there under a syntax of its own. All paths are templates; an entry's own draws are filled in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from posixpath import dirname, join, normpath

from rangectl.model.parts import RUNNABLE, AnyPart, FilePart, LinePart, LinkPart

FREE = ("data", "log")
"""Syntaxes that allow any text."""

_PROGRAMS = (
    *("{place", "{area}/", "/opt/", "/srv/", "/var/tmp/", "/usr/local/lib/lib{"),  # noqa: S108
    *("/usr/local/bin/{", "/usr/local/sbin/{"),
)
_OBEYED = re.compile(
    r"/(?:dist|site)-packages/|/\.git/|/\.ssh/(?!id_|known_hosts)|/www/|/cgi-bin/|/hooks/"
    r"|\.d/|/(?:bin|sbin|systemd|cron[^/]*|autostart|dbus-1)/"
    r"|\.(?:php\w?|phtml|cgi|service|timer|socket|desktop|pth|py|so|rules|htaccess)$"
)
_HOME = re.compile(r"\{home[0-9]?\}/(?!\.ssh/)(?:.*/)?\.|^/(?:root|home)/")
_SETTING = re.compile(r"#.*|[A-Z][A-Z_]*=(?:[A-Za-z0-9_./:-]|\{[a-z]+[0-9]?\})*|")
_OWNER = re.compile(r"root|www-data|\{[a-z]+[0-9]?\}")
Filled = Callable[[str], str]


def problems(parts: Sequence[AnyPart], filled: Filled) -> Iterator[str]:
    """Yield what stands where it must not; `filled` fills in what an entry draws."""
    led_to = {
        filled(part.path)
        for part in parts
        if isinstance(part, FilePart) and part.syntax not in FREE
    }
    for part in parts:
        if isinstance(part, RUNNABLE):
            yield from _program(part.id, filled(part.path))
        elif isinstance(part, LinkPart):
            yield from _link(part, filled, led_to)
        elif isinstance(part, FilePart | LinePart):
            yield from _text(part, filled)


def _program(name: str, path: str) -> Iterator[str]:
    if not path.startswith(_PROGRAMS) or "/www/" in path or "/.git/" in path:
        yield f"{name}: a program cannot stand at {path!r}, where something may start it by itself"


def _link(part: LinkPart, filled: Filled, led_to: set[str]) -> Iterator[str]:
    path, to = filled(part.path), filled(part.to)
    if to == "/dev/null":
        if not path.endswith("_history"):
            yield f"{part.id}: only a history may lead to /dev/null, not {path!r}"
        return
    target = normpath(join(dirname(path), to))
    if target not in led_to:
        yield f"{part.id}: a link must lead to a file of this entry with a syntax, not to {to!r}"


def _text(part: FilePart | LinePart, filled: Filled) -> Iterator[str]:
    path = filled(part.path)
    if not _OWNER.fullmatch(part.owner):
        yield f"{part.id}: the owner {part.owner!r} is neither root nor drawn"
    if isinstance(part, FilePart) and part.kept is not None:
        kept = filled(part.kept)
        if not kept.startswith("/var/backups/") or ".." in kept:
            yield f"{part.id}: a copy is kept below /var/backups, not at {kept!r}"
    if part.syntax not in FREE:
        return
    if _OBEYED.search(path) or _HOME.search(path):
        yield f"{part.id}: what stands at {path!r} is obeyed: it needs a syntax of its own"
    if path.startswith("/etc/default/"):
        for line in filled(part.text).rstrip("\n").split("\n"):
            if not _SETTING.fullmatch(line):
                yield f"{part.id}: a setting in /etc/default is NAME=word, not {line[:80]!r}"
