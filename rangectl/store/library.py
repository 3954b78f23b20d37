"""Where topologies, exercises, roles and catalogue entries are found, and where state is kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import platformdirs

import rangectl
from rangectl.errors import InvalidFileError, UsageError

_LARGEST = 1 << 20
_PACKAGE = Path(rangectl.__file__).parent


def home() -> Path:
    """Return the folder that state lives in: $RANGECTL_HOME, else the platform's."""
    given = os.environ.get("RANGECTL_HOME")
    return Path(given) if given else Path(platformdirs.user_state_path("rangectl"))


def shipped(kind: str) -> Path:
    """Return the folder `topologies`, `exercises`, `roles` or `docs` that came with the program."""
    installed = _PACKAGE / "_data" / kind
    return installed if installed.is_dir() else _PACKAGE.parent / kind


def find(kind: str, name: str, beside: Path | None = None) -> Path:
    """Return the file of a topology or exercise that `name` means: a path, or a bare name.

    A name is looked for beside the given file, then in the working directory, then among what
    was shipped.
    """
    if Path(name).is_file():
        return Path(name)
    folders = [beside.parent, beside.parent.parent / kind] if beside else []
    folders += [Path.cwd(), Path.cwd() / kind, shipped(kind)]
    if "/" not in name:
        for folder in folders:
            path = folder / f"{name.removesuffix('.yaml')}.yaml"
            if path.is_file():
                return path
    known = sorted(path.stem for path in shipped(kind).glob("*.yaml"))
    message = f"no file and none of the {kind} is called {name!r}"
    raise UsageError(message, hint=f"give a path, or a name that is shipped: {', '.join(known)}")


def read(path: Path) -> bytes:
    """Return what a file holds, up to a little more than 1 MiB: a larger one is refused by all."""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST + 1)
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise UsageError(message) from error


def roles() -> tuple[Path, ...]:
    """Return the folders that roles are looked for in, first come first served."""
    return tuple(folder for folder in (Path.cwd() / "roles", shipped("roles")) if folder.is_dir())


def catalogue() -> Mapping[str, str]:
    """Return the text of every catalogue entry, by file name."""
    folder = resources.files("rangectl.implants") / "catalogue"
    files = (file for file in folder.iterdir() if file.name.endswith(".yaml"))
    return {file.name: file.read_text() for file in files}


def program(package: str, name: str) -> str:
    """Return the text of a program that is sent into ranges."""
    return (resources.files(package) / name).read_text()


def programs(package: str) -> Mapping[str, bytes]:
    """Return every file of a program that is sent into ranges as a folder, by name."""
    files = (file for file in resources.files(package).iterdir() if file.name.endswith(".py"))
    return {file.name: file.read_bytes() for file in files}


def briefing(name: str, exercise: Path) -> str:
    """Return the text that an exercise gives its teams, found beside it or among the docs."""
    for folder in (exercise.parent, exercise.parent.parent / "docs", shipped("docs")):
        if (folder / name).is_file():
            return read(folder / name).decode(errors="replace")
    raise InvalidFileError((f"{exercise}: briefing: no such file: {name}",))
