"""The JSON Schema that editors get: with the short forms and durations as files write them."""

from __future__ import annotations

from typing import Any

from rangectl.model.base import DURATION_PATTERN, NAME_PATTERN

Shape = dict[str, Any]


_VARIABLE: Shape = {"type": "string", "pattern": r"\$\{[a-z][a-z0-9_]*\}"}
_BARE = {"integer", "number", "boolean"}
_NARROW = {"enum", "pattern", "format", "const"}
_WITHOUT = {"version", "include", "vars"}


def published(root: Shape, *, variables: bool = True) -> Shape:
    """Return a model's schema widened to all that files may say.

    With `variables`, a value of a topology may be one, or a text around one.
    """
    widened: Shape = _durations(root)
    shapes = widened.get("$defs", {})
    if "Host" in shapes:
        if variables:
            _vary(widened)
        properties = shapes["Host"]["properties"]
        properties["segments"] = _or_list(properties["segments"])
        for table, key in ((properties, "group"), (shapes["Group"]["properties"], "extends")):
            table[key] = _or_word(table[key])
        widened["properties"]["include"] = _or_word(widened["properties"]["include"])
        shapes["Variable"] = _or_default(shapes["Variable"])
    if "RoleUse" in shapes:
        shapes["RoleUse"] = _or_short(shapes["RoleUse"])
    return widened


def _vary(root: Shape) -> None:
    """Let every value that is no free text be a variable, in place."""
    for name, shape in root["$defs"].items():
        if name != "Variable":
            _vary_within(shape)
    for key, shape in root["properties"].items():
        if key not in _WITHOUT:
            root["properties"][key] = _varied(shape)


def _vary_within(shape: Shape) -> None:
    for table in ("properties", "patternProperties"):
        for key, value in shape.get(table, {}).items():
            shape[table][key] = _varied(value)
    for key in ("items", "additionalProperties"):
        if isinstance(shape.get(key), dict):
            shape[key] = _varied(shape[key])


def _varied(shape: Shape) -> Shape:
    if shape.get("type") in _BARE or (shape.get("type") == "string" and _NARROW & shape.keys()):
        about: Shape = {
            key: shape[key] for key in ("title", "default", "description") if key in shape
        }
        bare = {key: value for key, value in shape.items() if key not in about}
        return {**about, "anyOf": [bare, _VARIABLE]}
    if "anyOf" in shape:
        return {**shape, "anyOf": [*(_varied(one) for one in shape["anyOf"])]}
    _vary_within(shape)
    return shape


def _or_word(long: Shape) -> Shape:
    """Return what a list of words may be: one of them alone, too."""
    about: Shape = {key: long[key] for key in ("title", "default") if key in long}
    bare = {key: value for key, value in long.items() if key not in about}
    return {**about, "anyOf": [bare, long["items"]]}


def _or_default(long: Shape) -> Shape:
    """Return what a variable may be: its default alone, or nothing."""
    short = [{"type": kind} for kind in ("string", "number", "boolean", "null")]
    return {"description": long["description"], "anyOf": [long, *short]}


def _or_list(long: Shape) -> Shape:
    name = {"type": "string", "pattern": NAME_PATTERN}
    return {"anyOf": [long, {"type": "array", "items": name, "minItems": 1, "uniqueItems": True}]}


def _or_short(long: Shape) -> Shape:
    """Return what a role may be: written out, a name alone, or a name with its variables."""
    variables = {"anyOf": [long["properties"]["vars"], {"type": "null"}]}
    named = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "patternProperties": {NAME_PATTERN: variables},
        "additionalProperties": False,
    }
    name = {"type": "string", "pattern": NAME_PATTERN}
    return {"description": long["description"], "anyOf": [long, name, named]}


def _durations(shape: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    """Replace the format of ISO durations by that of files: 90s, 5m, 1h."""
    match shape:
        case {"type": "string", "format": "duration", **others}:
            return {"type": "string", "pattern": DURATION_PATTERN, **others}
        case dict():
            return {key: _durations(value) for key, value in shape.items()}
        case list():
            return [_durations(value) for value in shape]
        case _:
            return shape
