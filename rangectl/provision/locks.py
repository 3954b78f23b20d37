"""One builder for one image, among the threads of this process and among processes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO


def folder(otherwise: Path) -> Path:
    """Return where all this user's processes keep locks, whatever state folder each one has."""
    shared = Path("/run/lock")
    return shared / f"rangectl-{os.getuid()}" if os.access(shared, os.W_OK) else otherwise


@contextmanager
def held(folder: Path, name: str) -> Iterator[None]:
    """Hold the lock of that name; wait for its holder, whose end the kernel sees to."""
    path = folder / f"{name}.lock"
    with _locked(path):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            with suppress(OSError):
                folder.rmdir()


def sweep(folder: Path) -> None:
    """Take away the files of locks whose holder was killed: nobody holds them."""
    for path in folder.glob("*.lock"):
        with suppress(OSError), path.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                path.unlink()
    with suppress(OSError):
        folder.rmdir()


def _locked(path: Path) -> TextIO:
    """Open and lock the file that is at the path now: a holder that ends takes its file away."""
    while True:
        with suppress(
            FileExistsError
        ):  # also when the folder goes between being made and looked at
            path.parent.mkdir(mode=0o700, parents=True)
        with suppress(FileNotFoundError):
            file = path.open("w")
            fcntl.flock(file, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                    return file
            file.close()
