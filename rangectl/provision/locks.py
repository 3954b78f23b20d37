"""One at a time, among the threads of this process and among processes of this machine."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from rangectl.errors import EnvironmentUnfitError, RangeError


def folder(otherwise: Path) -> Path:
    """Return where all this user's processes keep locks, whatever state folder each one has."""
    shared = Path("/run/lock")
    return shared / f"rangectl-{os.getuid()}" if os.access(shared, os.W_OK) else otherwise


@contextmanager
def held(folder: Path, name: str) -> Iterator[None]:
    """Hold the lock of that name; wait for its holder, whose end the kernel sees to."""
    path = folder / f"{name}.lock"
    with _locked(path), _removed_in_the_end(path):
        yield


@contextmanager
def hold(folder: Path, name: str, doing: str) -> Iterator[None]:
    """Be the only process that works on `name`; RangeError says which one does, and since when."""
    path = folder / f"{name}.lock"
    try:
        file = _locked(path, wait=False)
    except BlockingIOError:
        message = f"{name}: {_holder(path)}"
        raise RangeError(message, hint=_HINT) from None
    except OSError as error:
        message = f"cannot keep locks in {folder}: {error.strerror}"
        raise EnvironmentUnfitError(message, hint="set RANGECTL_HOME to a folder") from error
    said = {"doing": doing, "pid": os.getpid(), "since": time.time()}
    with file, _removed_in_the_end(path):
        with suppress(OSError):  # on a full disk the lock holds, though it cannot say for whom
            file.truncate(0)
            os.write(file.fileno(), json.dumps(said).encode())
        yield


_HINT = "wait until it has ended, or interrupt it"


def _holder(path: Path) -> str:
    try:
        said = json.loads(path.read_text())
        age = max(0, round(time.time() - said["since"]))
        return f"`rangectl {said['doing']}` (pid {said['pid']}) has been at work on it for {age} s"
    except (OSError, ValueError, KeyError, TypeError):
        return "another command has just begun to work on it, or ended"


@contextmanager
def _removed_in_the_end(path: Path) -> Iterator[None]:
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()


def sweep(folder: Path) -> tuple[Path, ...]:
    """Take away the files of locks whose holder was killed: nobody holds them; return them."""
    gone = _unheld(folder, remove=True)
    with suppress(OSError):
        folder.rmdir()
    return gone


def stale(folder: Path) -> tuple[Path, ...]:
    """Return the files of locks whose holder was killed."""
    return _unheld(folder, remove=False)


def _unheld(folder: Path, *, remove: bool) -> tuple[Path, ...]:
    found = []
    for path in sorted(folder.glob("*.lock")):
        with suppress(OSError), path.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                found.append(path)
                if remove:
                    path.unlink()
    return tuple(found)


def _locked(path: Path, *, wait: bool = True) -> TextIO:
    """Open and lock the file that is at the path now: a holder that ends takes its file away.

    BlockingIOError where it is held and not to be waited for.
    """
    while True:
        with suppress(
            FileExistsError
        ):  # also when the folder goes between being made and looked at
            path.parent.mkdir(mode=0o700, parents=True)
        with suppress(FileNotFoundError):
            file = path.open("a+")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
                if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                    return file
            except BaseException:
                file.close()
                raise
            file.close()
