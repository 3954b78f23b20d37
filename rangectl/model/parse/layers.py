"""What a topology may not say of its layers: defaults, kinds, groups, and who extends whom."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import get_args

from rangectl.model.inherit import (
    MOST_LAYERS,
    closure,
    cycle,
    group_extends,
    kind_extends,
    values,
)
from rangectl.model.parse.problem import Problem
from rangectl.model.parse.yaml_nodes import Path
from rangectl.model.topology import BuiltIn, Profile, Topology

_BUILT_IN = get_args(BuiltIn)


def profiles(written: Topology) -> Iterator[tuple[Path, Profile]]:
    """Yield everything that says what hosts are, with its path."""
    yield ("defaults",), written.defaults
    for name, kind in written.kinds.items():
        yield ("kinds", name), kind
    for name, group in written.groups.items():
        yield ("groups", name), group
    for name, host in written.hosts.items():
        yield ("hosts", name), host


def mention(written: Topology, entry: str, role: str) -> Path:
    """Return where a host entry, or the nearest layer beneath it, names a role."""
    found = values(written, entry).get(("roles", role))
    path = found.path if found is not None else ()
    return path[:-1] if path else ("hosts", entry)


def problems(
    written: Topology, groups: Collection[str] | None, kinds: Collection[str] | None
) -> Iterator[Problem]:
    """Yield kinds and groups that do not exist or extend themselves, and heaps of them.

    `groups` and `kinds` are the names that the file has, None where they cannot be read.
    """
    for name in written.kinds:
        if name in _BUILT_IN:
            message = f'"{name}" is a kind already'
            yield Problem(("kinds", name), message, "call it another name", key=True)
    if kinds is not None:
        yield from _kind_problems(written, (*_BUILT_IN, *kinds))
    if groups is not None:
        yield from _group_problems(written, groups)
    yield from _cycles("kinds", written.kinds, kind_extends(written))
    yield from _cycles("groups", written.groups, group_extends(written))
    for name, host in written.hosts.items():
        if len(closure(group_extends(written), host.group)) >= MOST_LAYERS:
            message = f"{MOST_LAYERS} groups and more make a host"
            yield Problem(("hosts", name, "group"), message, key=True)


def _kind_problems(written: Topology, known: Collection[str]) -> Iterator[Problem]:
    used = [(("kinds", name, "extends"), kind.extends) for name, kind in written.kinds.items()]
    used += [(("hosts", name, "kind"), host.kind) for name, host in written.hosts.items()]
    for path, kind in used:
        if kind not in known:
            yield Problem(path, f'unknown kind "{kind}"', near=(kind, known))


def _group_problems(written: Topology, known: Collection[str]) -> Iterator[Problem]:
    for name, group in written.groups.items():
        for index, other in enumerate(group.extends):
            if other not in known:
                path = ("groups", name, "extends", index)
                yield Problem(path, f'unknown group "{other}"', near=(other, known))


def _cycles(
    table: str, names: Iterable[str], extends: Callable[[str], Iterable[str]]
) -> Iterator[Problem]:
    done: set[str] = set()
    for name in names:
        way = cycle(extends, name) if name not in done else None
        if way is not None:
            done.update(way)
            message = f"extends itself: {' -> '.join(way)}"
            yield Problem((table, name, "extends"), message, key=True)
