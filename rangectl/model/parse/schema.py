"""A tree of values against a pydantic model: every complaint in plain words, and what is sound."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from ipaddress import AddressValueError, IPv4Network
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from rangectl.model.parse.problem import Problem, short, step
from rangectl.model.parse.yaml_nodes import Entry, Node, Path, Scalar

M = TypeVar("M", bound=BaseModel)
Plain = Scalar | list["Plain"] | dict[str, "Plain"]

_ROUNDS = 8
_DEPTH_OF_CHOICES = 2  # below it, a choice such as a host's kind decides what its siblings mean
_NAME_HINT = "lower case letters, digits and hyphens; a letter first; at most 31"
_KINDS = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping (key: value)",
    "model_type": "must be a mapping (key: value)",
    "model_attributes_type": "must be a mapping (key: value)",
}
_LACKING = ("too_short", "missing")
_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}


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
            known = _known_keys(model, inside[:-1])
            word = str(inside[-1])
            return Problem(inside, f'unknown key "{short(word)}"', near=(word, known), key=True)
        case "string_pattern_mismatch":
            return _bad_name(root, path, inside)
        case _:
            pass
    message, hint = _words(error, _value(root, inside))
    if inside[-1:] == ("segments",) and len(inside) > 1 and error["type"] == "dict_type":
        message = "must be a list of segments"
        hint = _kind_hint("tuple_type", _value(root, inside))
    if "vars" in inside[:-1] and error["type"] in _KINDS:
        message, hint = "must be text, a whole number, or true or false", None
    return Problem(inside, message, hint)


def _bad_name(root: Node, path: Path, inside: Path) -> Problem:
    is_key = path[-1] == "[key]"
    word = str(inside[-1]) if is_key else str(_value(root, inside))
    hint = _NAME_HINT
    if "${" in word and is_key:
        hint = "a variable stands in values only; count: makes several hosts"
    elif word.startswith("zone"):
        hint = "write zone partner, zone adversary or zone hunt"
    elif inside[:1] == ("vars",):
        hint = "lower case letters, digits and _; a letter first; at most 31"
    return Problem(inside, f'not a name: "{short(word)}"', hint, key=is_key)


def _at(root: Node, path: Path) -> Scalar | list[Node] | dict[str, Entry]:
    node: Node | None = root
    for part in path:
        node = _down(node, part) if node is not None else None
    return node.value if node is not None else None


def _value(root: Node, path: Path) -> Scalar:
    value = _at(root, path)
    return None if isinstance(value, list | dict) else value


def _words(error: ErrorDetails, value: Scalar) -> tuple[str, str | None]:
    """Say in plain words what pydantic found."""
    kind, context = error["type"], error.get("ctx", {})
    if kind in _KINDS:
        return _KINDS[kind], _kind_hint(kind, value)
    if kind in _BOUNDS:
        words, key = _BOUNDS[kind]
        return f"must be {words} {context[key]:g} (not {short(str(value))})", None
    match kind:
        case "ip_v4_network" | "value_error" if error["loc"][-1] == "subnet":
            return f'not an IPv4 network: "{short(str(value))}"', _network_hint(value)
        case "ip_v4_address":
            return f'not an IPv4 address: "{short(str(value))}"', "write 10.0.0.1"
        case "value_error" if isinstance(context["error"], AddressValueError):
            return f'not an IPv4 address: "{short(str(value))}"', "write 10.0.0.1"
        case _:
            message = _other_words(kind, context, value)
            return message or error["msg"].replace("Input should", "must"), None


def _other_words(kind: str, context: Mapping[str, Any], value: Scalar) -> str | None:
    match kind:
        case "value_error":
            return str(context["error"])
        case "literal_error":
            expected = str(context["expected"]).replace("'", "")
            return f'must be {expected}, not "{short(str(value))}"'
        case "too_short" | "string_too_short":
            return "must not be empty"
        case "too_long":
            return f"has more than {context['max_length']} entries"
        case "string_too_long":
            return f"is longer than {context['max_length']} characters"
        case _:
            return None


def _kind_hint(kind: str, value: Scalar) -> str | None:
    if value is None:
        return None
    shown = str(value).lower() if isinstance(value, bool) else short(str(value))
    if kind == "string_type":
        return f'put it in quotes: "{shown}"'
    if kind == "tuple_type":
        return f"write [{shown}]"
    return f'not "{shown}"'


def _network_hint(value: Scalar) -> str:
    try:
        return f"did you mean {IPv4Network(str(value), strict=False)}?"
    except ValueError:
        return "write 10.0.0.0/24"


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
