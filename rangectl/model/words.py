"""What pydantic finds wrong with a value, in plain words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from ipaddress import AddressValueError, IPv4Network
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

Hint = str | None

_LONGEST_WORD = 40
_MANY_CHOICES = 6
TYPES: Mapping[str, str] = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number, and not as large",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be a mapping (key: value)",
    "model_type": "must be a mapping (key: value)",
    "model_attributes_type": "must be a mapping (key: value)",
}
"""What is said of a value of another type."""
_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}
_BARE = {"int_type": r"\d{1,17}", "float_type": r"\d{1,17}(\.\d+)?", "bool_type": "true|false"}
"""What is of a type once it has no quotes any more."""
_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "unknown key",
    "string_pattern_mismatch": "must look like {pattern}",
    "json_invalid": "not JSON",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "too_long": "has more than {max_length} entries",
    "string_too_long": "is longer than {max_length} characters",
}


def told(error: ValidationError) -> Iterator[str]:
    """Yield all that is wrong with a value, each with its place in it."""
    for one in error.errors(include_url=False):
        where = ".".join(str(part)[:_LONGEST_WORD] for part in one["loc"])
        message, hint = in_words(one, one["input"])
        yield (f"{where}: " if where else "") + message + (f" ({hint})" if hint else "")


def in_words(error: ErrorDetails, value: object) -> tuple[str, Hint]:
    """Say what is wrong with a value, and how it is written right."""
    kind, context = error["type"], error.get("ctx", {})
    if error["loc"][-1:] == ("subnet",) and not isinstance(value, list | dict):
        return f'not an IPv4 network: "{short(str(value))}"', _network(value)
    if kind in TYPES:
        return TYPES[kind], _type(kind, value)
    if kind in _BOUNDS:
        words, key = _BOUNDS[kind]
        return f"must be {words} {context[key]:g} (not {short(str(value))})", None
    if kind == "literal_error":
        return _choice(str(context["expected"]).replace("'", ""), short(str(value)))
    what = None
    if kind == "ip_v4_address" or isinstance(context.get("error"), AddressValueError):
        what = "an IPv4 address", "write 10.0.0.1"
    elif kind.startswith("datetime"):
        what = "a moment", "write 2026-01-31T09:30:00"
    if what is not None:
        return f'not {what[0]}: "{short(str(value))}"', what[1]
    return _other(kind, context, error["msg"]), None


def short(text: str) -> str:
    """Cut a text to what fits a line, and can be printed."""
    line = "".join(one if one.isprintable() else "?" for one in " ".join(text.split()))
    return line if len(line) <= _LONGEST_WORD else line[: _LONGEST_WORD - 3] + "..."


def _other(kind: str, context: Mapping[str, Any], message: str) -> str:
    if kind in ("value_error", "assertion_error"):
        return str(context["error"])
    if kind == "union_tag_invalid":
        known = str(context["expected_tags"]).replace("'", "")
        return f"{_tag(context)} must be one of {known}"
    if kind == "union_tag_not_found":
        return f"{_tag(context)} is missing"
    if kind in _WORDS:
        return _WORDS[kind].format_map(context)
    return message.replace("Input should", "must")


def _tag(context: Mapping[str, Any]) -> str:
    return str(context["discriminator"]).strip("'")


def _choice(expected: str, word: str) -> tuple[str, Hint]:
    """Say what may stand here; of many words the nearest alone."""
    words = re.split(", | or ", expected)
    near = difflib.get_close_matches(word, words, n=1)
    if len(words) > _MANY_CHOICES and near:
        return f'not a word that is known here: "{word}"', f'did you mean "{near[0]}"?'
    return f'must be {expected}, not "{word}"', None


def _type(kind: str, value: object) -> Hint:
    """Say how a value of another type is written right."""
    if isinstance(value, list | tuple | dict) or value is None:
        is_list = TYPES[kind] == TYPES["tuple_type"]
        if isinstance(value, dict):
            return "begin each item with a dash" if is_list else None
        return "no list: no dashes, no [ ]" if value and TYPES[kind] == TYPES["dict_type"] else None
    shown = str(value).lower() if isinstance(value, bool) else short(str(value))
    if kind in ("tuple_type", "list_type"):
        return f"write [{shown}]" if shown else None
    if kind == "string_type":
        return f'put it in quotes: "{shown}"'
    if isinstance(value, str) and kind in _BARE and re.fullmatch(_BARE[kind], value):
        return f"without quotes: {value}"
    return f'not "{shown}"'


def _network(value: object) -> str:
    try:
        return f"did you mean {IPv4Network(str(value), strict=False)}?"
    except ValueError:
        return "write 10.0.0.0/24"
