"""Text of a file → its model, or every problem of it at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from typing import Any, Literal, TypeVar

from pydantic import BaseModel

from rangectl.errors import InvalidFileError
from rangectl.model.exercise import Exercise
from rangectl.model.inherit import settled
from rangectl.model.parse import chains, hosts, include, variables
from rangectl.model.parse.chains import Entries
from rangectl.model.parse.marks import Flaw, Path
from rangectl.model.parse.problem import Document, Problem, tell, tell_flaws
from rangectl.model.parse.published import published
from rangectl.model.parse.schema import Plain, Sound, check
from rangectl.model.parse.shorthand import write_out
from rangectl.model.parse.variables import NOTHING, Given
from rangectl.model.parse.yaml_nodes import MAX_BYTES, Node, UnreadableError, paths_of, read
from rangectl.model.roles import Roles
from rangectl.model.topology import Topology
from rangectl.model.traffic import Profile
from rangectl.model.words import short

__all__ = [
    "MAX_BYTES", "MODELS", "VERSION", "Document", "Entries", "Given", "Kind", "load_exercise",
    "load_profile", "load_topology", "parse_exercise", "parse_topology", "schema",
]  # fmt: skip

M = TypeVar("M", bound=BaseModel)
Kind = Literal["topology", "exercise", "traffic"]
MODELS: Mapping[Kind, type[BaseModel]] = {
    "topology": Topology,
    "exercise": Exercise,
    "traffic": Profile,
}
VERSION = 1

_ENOUGH = 1000
_STAND_INS: Mapping[str, Plain] = {
    "version": VERSION,
    "name": "unnamed",
    "topology": "unnamed",
    "briefing": "unnamed",
    "clock": {"length": "744h"},
    "seed": 0,
}


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
    root, flaws = _read(source, name)
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
    document = _document(Topology, name, root, found, late, unknown)
    return replace(document, model=settled(document.model), written=document.model)


def load_exercise(  # noqa: PLR0913 - all that an exercise leans on
    source: str | bytes,
    name: str,
    topologies: Mapping[str, Topology] | None = None,
    entries: Entries | None = None,
    has_briefing: Callable[[str], bool] | None = None,
    profiles: Collection[str] | None = None,
    *,
    refuses: chains.Refuses | None = None,
) -> Document[Exercise]:
    """Read an exercise; `name` is the file's. Raises InvalidFileError with all that is wrong.

    Without `topologies` it is not checked against its own, without `entries` not against the
    catalogue, without `has_briefing` not whether its briefing is there, without `profiles` not
    whether there is such a profile of traffic, without `refuses` not whether its implants can stand
    on their hosts.
    """
    root, flaws = _read(source, name)

    def late(sound: Sound[Exercise], model: Exercise) -> Iterator[Problem]:
        yield from chains.own_problems(model, whole=sound.whole)
        if topologies is not None and ("topology",) not in sound.dropped:
            yield from _topology_problems(model, topologies, refuses)
        if has_briefing is not None and ("briefing",) not in sound.dropped:
            yield from _briefing_problems(model, has_briefing)
        if profiles is not None:
            yield from _profile_problems(model, profiles)
        if entries is not None:
            yield from chains.entry_problems(model, entries)

    return _document(Exercise, name, root, (flaws, []), late)


def load_profile(source: str | bytes, name: str) -> Document[Profile]:
    """Read a profile of traffic; `name` is the file's. Raises InvalidFileError with all that is
    wrong.
    """
    root, flaws = _read(source, name)

    def late(_: Sound[Profile], model: Profile) -> Iterator[Problem]:
        if not any(model.day.values()):
            yield Problem(("day",), "nobody ever does anything", "a level above 0", key=True)

    return _document(Profile, name, root, (flaws, []), late)


def parse_topology(source: str | bytes, name: str) -> Topology:
    """Return the model of a topology; see `load_topology`."""
    return load_topology(source, name).model


def parse_exercise(source: str | bytes, name: str) -> Exercise:
    """Return the model of an exercise; see `load_exercise`."""
    return load_exercise(source, name).model


def schema(kind: Kind, *, variables: bool = True) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file, with the short forms that it may use.

    With `variables`, one may stand where a value may.
    """
    return published(MODELS[kind].model_json_schema(), variables=variables)


def _topology_problems(
    model: Exercise, topologies: Mapping[str, Topology], refuses: chains.Refuses | None
) -> Iterator[Problem]:
    try:
        topology = topologies.get(model.topology)
    except InvalidFileError:
        message = f'the topology "{model.topology}" is not without problems itself'
        yield Problem(("topology",), message, hint=f"rangectl validate {model.topology}")
        return
    if topology is None:
        message = f'unknown topology "{model.topology}"'
        yield Problem(("topology",), message, near=(model.topology, topologies))
    else:
        yield from chains.topology_problems(model, topology)
        if refuses is not None:
            yield from chains.stand_problems(model, topology, refuses)


def _briefing_problems(model: Exercise, has: Callable[[str], bool]) -> Iterator[Problem]:
    if not has(model.briefing):
        message = f'there is no file "{short(model.briefing)}"'
        yield Problem(("briefing",), message, "put it beside the exercise")


def _profile_problems(model: Exercise, profiles: Collection[str]) -> Iterator[Problem]:
    name = model.noise.traffic
    if name is not None and name not in profiles:
        message = f'unknown profile of traffic "{name}"'
        yield Problem(("noise", "traffic"), message, near=(name, profiles))


def _read(source: str | bytes, name: str) -> tuple[Node, list[Flaw]]:
    """Read the text, and stop at one of another version: its other problems would mean nothing."""
    try:
        root, flaws = read(source)
    except UnreadableError as error:
        raise InvalidFileError(tell_flaws(name, error.flaws)) from None
    entry = root.value.get("version") if isinstance(root.value, dict) else None
    if entry is not None and (entry.node.value != VERSION or isinstance(entry.node.value, bool)):
        value = entry.node.value
        shown = "this" if isinstance(value, dict | list) else short(json.dumps(value))
        message = f"version {shown} is not one that can be read"
        hint = f"this program reads version: {VERSION}"
        problem = Problem(("version",), message, hint)
        raise InvalidFileError(tell(name, root, [problem], flaws))
    return root, flaws


def _document(
    model: type[M],
    name: str,
    root: Node,
    early: tuple[list[Flaw], list[Problem]],
    late: Callable[[Sound[M], M], Iterator[Problem]],
    unknown: frozenset[Path] = frozenset(),
) -> Document[M]:
    """Check the schema, then the meaning of what is sound; return the document if all is well."""
    flaws, shorthand = early
    fields = model.model_fields
    stand_ins = {key: value for key, value in _STAND_INS.items() if key in fields}
    sound, found = check(model, root, stand_ins, unknown)
    meant: list[Problem] = []
    if sound.model is not None:
        meant = [*islice(late(sound, sound.model), _ENOUGH)]
    relocated = (_relocate(sound, one) for one in meant)
    lines = tell(name, root, chain(shorthand, found, relocated), flaws)
    if lines or sound.model is None:
        raise InvalidFileError(lines)
    return Document(name, sound.model, root, sound.model)


def _relocate(sound: Sound[M], one: Problem) -> Problem:
    path = sound.original(one.path)
    return Problem(path, one.message, one.hint, one.near, one.key)


def _names(root: Node) -> hosts.Names:
    return hosts.Names(*(_keys(root, key) for key in ("segments", "groups", "kinds")))


def _keys(root: Node, key: str) -> Collection[str] | None:
    entry = root.value.get(key) if isinstance(root.value, dict) else None
    if entry is None:
        return ()
    return tuple(entry.node.value) if isinstance(entry.node.value, dict) else None
