"""Builds the edges and hands them to the use cases."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path
from typing import TypeVar

from rangectl.app.contain import OUTSIDE, OUTSIDE_NAME, Aim
from rangectl.app.contest import Contest
from rangectl.app.down import down
from rangectl.app.edges import Edges
from rangectl.app.exercise import Material
from rangectl.checks.sockets import SocketChecker
from rangectl.engine.agent import DockerNode
from rangectl.engine.docker_engine import DockerEngine, connect
from rangectl.errors import EnvironmentUnfitError, InvalidFileError, UsageError
from rangectl.model.catalogue import Entry, load
from rangectl.model.parse import load_exercise, load_topology
from rangectl.model.topology import Topology
from rangectl.ports import EventLog, Progress, Tell
from rangectl.provision.images import RoleImages
from rangectl.provision.rolebook import Rolebook
from rangectl.store import library
from rangectl.store.sqlite import SqliteLog

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_THREADS = 16


class WallClock:
    """The clock on the wall."""

    def now(self) -> datetime:
        """Return the present moment, UTC."""
        return datetime.fromtimestamp(time.time(), UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def each(work: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
    """Do the same work on several things at once."""
    with ThreadPoolExecutor(_THREADS) as pool:
        return [future.result() for future in [pool.submit(work, item) for item in items]]


@cache
def edges() -> Edges:
    """Return the edges to this machine's engine."""
    client = connect()
    images = RoleImages(_rolebook(), library.home())
    node = DockerNode(client, lambda: images.ensure("debian", (), _silent))
    return Edges(
        engine=DockerEngine(client),
        node=node,
        images=images,
        checker=SocketChecker(node.dial),
        clock=WallClock(),
        each=each,
        new_secret=lambda: secrets.token_hex(16),
        hunt=library.program("rangectl.kit", "hunt.py").encode(),
    )


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


def material(name: str, seed: int | None = None) -> Material:
    """Read and check an exercise with all that it names; `seed` stands in for the file's."""
    path = library.find("exercises", name)
    starters = {key: frozenset(entry.started_by) for key, entry in entries().items()}
    exercise = load_exercise(library.read(path), str(path), _finder(path), starters).model
    if seed is not None:
        exercise = exercise.model_copy(update={"seed": seed})
    return Material(
        exercise=exercise,
        topology=topology(exercise.topology, path),
        briefing=library.briefing(exercise.briefing, path),
        entries=entries(),
        program=library.program("rangectl.implants.activity", "poll.py"),
    )


@cache
def entries() -> dict[str, Entry]:
    """Return the catalogue."""
    return load(library.catalogue())


def problems(file: str) -> tuple[str, ...]:
    """Return every problem of a topology or exercise; which one it is its keys say."""
    try:
        if _is_exercise(file):
            material(file)
        else:
            topology(file)
    except InvalidFileError as error:
        return error.problems
    return ()


def log(run: str, *, must_exist: bool = False) -> EventLog:
    """Open the log of a run."""
    folder = library.home() / "runs" / run
    if must_exist and not (folder / "run.db").is_file():
        raise UsageError(f"no run named {run!r}", hint=_known_runs())  # noqa: EM102
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot keep state in {folder}: {error.strerror}"
        raise EnvironmentUnfitError(message, hint="set RANGECTL_HOME to a folder") from error
    return SqliteLog(folder / "run.db")


def runs() -> tuple[str, ...]:
    """Return the names of all runs that are on record."""
    return tuple(sorted(path.parent.name for path in library.home().glob("runs/*/run.db")))


def forget(run: str) -> None:
    """Delete the record of a run."""
    log(run, must_exist=True)
    folder = library.home() / "runs" / run
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def contest(name: str, *, aim: Aim, tell: Tell, keep: bool) -> Contest:
    """Return a run that plays by itself; what an interrupted one left under its name goes first."""
    if name in runs():
        down(edges(), name)
        forget(name)
    return Contest(
        name=name,
        edges=edges(),
        log=log(name),
        forget=lambda: forget(name),
        aim=aim,
        tell=tell,
        program=library.programs("rangectl.hunter"),
        keep=keep,
    )


def teams(text: str) -> tuple[str, ...]:
    """Read `alder,birch`; UsageError for what cannot be a team's name."""
    names = tuple(name.strip() for name in text.split(","))
    bad = [name for name in names if not (name.isascii() and name.replace("-", "a").isalnum())]
    if bad or len(set(names)) != len(names):
        message = f"not a list of teams: {text!r}"
        raise UsageError(message, hint="write lower-case names with commas between: alder,birch")
    return names


def shell(container: str, user: str) -> None:
    """Become a shell in a container, by the engine's own client."""
    words = ["docker", "exec", "-it", "-u", user, container, "/bin/bash", "-l"]
    os.execvp(words[0], words)  # noqa: S606 - no shell in between, and the words are ours


def _known_runs() -> str:
    known = ", ".join(runs())
    return f"there are {known}" if known else "none was started yet"


def _finder(path: Path) -> Callable[[str], Topology | None]:
    def find(name: str) -> Topology | None:
        try:
            return topology(name, path)
        except UsageError:
            return None

    return find


def _is_exercise(file: str) -> bool:
    """Guess from the top-level keys; what cannot be read is left to the reader of topologies."""
    if not Path(file).is_file():
        return False
    text = library.read(Path(file))
    return any(
        line.startswith(("actors:", "topology:"))
        for line in text.decode(errors="replace").splitlines()
    )


@cache
def _rolebook() -> Rolebook:
    return Rolebook(*library.roles())


def _silent(progress: Progress) -> None:
    """Tell nobody."""
