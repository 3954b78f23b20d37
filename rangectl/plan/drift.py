"""What differs between a host as it was made and as it is wanted, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator

_LONG = 60
_MANY = 8
_LIVE = "names"  # names of other hosts reach a live host as files, so they are no reason


def drift(made: str, wanted: str) -> tuple[str, ...]:
    """Return a line `field: old -> new` for each field that differs between two spec labels.

    Nothing is returned for a label that cannot be read.
    """
    try:
        old, new = json.loads(made), json.loads(wanted)
    except ValueError:
        return ()
    if not isinstance(old, dict) or not isinstance(new, dict):
        return ()
    old.pop(_LIVE, None)
    new.pop(_LIVE, None)
    found = list(_walk("", old, new))
    more = len(found) - _MANY
    return (*found[:_MANY], f"and {more} more") if more > 0 else tuple(found)


def short(text: str) -> str:
    """Return a value as it fits into a line; of an image id its beginning."""
    if text.startswith("sha256:"):
        return text[:19]
    return text if len(text) <= _LONG else text[: _LONG - 3] + "..."


def _walk(path: str, old: object, new: object) -> Iterator[str]:
    if old == new:
        return
    before, after = _fields(old), _fields(new)
    if before and after:
        for key in dict.fromkeys([*before, *after]):
            below = f"{path}.{key}" if path else key
            yield from _walk(below, before.get(key), after.get(key))
        if before == after:
            yield f"{path}: another order"
    else:
        yield f"{path}: {_say(old)} -> {_say(new)}"


def _fields(value: object) -> dict[str, object]:
    """Return the parts of a value that have names: of objects, of lists of named things, of pairs.

    Empty where the parts have no names of their own.
    """
    match value:
        case dict():
            return {str(key): part for key, part in value.items()}
        case list():
            items = [_named(item) for item in value]
        case _:
            return {}
    named = dict(item for item in items if item is not None)
    return named if len(named) == len(items) else {}


def _named(item: object) -> tuple[str, object] | None:
    match item:
        case {"name": str(name)}:
            return name, item
        case {"from_": str(start), "to": str(end)}:
            return f"{start} to {end}", item
        case [str(key), part]:
            return key, part
        case _:
            return None


def _say(value: object) -> str:
    if value in (None, [], {}):
        return "none"
    if isinstance(value, dict) and "name" in value:
        rest = ", ".join(
            f"{key} {_say(part)}" for key, part in value.items() if key != "name" and part
        )
        return short(f"{value['name']} ({rest})" if rest else str(value["name"]))
    if isinstance(value, dict) and "allow" in value:
        return _say(value["allow"])
    if isinstance(value, list):
        return short(" ".join(_say(part) for part in value))
    return short(value if isinstance(value, str) else json.dumps(value))
