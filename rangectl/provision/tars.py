"""Archives written member by member, and read without trusting what they say of themselves."""

from __future__ import annotations

import hashlib
import re
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

BLOCK = 512
PIECE = 1 << 20
_MOST_EXTENSION = 1 << 20
_PADDING = 1 << 16
_HEADS_ONLY = (
    *(tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE),
    *(tarfile.BLKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE),
)
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)
_EXTENSIONS = (tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
# A record that moves what follows it, or makes a file larger than the archive.
_DECEIVING = re.compile(rb"(?:^|\n)[0-9]+ (?:size|GNU\.sparse[^=\n]*)=")


class BadArchiveError(Exception):
    """An archive that is damaged, or made to deceive."""


class Readable(Protocol):
    """Anything that bytes can be read from."""

    def read(self, size: int, /) -> bytes:
        """Return so many bytes, fewer at the end."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One member: where its content begins, and how long it is."""

    name: str
    kind: bytes
    at: int
    size: int
    program: bool


def walk(file: BinaryIO, start: int, end: int, most: int) -> Iterator[Entry]:
    """Yield the members of an archive between two places of a file; BadArchiveError where it is not
    whole, has more than so many, or goes on after its end.
    """
    at = start
    for _ in range(most + 1):
        head = _read(file, at, end, BLOCK)
        if not head.strip(b"\0"):
            _nothing_after(file, at + BLOCK, end)
            return
        entry = _entry(head, at + BLOCK)
        at = entry.at + (0 if entry.kind in _HEADS_ONLY else -(-entry.size // BLOCK) * BLOCK)
        if at > end:
            msg = f"{entry.name!r} goes on after the end"
            raise BadArchiveError(msg)
        yield entry
    msg = f"more than {most} members"
    raise BadArchiveError(msg)


def _entry(head: bytes, at: int) -> Entry:
    try:
        info = tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError) as error:
        msg = f"no header at byte {at - BLOCK}: {error}"
        raise BadArchiveError(msg) from error
    if info.size < 0:
        msg = f"{info.name!r} has a size below 0"
        raise BadArchiveError(msg)
    return Entry(info.name, info.type, at, info.size, bool(info.mode & 0o100))


def _read(file: BinaryIO, at: int, end: int, size: int) -> bytes:
    file.seek(at)
    data = file.read(size) if at + size <= end else b""
    if len(data) != size:
        msg = "it ends in the middle"
        raise BadArchiveError(msg)
    return data


def _nothing_after(file: BinaryIO, at: int, end: int) -> None:
    file.seek(at)
    if end - at > _PADDING or file.read(end - at).strip(b"\0"):
        msg = "something follows its end"
        raise BadArchiveError(msg)


def check_layer(file: BinaryIO, start: int, size: int) -> None:
    """Raise BadArchiveError unless this is an archive that unpacks to no more than it holds."""
    for entry in walk(file, start, start + size, most=2_000_000):
        if entry.kind in _EXTENSIONS:
            if entry.size > _MOST_EXTENSION:
                msg = f"a name of {entry.size} bytes"
                raise BadArchiveError(msg)
            if _DECEIVING.search(_read(file, entry.at, start + size, entry.size)):
                msg = "a file that is larger than it looks"
                raise BadArchiveError(msg)
        elif entry.kind not in {*_PLAIN, *_HEADS_ONLY}:
            msg = f"{entry.name!r} is of kind {entry.kind!r}"
            raise BadArchiveError(msg)
        if ".." in entry.name.split("/"):
            msg = f"{entry.name!r} leads out of it"
            raise BadArchiveError(msg)


def plain(entry: Entry) -> bool:
    """Whether a member is a file and nothing else."""
    return entry.kind == tarfile.REGTYPE


def header(name: str, size: int, *, program: bool = False) -> bytes:
    """Return the header of a file, the same for the same file; ValueError for what does not fit."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o755 if program else 0o644
    return info.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict")


def padding(size: int) -> bytes:
    """Return what follows a file of that size."""
    return bytes(-size % BLOCK)


class Writer:
    """Writes an archive of plain files into a file that one can go back in."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def add(self, name: str, content: bytes, *, program: bool = False) -> None:
        """Add a file."""
        parts = (header(name, len(content), program=program), content, padding(len(content)))
        self._file.write(b"".join(parts))

    def pour(self, source: Readable, name: Callable[[str], str | None]) -> tuple[str, int]:
        """Add a file of unknown length, called as its digest has it; return that and its size.

        Where `name` gives None, it is not added.
        """
        start = self._file.tell()
        self._file.write(bytes(BLOCK))
        digest, size = hashlib.sha256(), 0
        while piece := source.read(PIECE):
            digest.update(piece)
            size += len(piece)
            self._file.write(piece)
        called = name(digest.hexdigest())
        self._file.write(padding(size))
        end = self._file.tell() if called else start
        self._file.seek(start)
        if called:
            self._file.write(header(called, size))
        self._file.seek(end)
        self._file.truncate()
        return digest.hexdigest(), size

    def close(self) -> None:
        """Write the end."""
        self._file.write(bytes(2 * BLOCK))
