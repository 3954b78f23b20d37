"""What a host's files have that its image has not: the top layer of its overlay file system.

Whatever was planted, or came later, lies there; what the image brought need not be walked through
for it. The layer is reached past the host, so that nobody there sees it being read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

from rangectl.node import files, inits
from rangectl.node.folders import Tree
from rangectl.node.inits import Init

_TABLE_BYTES = 4 << 20
_USUAL_TABLE = 16 << 10
_REMEMBERED = 1024
_ESCAPED = re.compile(rb"\\([0-7]{3})")
_METACOPY = Path("/sys/module/overlay/parameters/metacopy")


class Layers:
    """Where a host's files are looked for: `top` holds its top layer, or is the `whole` where there
    is none; `mounts` are the paths of what else is mounted, which no layer holds.
    """

    def __init__(self, root: int, upper: int, mounts: tuple[str, ...] = ()) -> None:
        self.root = root
        self.mounts = mounts
        self.whole = Tree(root, merged=os.fstat(root).st_dev)
        self.top = self.whole if upper == root else Tree(upper)
        self._below: dict[str, Sequence[tuple[Tree, str]]] = {}

    def entire(self) -> Layers:
        """Return the same host without layers: what the image brought is looked for, too."""
        return Layers(self.root, self.root)

    def survey(self, tops: Sequence[str]) -> None:
        """Look at all that came below folders beforehand, as far as that is little."""
        for where, top in (one for each in tops for one in self.below(each)):
            where.survey(top)

    def below(self, top: str) -> Sequence[tuple[Tree, str]]:
        """Return (where, path) of all that is to be walked to find what came below a folder.

        A symlink in the top layer leads where it would lead in the host, which that layer may lack.
        """
        if (there := self._below.get(top)) is None:
            moved = not self.top.is_plain(top)
            own = None if moved else _mounts_below(self.mounts, top)
            there = self._below[top] = tuple(self._each(top, own))
        return there

    def matching(self, pattern: str) -> Iterator[tuple[Tree, str]]:
        """Yield (where, pattern) for all that is to be listed to find what came and matches."""
        return self._each(pattern, _mounts_matching(self.mounts, pattern))

    def _each(self, path: str, own: tuple[str, ...] | None) -> Iterator[tuple[Tree, str]]:
        yield (self.whole if own is None else self.top), path
        yield from ((self.whole, mount) for mount in own or ())


@lru_cache(_REMEMBERED)
def _mounts_below(mounts: tuple[str, ...], top: str) -> tuple[str, ...] | None:
    """Return what of the mounts lies below a folder; None for one that is itself mounted."""
    if any(_within(top, mount) for mount in mounts):
        return None
    return tuple(mount for mount in mounts if _within(mount, top))


@lru_cache(_REMEMBERED)
def _mounts_matching(mounts: tuple[str, ...], pattern: str) -> tuple[str, ...] | None:
    """Return what of the mounts matches a pattern itself; None where one may hold what does."""
    parts = pattern.strip("/").split("/")
    own = tuple(mount for mount in mounts if _leads(mount.strip("/").split("/"), parts))
    return None if any(mount.count("/") < len(parts) for mount in own) else own


@contextmanager
def of(init: Init, root: int) -> Iterator[Layers]:
    """Hold the layers of a host; where its top layer cannot be told or reached, its root is all."""
    with ExitStack() as stack:
        yield _layers(init, root, stack) or Layers(root, root)


def _layers(init: Init, root: int, stack: ExitStack) -> Layers | None:
    with init.folder() as folder:
        table = inits.whole(folder, "mountinfo", _TABLE_BYTES)
    device = os.fstat(root).st_dev
    told = _told if len(table) <= _USUAL_TABLE else _told.__wrapped__
    upper, mounts = told(table, f"{os.major(device)}:{os.minor(device)}".encode())
    if upper is None:
        return None
    path = f"/proc/{os.getppid()}/root".encode() + upper
    try:
        held = stack.enter_context(files.held(os.open(path, os.O_PATH | os.O_DIRECTORY)))
    except OSError:
        return None
    return Layers(root, held, mounts)


@lru_cache(_REMEMBERED)
def _told(table: bytes, device: bytes) -> tuple[bytes | None, tuple[str, ...]]:
    upper = upper_of(table, device)
    return upper, () if upper is None else mounts_of(table)


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
