"""The JSON Schema that editors get: with the short forms and durations as files write them."""

from __future__ import annotations

from typing import Any

from rangectl.model.base import DURATION_PATTERN, NAME_PATTERN

Shape = dict[str, Any]


def published(root: Shape) -> Shape:
    """Return a model's schema widened to all that files may say."""
    widened: Shape = _durations(root)
    shapes = widened.get("$defs", {})
    if "Host" in shapes:
        properties = shapes["Host"]["properties"]
        properties["segments"] = _or_list(properties["segments"])
    if "RoleUse" in shapes:
        shapes["RoleUse"] = _or_short(shapes["RoleUse"])
    return widened


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
