"""Files by path or name, read and checked."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from rangectl.errors import InvalidFileError, UsageError
from rangectl.model.parse.documents import Kind
from rangectl.model.parse.problem import Document
from rangectl.model.parse.topologies import load_topology
from rangectl.model.parse.variables import Given
from rangectl.provision.rolebook import Rolebook
from rangectl.store import library

if TYPE_CHECKING:
    from rangectl.model.catalogue import Entry
    from rangectl.model.exercise import Exercise
    from rangectl.model.topology import Host, Topology
    from rangectl.model.traffic import Profile


def topology(
    name: str, beside: Path | None = None, given: Mapping[str, str] | None = None
) -> Topology:
    """Read and check a topology by path or name; `given` are values of its variables."""
    return document(name, beside, given).model


def document(
    name: str, beside: Path | None = None, given: Mapping[str, str] | None = None
) -> Document[Topology]:
    """Read and check a topology; return it with where everything in it stands."""
    from rangectl.provision.base import BASES

    path = library.find("topologies", name, beside)
    _must_be("topology", path)
    return load_topology(
        library.read(path),
        str(path),
        _rolebook().known(),
        BASES,
        fetch=library.included(path),
        given=Given(given or {}, os.environ),
    )


def topologies(given: Sequence[str] = ()) -> tuple[tuple[Topology, ...], tuple[str, ...]]:
    """Return these topologies and all that are known by name, and which of those are unreadable."""
    found = {(one := topology(name)).name: one for name in given}
    bad = []
    for name in library.names("topologies"):
        try:
            one = topology(name)
        except InvalidFileError:
            bad.append(name)
            continue
        found.setdefault(one.name, one)
    return tuple(found.values()), tuple(bad)


def problems(file: str, given: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return every problem of a topology, exercise or profile, given by path or name."""
    try:
        match kind_of(file):
            case "exercise":
                exercise(file)
            case "traffic":
                profile(file)
            case "topology":
                topology(file, given=given)
    except InvalidFileError as error:
        return error.problems
    return ()


_WHAT: Mapping[Kind, tuple[str, str]] = {
    "topology": ("a topology", "rangectl up brings topologies up"),
    "exercise": (
        "an exercise",
        "rangectl exercise start runs exercises; images are its topology's",
    ),
    "traffic": ("a profile of traffic", "an exercise names it: noise: {traffic: NAME}"),
}


def _must_be(wanted: Kind, path: Path) -> None:
    """Refuse a file of another kind, of which every key would be called unknown."""
    kind = kind_of(str(path))
    if kind != wanted:
        problem = f"{path}: is {_WHAT[kind][0]}, not {_WHAT[wanted][0]}"
        raise InvalidFileError((problem,), hint=_WHAT[kind][1])


def kind_of(file: str) -> Kind:
    """Guess from the top-level keys; what cannot be read is left to the reader of topologies."""
    kinds: tuple[library.Kind, ...] = ("topologies", "exercises", "traffic")
    found = (library.look_for(kind, file) for kind in kinds)
    path = next((one for one in found if one is not None), None)
    if path is None:
        message = f"there is no file, topology, exercise or profile {file!r}"
        known = [name for kind in kinds for name in library.names(kind)]
        raise UsageError(message, hint=library.hint_for(file, known))
    lines = library.read(path).decode(errors="replace").splitlines()
    if any(line.startswith(("actors:", "topology:")) for line in lines):
        return "exercise"
    return "traffic" if any(line.startswith("habits:") for line in lines) else "topology"


class _Topologies(Mapping[str, "Topology"]):
    """The topologies that an exercise may name, each read when it is asked for."""

    def __init__(self, exercise: Path) -> None:
        self._exercise = exercise
        self.problems: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Topology:
        if library.look_for("topologies", name, self._exercise) is None:
            raise KeyError(name)
        try:
            return topology(name, self._exercise)
        except InvalidFileError as error:
            self.problems = error.problems
            raise

    def __iter__(self) -> Iterator[str]:
        return iter(library.names("topologies", self._exercise))

    def __len__(self) -> int:
        return len(library.names("topologies", self._exercise))


def exercise(name: str) -> tuple[Path, Exercise]:
    """Read and check an exercise by path or name; return where it was found, too."""
    from rangectl.model.parse.exercises import load_exercise

    path = library.find("exercises", name)
    _must_be("exercise", path)
    known = _Topologies(path)
    try:
        document = load_exercise(
            library.read(path),
            str(path),
            known,
            starters(),
            lambda briefing: library.find_briefing(briefing, path) is not None,
            _Profiles(path),
            refuses=_refuses,
        )
    except InvalidFileError as error:
        raise InvalidFileError((*error.problems, *known.problems)) from None
    return path, document.model


def _refuses(implant: str, host: Host) -> str | None:
    entry = entries().get(implant)
    return entry.stands_on.refuses(host) if entry is not None else None


class _Profiles(Collection[str]):
    """The names of the profiles of traffic that an exercise may name."""

    def __init__(self, exercise: Path) -> None:
        self._exercise = exercise

    def __contains__(self, name: object) -> bool:
        return library.look_for("traffic", str(name), self._exercise) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(library.names("traffic", self._exercise))

    def __len__(self) -> int:
        return len(library.names("traffic", self._exercise))


def profile(name: str, beside: Path | None = None) -> Profile:
    """Read and check a profile of traffic by path or name."""
    from rangectl.model.parse.profiles import load_profile

    path = library.find("traffic", name, beside)
    return load_profile(library.read(path), str(path)).model


def starters() -> dict[str, frozenset[str]]:
    """Return what may start each entry of the catalogue, by its key."""
    return {key: frozenset(entry.started_by) for key, entry in entries().items()}


@cache
def entries() -> dict[str, Entry]:
    """Return the catalogue."""
    from rangectl.model.catalogue import load

    return load(library.catalogue())


@cache
def _rolebook() -> Rolebook:
    return Rolebook(*library.roles())
