"""Files that start nothing, beside those that do.

They share what tricks without a meaning look at: rare modes and owners, hidden and deep places,
plain names, very small and very mixed contents. What shows these by itself is no implant's mark.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from rangectl.implants import contents, texts, words
from rangectl.implants.making import Made
from rangectl.implants.places import PROGRAM_ROOTS
from rangectl.implants.site import Site, Values
from rangectl.model.planting import Component
from rangectl.plan.probing import Write

_MODES = (*(0o644,) * 6, 0o600, 0o600, 0o640, 0o640, 0o440, 0o755)
_OWNERS = (*("root",) * 8, *words.ACCOUNTS)
_QUIET = ("/etc/default", "/srv", "/opt", "/usr/local/lib", "/var/backups")


def settings(site: Site) -> Made:
    """Make a file of settings below /etc."""
    values = Values(site)
    name, choose = values.name(), values.own("settings")
    folder = choose.pick(("/etc/default", f"/etc/{name.noun}"))
    lines = [(noun.upper(), choose.token(8)) for noun in choose.shuffled(words.NOUNS)[:6]]
    text = texts.settings(name.text, name.purpose, values.get("owner"), values.get("day"), lines)
    return _plain(values, f"{folder}/{name.text}", text.encode())


def table(site: Site) -> Made:
    """Make a file of data, beside the programs that other artefacts are."""
    values = Values(site)
    name, choose = values.name(), values.own("table")
    rows = [
        (noun, verb, choose.below(900))
        for noun in choose.shuffled(words.NOUNS)[:9]
        for verb in choose.shuffled(words.VERBS)[:3]
    ]
    text = texts.table(name.text, name.purpose, values.get("owner"), values.get("day"), rows)
    return _plain(values, values.get("place"), text.encode())


def mark(site: Site) -> Made:
    """Make a file of one short line, as jobs leave behind them."""
    values = Values(site)
    folder = values.own("mark").pick(_QUIET)
    return _plain(values, f"{folder}/{values.name().text}.stamp", f"{values.get('day')}\n".encode())


def blob(site: Site) -> Made:
    """Make a file of bytes without meaning, as indexes and caches are."""
    values = Values(site)
    return _plain(values, f"{values.get('area')}/{values.get('name')}.idx", contents.chunk(values))


def dot(site: Site) -> Made:
    """Make a hidden file of settings where such files are usual."""
    values = Values(site)
    name, choose = values.name(), values.own("dot")
    folder = choose.pick((f"/etc/{name.noun}", "/root", "/etc/default"))
    lines = "".join(f"{noun}={choose.token(4)}\n" for noun in choose.shuffled(words.NOUNS)[:3])
    return _plain(values, f"{folder}/.{name.text}", lines.encode())


def deep(site: Site) -> Made:
    """Make a file of a plain name, deep in a folder of its own."""
    values = Values(site)
    name, choose = values.name(), values.own("deep")
    top, leaf = choose.pick(words.ROOTS), choose.pick(("list", "all", "data", "user", "news"))
    rows = "".join(f"{choose.pick(words.NOUNS)} {choose.below(90)}\n" for _ in range(6))
    return _plain(values, f"{top}/{name.noun}/{name.text}/{name.verb}/{leaf}", rows.encode())


KINDS: dict[str, Callable[[Site], Made]] = {
    "settings": settings,
    "table": table,
    "mark": mark,
    "blob": blob,
    "dot": dot,
    "deep": deep,
}
"""Kinds of noise that no entry of the catalogue is like."""


def _plain(values: Values, path: str, content: bytes) -> Made:
    choose = values.own("look")
    mode, owner = choose.pick(_MODES), choose.pick(_OWNERS)
    write = Write(path, content, mode, owner, values.mtime("file"))
    component = Component(
        id="file",
        kind="file",
        required=False,
        path=path,
        look_in=PROGRAM_ROOTS,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )
    return Made((component,), (write,))
