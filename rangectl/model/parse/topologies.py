"""Topologies: from text, with what they include and the values of their variables."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from rangectl.model.inherit import settled
from rangectl.model.parse import hosts, include, variables
from rangectl.model.parse.documents import document, opened
from rangectl.model.parse.problem import Document, Problem
from rangectl.model.parse.schema import Sound
from rangectl.model.parse.shorthand import write_out
from rangectl.model.parse.variables import NOTHING, Given
from rangectl.model.parse.yaml_nodes import Node, paths_of
from rangectl.model.roles import Roles
from rangectl.model.topology import Topology


def load_topology(
    source: str | bytes,
    name: str,
    roles: Roles | None = None,
    images: Collection[str] | None = None,
    *,
    fetch: include.Fetch = include.refuse,
    given: Given = NOTHING,
) -> Document[Topology]:
    """Read a topology; `name` is the file's. Raises InvalidFileError with all that is wrong.

    Without `roles` the hosts' roles and their variables are not checked, without `images` not
    whether there is a base image of that name. `fetch` reads what the file includes; `given` are
    values of variables, of which UsageError refuses those that cannot be.

    Every host of the model says itself all that it is; `written` is the model as the file has it.
    """
    root, flaws = opened(source, name)
    root, more, gathered = include.gather(name, root, fetch)
    unfilled, empty = variables.fill_in(name, root, given)
    early = write_out(root)
    unknown = paths_of(root, empty)

    def late(sound: Sound[Topology], model: Topology) -> Iterator[Problem]:
        whole = sound.whole and gathered
        names = _names(root) if gathered else hosts.Names(None, None, None)
        yield from hosts.problems(model, settled(model), names, roles, whole=whole)
        if images is not None:
            yield from hosts.image_problems(model, images)

    found = ([*flaws, *more, *unfilled], early)
    read = document(Topology, name, root, found, late, unknown)
    return replace(read, model=settled(read.model), written=read.model)


def parse_topology(source: str | bytes, name: str) -> Topology:
    """Return the model of a topology; see `load_topology`."""
    return load_topology(source, name).model


def _names(root: Node) -> hosts.Names:
    return hosts.Names(*(_keys(root, key) for key in ("segments", "groups", "kinds")))


def _keys(root: Node, key: str) -> Collection[str] | None:
    entry = root.value.get(key) if isinstance(root.value, dict) else None
    if entry is None:
        return ()
    return tuple(entry.node.value) if isinstance(entry.node.value, dict) else None
