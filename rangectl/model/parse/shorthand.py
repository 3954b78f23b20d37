"""The short forms that files may use, written out before the schema sees them."""

from __future__ import annotations

from collections.abc import Iterator

from rangectl.model.parse.marks import Path
from rangectl.model.parse.problem import Problem
from rangectl.model.parse.yaml_nodes import Entry, Node

_ROLE_KEYS = {"name", "vars"}


def write_out(root: Node) -> list[Problem]:
    """Write out the short forms of a topology in place; return what they cannot mean.

    `segments: [a, b]` stands for addresses yet to be chosen, and `roles: [base, web: {site: x}]`
    for roles without and with variables, `group: server` for a list of one, and `vars: {n: 3}`
    for a variable with that default.
    """
    problems: list[Problem] = []
    _list(root, "include")
    for name, host in _entries(root, "hosts"):
        problems += _segments(host, ("hosts", name))
        _list(host, "group")
        _roles(host)
    for _, group in _entries(root, "groups"):
        _list(group, "extends")
        _roles(group)
    for _, kind in _entries(root, "kinds"):
        _roles(kind)
    if (defaults := _get(root, "defaults")) is not None:
        _roles(defaults)
    for _, variable in _entries(root, "vars"):
        if not isinstance(variable.value, dict):
            default = Entry(variable.mark, Node(variable.mark, variable.value))
            variable.value = {} if variable.value is None else {"default": default}
    return problems


def _list(node: Node, key: str) -> None:
    """Make a list of a word."""
    item = _get(node, key)
    if item is not None and isinstance(item.value, str):
        item.value = [Node(item.mark, item.value, item.source)]


def _entries(root: Node, key: str) -> Iterator[tuple[str, Node]]:
    table = _get(root, key)
    if table is not None and isinstance(table.value, dict):
        for name, entry in table.value.items():
            yield name, entry.node


def _get(node: Node, key: str) -> Node | None:
    entry = node.value.get(key) if isinstance(node.value, dict) else None
    return entry.node if entry else None


def _segments(host: Node, path: Path) -> Iterator[Problem]:
    node = _get(host, "segments")
    if node is None or not isinstance(node.value, list):
        return
    if not all(isinstance(item.value, str) for item in node.value):
        return
    entries: dict[str, Entry] = {}
    for item in node.value:
        if (name := str(item.value)) in entries:
            yield Problem((*path, "segments", name), "given twice", key=True)
        entries[name] = Entry(item.mark, Node(item.mark, None))
    node.value = entries


def _roles(host: Node) -> None:
    node = _get(host, "roles")
    if node is None or not isinstance(node.value, list):
        return
    for item in node.value:
        match item.value:
            case str() as name:
                item.value = {"name": Entry(item.mark, Node(item.mark, name))}
            case dict() as entries if len(entries) == 1 and not _ROLE_KEYS & entries.keys():
                ((name, entry),) = entries.items()
                item.value = {"name": Entry(entry.key, Node(entry.key, name))}
                if entry.node.value is not None:
                    item.value["vars"] = Entry(entry.key, entry.node)
            case _:
                pass
