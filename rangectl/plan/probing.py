"""Questions to the node agent about a host, edits for it to make, and its answers: plain values,
sent as JSON.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stat:
    """Ask what is at `path` (never followed out of the host's root); its `content` is hashed up to
    16 MiB, unless nobody asks for it.
    """

    path: str
    content: bool = True


@dataclass(frozen=True, slots=True)
class Grep:
    """Ask which lines of the files that match `patterns` (absolute; `*` within one name) hold one
    of `needles`; `few` asks of each file for the first lines with each needle, in short.
    """

    patterns: tuple[str, ...]
    needles: tuple[str, ...]
    few: bool = False


@dataclass(frozen=True, slots=True)
class FindContent:
    """Ask where below `roots` a regular file has one of these digests (or any, where none is
    given); `suid` asks only for files with the set-user-id bit.
    """

    roots: tuple[str, ...]
    sha256: tuple[str, ...]
    sizes: tuple[int, ...] = ()
    suid: bool = False


@dataclass(frozen=True, slots=True)
class Processes:
    """Ask for all processes of the host."""


@dataclass(frozen=True, slots=True)
class ReadFolder:
    """Ask for the regular files of a folder: at most `entries` of at most `size` bytes each, oldest
    name first.
    """

    path: str
    entries: int = 64
    size: int = 65536


@dataclass(frozen=True, slots=True)
class ReadTail:
    """Ask for the last `size` bytes of a file."""

    path: str
    size: int = 262144


@dataclass(frozen=True, slots=True)
class Mounts:
    """Ask which processes of the host something is mounted over."""


Query = Mounts | Stat | Grep | FindContent | Processes | ReadFolder | ReadTail


@dataclass(frozen=True, slots=True)
class FileFact:
    """What is at a path; times in seconds since the epoch. `sha256` is None for anything but a
    regular file in bounds; `cap` says whether the file carries capabilities.
    """

    path: str
    type: str
    mode: int
    uid: int
    gid: int
    size: int
    mtime: float
    ctime: float
    sha256: str | None
    cap: bool = False


@dataclass(frozen=True, slots=True)
class LineFact:
    """A line that holds a needle; `number` counts from 1, `line` is cut to 4096 bytes around it."""

    path: str
    number: int
    line: str
    needle: str


@dataclass(frozen=True, slots=True)
class ProcessFact:
    """A process, by the ids its own host sees; `start` in clock ticks since boot. `connections`:
    (address, port) it talks to.
    """

    pid: int
    ppid: int
    start: int
    uid: int
    exe: str
    command: tuple[str, ...]
    connections: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class FolderFact:
    """The files of a folder as (name, content); `cut` when there were more, or larger ones."""

    files: tuple[tuple[str, bytes], ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What one query found; only the field that fits the query is filled. `error` says why nothing
    could be said.
    """

    stat: FileFact | None = None
    lines: tuple[LineFact, ...] = ()
    files: tuple[FileFact, ...] = ()
    processes: tuple[ProcessFact, ...] = ()
    folder: FolderFact | None = None
    data: bytes = b""
    covered: tuple[int, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """Put a file in place (atomically: written beside, renamed); folders that lack are made, owned
    by root, 0755.
    """

    path: str
    content: bytes
    mode: int = 0o644
    owner: str = "root"
    mtime: float | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """Copy a file of the host to another place in it."""

    source: str
    path: str
    mode: int = 0o755
    owner: str = "root"
    mtime: float | None = None


@dataclass(frozen=True, slots=True)
class AppendLine:
    """Add a line, or several, at the end of a file, which is made with `mode` and `owner` if it
    lacks.

    What stands in the file's first MiB is not added again.
    """

    path: str
    line: str
    mode: int = 0o644
    owner: str = "root"
    mtime: float | None = None


@dataclass(frozen=True, slots=True)
class MakeFolder:
    """Make a folder, and those above it."""

    path: str
    mode: int = 0o755
    owner: str = "root"


@dataclass(frozen=True, slots=True)
class Symlink:
    """Put a symbolic link in place, with what it says; folders that lack are made."""

    path: str
    target: str
    mtime: float | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """Give a file the one capability there is to give here, to serve at low ports."""

    path: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove a file or link; one that is gone already is no error."""

    path: str


@dataclass(frozen=True, slots=True)
class Refresh:
    """Renew the ctime of everything below `roots` without changing anything else, so that ctimes
    tell no order.
    """

    roots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hide:
    """Mount an empty folder of the host over the oldest process that runs a program, so that the
    host's own tools pass it over; an error where none runs it.
    """

    program: str
    folder: str


FileEdit = Write | Copy | AppendLine | MakeFolder | Symlink | Grant | Remove | Refresh
Edit = FileEdit | Hide
