"""What a host's files have that its image has not: the top layer of its overlay file system.

Whatever was planted, or came later, lies there; what the image brought need not be walked through
for it. The layer is reached past the host, so that nobody there sees it being read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from rangectl.node import files, inits
from rangectl.node.inits import Init

_TABLE_BYTES = 4 << 20
_ESCAPED = re.compile(rb"\\([0-7]{3})")
_METACOPY = Path("/sys/module/overlay/parameters/metacopy")


@dataclass(frozen=True, slots=True)
class Layers:
    """Where a host's files are looked for: `upper` holds its top layer, or is its root where there
    is none; `mounts` are the paths of what else is mounted, which no layer holds.
    """

    root: int
    upper: int
    mounts: tuple[str, ...] = ()

    def below(self, top: str) -> Iterator[tuple[int, str]]:
        """Yield (where, path) for all that is to be walked to find what came below a folder.

        A symlink in the top layer leads where it would lead in the host, which that layer may lack.
        """
        moved = not files.is_plain(self.upper, top)
        if moved or any(_within(top, mount) for mount in self.mounts):
            yield self.root, top
            return
        yield self.upper, top
        yield from ((self.root, mount) for mount in self.mounts if _within(mount, top))

    def matching(self, pattern: str) -> Iterator[tuple[int, str]]:
        """Yield (where, pattern) for all that is to be listed to find what came and matches."""
        parts = pattern.strip("/").split("/")
        own = [mount for mount in self.mounts if _leads(mount.strip("/").split("/"), parts)]
        if any(mount.count("/") < len(parts) for mount in own):
            yield self.root, pattern
            return
        yield self.upper, pattern
        yield from ((self.root, mount) for mount in own)


@contextmanager
def of(init: Init, root: int) -> Iterator[Layers]:
    """Hold the layers of a host; where its top layer cannot be told or reached, its root is all."""
    with ExitStack() as stack:
        yield _layers(init, root, stack) or Layers(root, root)


def _layers(init: Init, root: int, stack: ExitStack) -> Layers | None:
    with init.folder() as folder:
        table = inits.whole(folder, "mountinfo", _TABLE_BYTES)
    device = os.fstat(root).st_dev
    upper = upper_of(table, f"{os.major(device)}:{os.minor(device)}".encode())
    if upper is None:
        return None
    path = f"/proc/{os.getppid()}/root".encode() + upper
    try:
        held = stack.enter_context(files.held(os.open(path, os.O_PATH | os.O_DIRECTORY)))
    except OSError:
        return None
    return Layers(root, held, mounts_of(table))


def upper_of(table: bytes, device: bytes) -> bytes | None:
    """Return where the engine keeps the top layer of what is mounted as root, by a table of mounts;
    None where it is not told, or may hold files without their content.
    """
    tops = [row for row in _rows(table) if row[4] == b"/"]
    if len(tops) != 1 or tops[0][2] != device or tops[0][-3] != b"overlay":
        return None
    options = tops[0][-1].split(b",")
    upper = next((one for one in options if one.startswith(b"upperdir=/")), None)
    if upper is None or _copies_less(options):
        return None
    return _plain(upper.partition(b"=")[2])


def mounts_of(table: bytes) -> tuple[str, ...]:
    """Return what is mounted in no other mount but the root's, kernel trees left out."""
    return _outer({os.fsdecode(_plain(row[4])) for row in _rows(table)} - {"/"})


def _rows(table: bytes) -> list[list[bytes]]:
    return [row.split(b" ") for row in table.splitlines()]


def _copies_less(options: list[bytes]) -> bool:
    """Whether the top layer may hold files without their content."""
    try:
        usual = _METACOPY.read_text()
    except OSError:
        usual = "N"
    return b"metacopy=on" in options or (usual.strip() == "Y" and b"metacopy=off" not in options)


def _plain(escaped: bytes) -> bytes:
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 8)]), escaped)


def _outer(mounts: set[str]) -> tuple[str, ...]:
    """Return those of the mounts that lie in none of the others, but kernel trees."""
    found: list[str] = []
    for mount in sorted(mounts):
        if not any(_within(mount, other) for other in (*found, *files.KERNEL_TREES)):
            found.append(mount)
    return tuple(found)


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def _leads(mount: list[str], parts: list[str]) -> bool:
    """Whether what is mounted there may match a pattern, or hold what does."""
    return len(mount) <= len(parts) and all(
        fnmatchcase(one, part.replace("[", "[[]").replace("?", "[?]"))
        for one, part in zip(mount, parts, strict=False)
    )
