"""What every kind of file goes through: text, schema, meaning; all problems at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from typing import Literal, TypeVar

from pydantic import BaseModel

from rangectl.errors import InvalidFileError
from rangectl.model.parse.marks import Flaw, Path
from rangectl.model.parse.problem import Document, Problem, tell, tell_flaws
from rangectl.model.parse.schema import Plain, Sound, check
from rangectl.model.parse.yaml_nodes import Node, UnreadableError, read
from rangectl.model.words import short

M = TypeVar("M", bound=BaseModel)
Kind = Literal["topology", "exercise", "traffic"]
VERSION = 1

_ENOUGH = 1000
_STAND_INS: Mapping[str, Plain] = {
    "version": VERSION,
    "name": "unnamed",
    "topology": "unnamed",
    "briefing": "unnamed",
    "clock": {"length": "744h"},
    "seed": 0,
}


def opened(source: str | bytes, name: str) -> tuple[Node, list[Flaw]]:
    """Read a text, and stop at one of another version: its other problems would mean nothing.

    Raises InvalidFileError for what cannot be read.
    """
    try:
        root, flaws = read(source)
    except UnreadableError as error:
        raise InvalidFileError(tell_flaws(name, error.flaws)) from None
    entry = root.value.get("version") if isinstance(root.value, dict) else None
    if entry is not None and (entry.node.value != VERSION or isinstance(entry.node.value, bool)):
        value = entry.node.value
        shown = "this" if isinstance(value, dict | list) else short(json.dumps(value))
        message = (
            f"version {shown} is not one that can be read" if value is not None else "is empty"
        )
        hint = f"this program reads version: {VERSION}"
        problem = Problem(("version",), message, hint)
        raise InvalidFileError(tell(name, root, [problem], flaws))
    return root, flaws


def document(
    model: type[M],
    name: str,
    root: Node,
    early: tuple[list[Flaw], list[Problem]],
    late: Callable[[Sound[M], M], Iterator[Problem]],
    unknown: frozenset[Path] = frozenset(),
) -> Document[M]:
    """Check the schema, then the meaning of what is sound; return the document if all is well.

    `early` is what was found before; `late` finds what the sound parts may not mean.
    """
    flaws, shorthand = early
    fields = model.model_fields
    stand_ins = {key: value for key, value in _STAND_INS.items() if key in fields}
    sound, found = check(model, root, stand_ins, unknown)
    meant: list[Problem] = []
    if sound.model is not None:
        meant = [*islice(late(sound, sound.model), _ENOUGH)]
    relocated = (_relocate(sound, one) for one in meant)
    lines = tell(name, root, chain(shorthand, found, relocated), flaws)
    if lines or sound.model is None:
        raise InvalidFileError(lines)
    return Document(name, sound.model, root, sound.model)


def _relocate(sound: Sound[M], one: Problem) -> Problem:
    path = sound.original(one.path)
    return Problem(path, one.message, one.hint, one.near, one.key)
