"""Where topologies, exercises, roles and catalogue entries are found, and where state is kept."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Literal

import platformdirs

import rangectl
from rangectl.errors import InvalidFileError, UsageError
from rangectl.model.parse.include import RefusedError

Kind = Literal["topologies", "exercises", "traffic"]

_ONE: Mapping[Kind, str] = {
    "topologies": "topology",
    "exercises": "exercise",
    "traffic": "profile of traffic",
}
_A: Mapping[Kind, str] = {
    "topologies": "a topology",
    "exercises": "an exercise",
    "traffic": "a profile of traffic",
}
_USED: Mapping[Kind, str] = {
    "topologies": "rangectl up {} brings it up",
    "exercises": (
        "rangectl exercise start {} --teams alder,birch runs it; images are its topology's"
    ),
    "traffic": "an exercise names it: noise: {{traffic: {}}}",
}
_FOLDERS: Mapping[Kind, str] = {
    "topologies": "topologies",
    "exercises": "exercises",
    "traffic": "exercises/traffic",
}
_LARGEST = 1 << 20
_OUTSIDE = 'cannot include "{}": it lies outside of the folder of the file that is read'
_NO_FILE = 'cannot include "{}": {}'
_PACKAGE = Path(rangectl.__file__).parent


def home() -> Path:
    """Return the folder that state lives in: $RANGECTL_HOME, else the platform's."""
    given = os.environ.get("RANGECTL_HOME")
    return Path(given) if given else Path(platformdirs.user_state_path("rangectl"))


def shipped(kind: str) -> Path:
    """Return what came along of `topologies`, `exercises`, `roles` or `docs`, or a folder below."""
    installed = _PACKAGE / "_data" / kind
    return installed if installed.is_dir() else _PACKAGE.parent / kind


def find(kind: Kind, name: str, beside: Path | None = None) -> Path:
    """Return the file of that kind that `name` means; UsageError when there is none.

    It is a path, or a bare name, which is looked for beside the given file, then in the working
    directory, then among what was shipped.
    """
    path = look_for(kind, name, beside)
    if path is not None:
        return path
    message = f"no file and no {_ONE[kind]} is called {name!r}"
    if Path(name).is_dir():
        message = f"{name} is a folder, not a file"
    elif "/" in name:
        message = f"there is no file {name}"
    for other in _ONE:
        if other != kind and look_for(other, name, beside) is not None:
            message = f"{name!r} is the name of {_A[other]}, not of {_A[kind]}"
            raise UsageError(message, hint=_USED[other].format(name))
    raise UsageError(message, hint=hint_for(name, names(kind, beside)))


def hint_for(name: str, known: Sequence[str]) -> str:
    """Return what to write instead of a name that nothing has: the nearest, and all there are."""
    close = difflib.get_close_matches(Path(name).stem, known, n=1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    return f"{meant}give a path, or the name of one: {', '.join(known)}"


def look_for(kind: Kind, name: str, beside: Path | None = None) -> Path | None:
    """Return the file that `find` does, or None."""
    if Path(name).is_file():
        return Path(name)
    folders = [*([beside.parent] if beside else []), Path.cwd(), *_folders(kind, beside)]
    paths = (folder / f"{name.removesuffix('.yaml')}.yaml" for folder in folders if "/" not in name)
    return next((path for path in paths if path.is_file()), None)


def names(kind: Kind, beside: Path | None = None) -> tuple[str, ...]:
    """Return the names in the folders that hold files of a kind, sorted."""
    files = (file for folder in _folders(kind, beside) for file in folder.glob("*.yaml"))
    return tuple(sorted({file.stem for file in files}))


def _folders(kind: Kind, beside: Path | None) -> Iterator[Path]:
    folder = _FOLDERS[kind]
    if beside is not None:
        yield beside.parent.parent / folder
    yield Path.cwd() / folder
    yield shipped(folder)


def read(path: Path) -> bytes:
    """Return what a file holds, up to a little more than 1 MiB: a larger one is refused by all."""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST + 1)
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise UsageError(message) from error


def included(top: Path) -> Callable[[str], bytes]:
    """Return what reads the files that a file includes: below its folder, and nowhere else."""
    folder = top.parent.resolve()

    def fetch(place: str) -> bytes:
        path = folder / place
        try:
            real = path.resolve(strict=True)
            if not real.is_relative_to(folder):
                raise RefusedError(_OUTSIDE.format(place), "copy it there")
            if not real.is_file():
                raise RefusedError(_NO_FILE.format(place, "it is no file"))
            return read(real)
        except (OSError, RuntimeError) as error:
            why = getattr(error, "strerror", None) or "its links lead nowhere"
            raise RefusedError(_NO_FILE.format(place, why.lower()), _beside(path)) from None

    return fetch


def _beside(path: Path) -> str | None:
    """Name the files that could have been meant."""
    try:
        names = {one.stem: one.name for one in islice(path.parent.glob("*.y*ml"), 100)}
    except OSError:
        return None
    close = difflib.get_close_matches(path.stem, sorted(names), n=1)
    return f"did you mean {names[close[0]]}?" if close else None


def roles() -> tuple[Path, ...]:
    """Return the folders that roles are looked for in, first come first served."""
    return tuple(folder for folder in (Path.cwd() / "roles", shipped("roles")) if folder.is_dir())


def catalogue() -> Mapping[str, str]:
    """Return the text of every catalogue entry, by file name."""
    folder = resources.files("rangectl.implants") / "catalogue"
    files = (file for file in folder.iterdir() if file.name.endswith(".yaml"))
    return {file.name: file.read_text() for file in files}


def activity() -> Mapping[str, str]:
    """Return the texts that the activity program is made of, by file name."""
    folder = resources.files("rangectl.implants") / "activity"
    files = (file for file in folder.iterdir() if file.name.endswith(".txt"))
    return {file.name: file.read_text() for file in files}


def programs(package: str) -> Mapping[str, bytes]:
    """Return every file of a program that is sent into ranges as a folder, by name."""
    files = (file for file in resources.files(package).iterdir() if file.name.endswith(".py"))
    return {file.name: file.read_bytes() for file in files}


def briefing(name: str, exercise: Path) -> str:
    """Return the text that an exercise gives its teams; InvalidFileError when there is none."""
    path = find_briefing(name, exercise)
    if path is None:
        raise InvalidFileError((f"{exercise}: briefing: no such file: {name}",))
    return read(path).decode(errors="replace")


def find_briefing(name: str, exercise: Path) -> Path | None:
    """Return the file of a briefing, beside its exercise or among the docs; None if it lacks."""
    folders = (exercise.parent, exercise.parent.parent / "docs", shipped("docs"))
    return next((folder / name for folder in folders if (folder / name).is_file()), None)
