"""The activity program with its constants filled in: to whom it speaks, what it says, how often."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rangectl.implants import words
from rangectl.implants.site import SECOND, Target, Values
from rangectl.model.parts import ActivityPart

_IMPORT = re.compile(r"^import [a-z]+$", re.MULTILINE)
FIRST = "poll.py.txt"
"""The activity program as it stands in its file: it speaks HTTP."""


def variants(texts: Mapping[str, str]) -> dict[str, str]:
    """Return every form of the activity program by what it says, from the texts of its files.

    The other files each hold what another form imports beside the first, and its way to ask.
    """
    first = texts[FIRST]
    found = {"http": first}
    for name, text in texts.items():
        if name != FIRST:
            imports, _, ask = text.partition("\ndef ask():")
            begin, middle = first.index("def ask():"), first.index("\n\n\ndef main()")
            whole = first[:begin] + "def ask():" + ask.rstrip() + first[middle:]
            lines = sorted({*_IMPORT.findall(whole), *_IMPORT.findall(imports)})
            head, _, tail = _IMPORT.sub("", whole, count=0).partition('"""\n')
            found[name.partition(".")[0]] = _joined(head, lines, tail)
    return found


def _joined(head: str, imports: Sequence[str], tail: str) -> str:
    return f'{head}"""\n\n' + "\n".join(imports) + "\n\n" + tail.lstrip("\n")


def program(values: Values, part: ActivityPart) -> str:
    """Return the program of an artefact."""
    target, number = aim(values, part), number_of(part)
    text = render(
        values.site.programs[part.says],
        {
            "ADDRESS": str(target.address),
            "PORT": target.port,
            "HOST": f"{values.own('host', number).pick(words.NOUNS)}.example",
            "AGENT": values.get(f"agent{number}"),
            "URI": needle(values, part),
            "PERIOD": beat(values),
            "JITTER": float(target.jitter),
        },
    )
    # The ruler evens out the address's length, so that sizes do not tell whom one asks.
    length = 20 + values.own("ruler", number).below(30) + 15 - len(str(target.address))
    return re.sub(r"(?m)^(# Settings of this host) -+$", rf"\1 {'-' * length}", text)


def number_of(part: ActivityPart) -> str:
    """Return the number of the values that a program's host has."""
    return SECOND if part.at == "second" else ""


def aim(values: Values, part: ActivityPart) -> Target:
    """Return whom a program asks: the artefact's server, or its second host."""
    own = values.site.target
    if part.to != "second" or values.site.pair is None:
        return own if part.port is None else replace(own, port=part.port)
    door = int(values.get("door")) if part.port is None else part.port
    return replace(own, address=values.site.pair.address, port=door)


def beat(values: Values) -> float:
    """Return how many seconds pass between two requests."""
    period = values.site.target.period.total_seconds()
    return round(period * values.own("beat").between(0.8, 1.0), 1)


def needle(values: Values, part: ActivityPart) -> str:
    """Return what of a request tells whose it is, where it arrives."""
    number = number_of(part)
    if part.asks is not None:
        return values.fill(part.asks)
    if part.says == "dns":
        return values.own("label", number).token(44)
    if part.says == "icmp":
        return values.own("label", number).token(56)
    if part.encoded:
        return f"/?session={b64encode(values.own('label', number).bytes(24)).decode().rstrip('=')}"
    return values.get(f"uri{number}")


def render(text: str, values: dict[str, str | int | float]) -> str:
    """Fill constants into the activity program; each must be there once, at the top."""
    for name, value in values.items():
        text, count = re.subn(
            rf"^{name} = .*$",
            f"{name} = {json.dumps(value)}".replace("\\", r"\\"),
            text,
            flags=re.MULTILINE,
        )
        if count != 1:
            message = f"the activity program has {count} constants {name}"
            raise ValueError(message)
    return text
