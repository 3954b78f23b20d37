"""Files by path or name, read and checked."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path

from rangectl.app.contain import OUTSIDE, OUTSIDE_NAME, Aim
from rangectl.errors import InvalidFileError, UsageError
from rangectl.model.catalogue import Entry, load
from rangectl.model.exercise import Exercise
from rangectl.model.parse import load_exercise, load_topology
from rangectl.model.topology import Topology
from rangectl.provision.rolebook import Rolebook
from rangectl.store import library


def topology(name: str, beside: Path | None = None) -> Topology:
    """Read and check a topology by path or name."""
    path = library.find("topologies", name, beside)
    return load_topology(library.read(path), str(path), _rolebook().known()).model


def aim(address: str | None, name: str | None) -> Aim:
    """Return what counts as outside; UsageError for what is no IPv4 address."""
    try:
        given = str(IPv4Address(address or OUTSIDE))
    except AddressValueError as error:
        message = f"--outside: {error}"
        raise UsageError(message, hint=f"write an IPv4 address, such as {OUTSIDE}") from error
    return Aim(given, name or OUTSIDE_NAME)


def problems(file: str) -> tuple[str, ...]:
    """Return every problem of a topology or exercise; which one it is its keys say."""
    try:
        if _is_exercise(file):
            exercise(file)
        else:
            topology(file)
    except InvalidFileError as error:
        return error.problems
    return ()


def _is_exercise(file: str) -> bool:
    """Guess from the top-level keys; what cannot be read is left to the reader of topologies."""
    if not Path(file).is_file():
        return False
    text = library.read(Path(file))
    return any(
        line.startswith(("actors:", "topology:"))
        for line in text.decode(errors="replace").splitlines()
    )


def _finder(path: Path) -> Callable[[str], Topology | None]:
    def find(name: str) -> Topology | None:
        try:
            return topology(name, path)
        except UsageError:
            return None

    return find


def exercise(name: str) -> tuple[Path, Exercise]:
    """Read and check an exercise by path or name; return where it was found, too."""
    path = library.find("exercises", name)
    starters = {key: frozenset(entry.started_by) for key, entry in entries().items()}
    document = load_exercise(library.read(path), str(path), _finder(path), starters)
    return path, document.model


@cache
def entries() -> dict[str, Entry]:
    """Return the catalogue."""
    return load(library.catalogue())


@cache
def _rolebook() -> Rolebook:
    return Rolebook(*library.roles())
