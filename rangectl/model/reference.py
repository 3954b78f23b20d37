"""The formats of the files as a page to read, from their JSON Schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rangectl.model.parse.documents import Kind
from rangectl.model.parse.schemas import schema

Shape = dict[str, Any]

_HEAD = """# File formats

Written by `script/reference` from the schemas that `rangectl schema topology`, `exercise` and
`traffic` print; change the models, not this page. What a file means beyond its
form (unknown names, full segments, overlapping networks) `rangectl validate` tells.
"""
_TITLES: Mapping[str, Kind] = {
    "Topology": "topology",
    "Exercise": "exercise",
    "Traffic": "traffic",
}
_BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} letters",
    "maxLength": "at most {} letters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} entries",
    "maxProperties": "at most {} entries",
    "pattern": "like `{}`",
    "format": "{}",
}


def reference() -> str:
    """Return the page, in Markdown."""
    parts = [_HEAD]
    for title, kind in _TITLES.items():
        root = schema(kind, variables=False)
        parts.append(f"## {title}\n\n{_section(root)}")
        parts += (
            f"### {title}: {name}\n\n{_section(shape)}"
            for name, shape in sorted(root.get("$defs", {}).items())
        )
    return "\n".join(parts)


def _section(shape: Shape) -> str:
    about = " ".join(shape.get("description", "").split())
    lines = [about, ""] if about else []
    if "anyOf" in shape:
        long, *short = shape["anyOf"]
        lines.append(f"Or in short: {_cell(' or '.join(_kind(one) for one in short))}.\n")
        shape = long | {"description": ""}
    if "properties" in shape:
        lines += ["| key | is | without it |", "|---|---|---|", *_rows(shape)]
    else:
        lines.append(_cell(_kind(shape)))
    return "\n".join(lines) + "\n"


def _rows(shape: Shape) -> Iterator[str]:
    required = set(shape.get("required", ()))
    for key, value in shape["properties"].items():
        if key in required:
            default = "required"
        else:
            default = (
                f"`{json.dumps(value['default'], sort_keys=True)}`"
                if "default" in value
                else "empty"
            )
        yield f"| `{key}` | {_cell(_kind(value))} | {_cell(default)} |"


def _kind(shape: Shape) -> str:
    """Say in words what a value may be."""
    if "$ref" in shape:
        return str(shape["$ref"]).rsplit("/", 1)[-1]
    for several in ("anyOf", "oneOf"):
        if several in shape:
            return " or ".join(_kind(one) for one in shape[several])
    if "const" in shape:
        return f"`{json.dumps(shape['const'])}`"
    if "enum" in shape:
        return " or ".join(f"`{one}`" for one in shape["enum"])
    bounds = [words.format(shape[key]) for key, words in _BOUNDS.items() if key in shape]
    return ", ".join([_plain_kind(shape), *bounds])


def _plain_kind(shape: Shape) -> str:
    match shape.get("type"):
        case "array":
            items = shape.get("items")
            return f"list of {_kind(items)}" if items else "list"
        case "object":
            patterns = shape.get("patternProperties", {})
            values = [*patterns.values(), shape.get("additionalProperties")]
            below = [_kind(one) for one in values if isinstance(one, dict)]
            return f"mapping of a name to ({' or '.join(below)})" if below else "mapping"
        case "null":
            return "nothing"
        case "string":
            return "text"
        case str() as kind:
            return kind
        case _:
            return "anything"


def _cell(words: str) -> str:
    return words.replace("|", "\\|")
