"""What a topology may not say of its layers: defaults, kinds, groups, and who extends whom."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import get_args

from rangectl.model.inherit import (
    MOST_LAYERS,
    closure,
    cycles,
    group_extends,
    kind_extends,
    values,
)
from rangectl.model.parse.marks import Path
from rangectl.model.parse.problem import Problem
from rangectl.model.topology import BuiltIn, Profile, Topology

_LONG_WAY, _MOST_WAYS = 6, 200
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
    yield from _heaps(written)


def _heaps(written: Topology) -> Iterator[Problem]:
    """Yield hosts that are made of more groups or kinds than is of any use."""
    groups, kinds = group_extends(written), kind_extends(written)
    known: dict[tuple[str, ...], bool] = {}
    for name, host in written.hosts.items():
        for key, extends, names in (("group", groups, host.group), ("kind", kinds, (host.kind,))):
            many = (key, *names)
            if many not in known:
                known[many] = len(closure(extends, names)) >= MOST_LAYERS
            if known[many]:
                message = f"is made of {MOST_LAYERS} {key}s and more"
                yield Problem(("hosts", name, key), message, "extend fewer", key=True)


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
    told: set[str] = set()
    for way in islice(cycles(extends, names), _MOST_WAYS):
        if not told & {*way}:
            shown = way if len(way) <= _LONG_WAY else (*way[:_LONG_WAY], "...", way[-1])
            message = f"extends itself: {' -> '.join(shown)}"
            yield Problem((table, way[0], "extends"), message, key=True)
        told.update(way)
