"""Files that start nothing, beside those that do: settings and tables."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from rangectl.implants import texts, words
from rangectl.implants.making import Made
from rangectl.implants.places import PROGRAM_ROOTS
from rangectl.implants.site import Site, Values
from rangectl.model.planting import Component
from rangectl.plan.probing import Write


def settings(site: Site) -> Made:
    """Make a file of settings below /etc."""
    values = Values(site)
    name, choose = values.name(), values.own("settings")
    folder = choose.pick(("/etc/default", f"/etc/{name.noun}"))
    lines = [(noun.upper(), choose.token(8)) for noun in choose.shuffled(words.NOUNS)[:6]]
    text = texts.settings(name.text, name.purpose, values.get("owner"), values.get("day"), lines)
    return _plain(values, f"{folder}/{name.text}", text)


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
    return _plain(values, values.get("place"), text)


KINDS: dict[str, Callable[[Site], Made]] = {"settings": settings, "table": table}
"""Kinds of noise that no entry of the catalogue is like."""


def _plain(values: Values, path: str, text: str) -> Made:
    write = Write(path, text.encode(), mtime=values.mtime("file"))
    component = Component(
        id="file",
        kind="file",
        required=False,
        path=path,
        look_in=PROGRAM_ROOTS,
        sha256=hashlib.sha256(write.content).hexdigest(),
        size=len(write.content),
    )
    return Made((component,), (write,))
