"""A tree of values against a pydantic model: every complaint in plain words, and what is sound."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from rangectl.model.base import NAME_PATTERN
from rangectl.model.parse.marks import Path
from rangectl.model.parse.problem import Problem, step
from rangectl.model.parse.yaml_nodes import Entry, Node, Scalar
from rangectl.model.words import TYPES, in_words, short

M = TypeVar("M", bound=BaseModel)
Plain = Scalar | list["Plain"] | dict[str, "Plain"]

_ROUNDS = 8
_DEPTH_OF_CHOICES = 2  # below it, a choice such as a host's kind decides what its siblings mean
_NAME_HINT = "lower case letters, digits and hyphens; a letter first; at most 31"
_ONE_LINE = r"^[^\n]+$"
_LINE = ("one line", "at most 120 characters")
_PATTERNED = {
    "techniques": ("a technique", "such as T1053 or T1053.003"),
    "organisation": (
        "the name of an organisation",
        'at most 60 characters, none of : , < > " and \\',
    ),
    "domain": ("a partner's domain", "such as grid.example: all of them end in .example"),
}
"""What is no name, though it is written by a rule, too."""
_RUN_IN = re.compile(r"([a-z_]+)(?::|\s+)\s*(\S.*)")
_ODD_QUOTES = {"\N{LEFT DOUBLE QUOTATION MARK}", "\N{LEFT SINGLE QUOTATION MARK}"}
_PLAIN_NAME = re.compile(NAME_PATTERN)
_LACKING = ("too_short", "missing")


@dataclass(frozen=True, slots=True)
class Sound(Generic[M]):
    """What of a file can be used: its model, less the parts at `dropped`. None: nothing can."""

    model: M | None
    root: Node
    dropped: frozenset[Path] = frozenset()
    _kept: dict[Path, list[int]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def whole(self) -> bool:
        """Say whether nothing had to be left out."""
        return not self.dropped

    def original(self, path: Path) -> Path:
        """Return the path in the file of a path in the model: list items may have been left out."""
        if self.whole:
            return path
        mapped: Path = ()
        node: Node | None = self.root
        for part in path:
            place = part
            if isinstance(part, int) and node is not None and isinstance(node.value, list):
                place = self._index(mapped, part, len(node.value))
            node = _down(node, place) if node is not None else None
            mapped = (*mapped, place)
        return mapped

    def _index(self, path: Path, index: int, length: int) -> int:
        """Return where in the file's list the item stands that the model's list has at `index`."""
        if path not in self._kept:
            self._kept[path] = [i for i in range(length) if (*path, i) not in self.dropped]
        kept = self._kept[path]
        return kept[index] if index < len(kept) else index


def check(
    model: type[M],
    root: Node,
    stand_ins: Mapping[str, Plain],
    unknown: frozenset[Path] = frozenset(),
) -> tuple[Sound[M], list[Problem]]:
    """Validate a tree; return the model of its sound parts, and all that is wrong with the rest.

    A stand-in takes the place of a required value at the top that is missing or unsound. That what
    stands at `unknown` paths is missing is no problem.
    """
    sound: Sound[M] = Sound(None, root, unknown)
    problems: list[Problem] = []
    for turn in range(_ROUNDS):
        values = plain(root, sound.dropped)
        if (turn > 0 or unknown) and isinstance(values, dict):
            values = {**stand_ins, **values}
        text = json.dumps(values)
        try:
            return Sound(
                model.model_validate_json(text, strict=True), root, sound.dropped
            ), problems
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
        places = [(one, sound.original(tuple(one["loc"]))) for one in details]
        if turn == 0:
            problems = [
                _problem(model, root, one, path)
                for one, path in places
                if not (one["type"] in _LACKING and _is_filled(root, path))
            ]
        dropped = frozenset(_faulty(root, one, path, stand_ins) for one, path in places)
        if () in dropped:
            break
        sound = Sound(None, root, sound.dropped | dropped)
    return Sound(None, root, sound.dropped), problems


def plain(node: Node, dropped: frozenset[Path] = frozenset(), path: Path = ()) -> Plain:
    """Return a tree as plain values, without what stands at the dropped paths."""
    match node.value:
        case dict() as entries:
            return {
                key: plain(entry.node, dropped, (*path, key))
                for key, entry in entries.items()
                if (*path, key) not in dropped
            }
        case list() as items:
            return [
                plain(item, dropped, (*path, index))
                for index, item in enumerate(items)
                if (*path, index) not in dropped
            ]
        case scalar:
            return scalar


def _down(node: Node, part: str | int) -> Node | None:
    found = step(node, part)
    return found.node if isinstance(found, Entry) else found


def _inside(root: Node, path: Path) -> Path:
    """Return the part of a path that the tree has: pydantic adds names of its own at the end."""
    node: Node | None = root
    for index, part in enumerate(path):
        node = _down(node, part) if node is not None else None
        if node is None:
            return path[:index]
    return path


def _is_filled(root: Node, path: Path) -> bool:
    """Say whether something is there: pydantic counts sound items only."""
    return _at(root, path) not in (None, [], {})


def _faulty(root: Node, error: ErrorDetails, path: Path, stand_ins: Mapping[str, Plain]) -> Path:
    """Return what to leave out so that the rest may stand."""
    if len(path) == 1 and path[0] in stand_ins:
        return path
    inside = _inside(root, path)
    if error["type"] == "missing":
        return _inside(root, path[:-1])
    if error["type"] == "literal_error" and len(inside) > _DEPTH_OF_CHOICES:
        return inside[:-1]
    return inside


def _problem(model: type[BaseModel], root: Node, error: ErrorDetails, path: Path) -> Problem:
    inside = _inside(root, path)
    match error["type"]:
        case "missing":
            return Problem((*inside, str(path[-1])), "is missing", key=True)
        case "extra_forbidden":
            return _unknown_key(inside, _known_keys(model, inside[:-1]))
        case "string_pattern_mismatch":
            return _bad_word(root, error, path, inside)
        case _:
            pass
    is_key = path[-1:] == ("[key]",)
    value = inside[-1] if is_key else _at(root, inside)
    message, hint = in_words(error, value)
    if inside[-1:] == ("segments",) and len(inside) > 1 and error["type"] == "dict_type":
        message = "must be a list of segments"
        hint = f"write [{short(str(value))}]" if isinstance(value, str) else "write [office, kit]"
    if value is None and error["type"] in (*TYPES, "literal_error"):
        message = message.partition(", not ")[0]
        return Problem(inside, f"is empty; {message}")
    if "vars" in inside[:-1] and error["type"] in TYPES:
        message, hint = "must be text, a whole number, or true or false", None
    return Problem(inside, message, hint, key=is_key)


def _unknown_key(path: Path, known: tuple[str, ...]) -> Problem:
    word = str(path[-1])
    message = f'unknown key "{short(word)}"'
    run_in = _RUN_IN.fullmatch(word)
    if run_in is not None and run_in[1] in known:
        hint = f'write "{run_in[1]}: {short(run_in[2])}"'
        return Problem(path, message, hint, key=True)
    return Problem(path, message, near=(word, known), key=True)


def _bad_word(root: Node, error: ErrorDetails, path: Path, inside: Path) -> Problem:
    """Say of what is not written as it must be what it should be; mostly a name."""
    key = next((part for part in reversed(inside) if isinstance(part, str)), "")
    what = _PATTERNED.get(key) if error["ctx"]["pattern"] != _ONE_LINE else _LINE
    if what is None:
        return _bad_name(root, path, inside)
    return Problem(inside, f'not {what[0]}: "{short(str(_at(root, inside)))}"', what[1])


def _bad_name(root: Node, path: Path, inside: Path) -> Problem:
    is_key = path[-1] == "[key]"
    word = str(inside[-1]) if is_key else str(_at(root, inside))
    hint = _name_hint(word, among=len(inside) > 2)
    if "${" in word and is_key:
        hint = "a variable stands in values only; count: makes several hosts"
    elif inside[:1] == ("vars",):
        hint = "lower case letters, digits and _; a letter first; at most 31"
    return Problem(inside, f'not a name: "{short(word)}"', hint, key=is_key)


def _name_hint(word: str, *, among: bool) -> str:
    """Say how a name is written; of what is nearly one, which that would be; `among` others."""
    if set(word) & _ODD_QUOTES:
        return "only \" and ' are quotes; a name needs none"
    if word.startswith("zone"):
        return "write zone partner, zone adversary or zone hunt"
    likely = re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")
    if not _PLAIN_NAME.fullmatch(likely):
        return _NAME_HINT
    two = "two names need a comma between them; " if among and " " in word else ""
    return f"{two}such as {likely}; {_NAME_HINT}"


def _at(root: Node, path: Path) -> Scalar | list[Node] | dict[str, Entry]:
    node: Node | None = root
    for part in path:
        node = _down(node, part) if node is not None else None
    return node.value if node is not None else None


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _known_keys(model: type[BaseModel], path: Path) -> tuple[str, ...]:
    """Return the keys that a model has at a path."""
    root = _schema(model)
    shapes = [root]
    for part in path:
        shapes = [below for shape in shapes for below in _below(_resolved(root, shape), part)]
    return tuple(
        key
        for shape in shapes
        for one in _resolved(root, shape)
        for key in one.get("properties", {})
    )


def _resolved(root: dict[str, Any], shape: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the shapes that a reference or a choice stands for."""
    if "$ref" in shape:
        yield from _resolved(root, root["$defs"][shape["$ref"].rsplit("/", 1)[-1]])
    elif "anyOf" in shape:
        for one in shape["anyOf"]:
            yield from _resolved(root, one)
    else:
        yield shape


def _below(shapes: Iterator[dict[str, Any]], part: str | int) -> Iterator[dict[str, Any]]:
    for shape in shapes:
        if isinstance(part, int):
            below = shape.get("items")
        else:
            below = shape.get("properties", {}).get(part) or shape.get("additionalProperties")
            if below is None:
                below = next(iter(shape.get("patternProperties", {}).values()), None)
        if isinstance(below, dict):
            yield below
