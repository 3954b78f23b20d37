"""The people of a host, put in place at its gate: their accounts, and what they left there.

Accounts are merged into the host's own lists line by line: a name that is there stays as it is.
"""

from __future__ import annotations

import base64
import json
import os
import stat
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rangectl.node import files, plant
from rangectl.node.values import Json, NodeError

_LIST_LIMIT = 1 << 20
_PACK_LIMIT = 64 << 20
_SKELETON, _FEW, _SMALL = "/etc/skel", 20, 1 << 16
_HOME = 0o755


def settle(root: int, packed: bytes) -> int:
    """Put a pack in place; return how many files and folders it held."""
    pack = unpacked(packed)
    when = pack["at"]
    accounts = pack["accounts"]
    if accounts:
        _merge(root, "/etc/passwd", when, lambda text: with_lines(text, _column(accounts, 0)))
        _merge(root, "/etc/shadow", when, lambda text: with_lines(text, _column(accounts, 1)))
        _merge(root, "/etc/group", when, lambda text: with_groups(text, pack["groups"]))
        _merge(root, "/etc/gshadow", when, lambda text: with_secrets(text, pack["groups"]))
    owners = _Owners(root)
    places = _Places(root)
    try:
        for path, owner, mtime in pack["homes"]:
            places.make(path, _HOME, owners[owner], mtime)
            _begin(root, path, owners[owner], mtime)
        for path, mode, owner, mtime, content in pack["files"]:
            if content is None:
                places.make(path, mode, owners[owner], mtime)
            else:
                look = plant.Look(mode, owner, mtime)
                plant.write_as(root, path, content.encode("latin-1"), look, owners[owner])
    finally:
        places.close()
    return len(pack["files"]) + len(pack["homes"])


def _begin(root: int, home: str, owner: tuple[int, int], mtime: float) -> None:
    """Begin a home as the host's own skeleton says, with its few small files."""
    with suppress(FileNotFoundError, NotADirectoryError):
        with files.held(files.open_in(root, _SKELETON, files.FOLDER)) as folder:
            names = [one.name for one in files.names_in(folder, _FEW) if one.is_file]
        for name in names:
            with files.place(root, f"{_SKELETON}/{name}") as spot, files.reading(spot) as file:
                content = files.read_up_to(file, _SMALL)
            look = plant.Look(0o644, "", mtime)
            plant.write_as(root, f"{home}/{name}", content, look, owner)


def unpacked(packed: bytes) -> Json:
    """Return what a pack holds."""
    reader = zlib.decompressobj()
    text = reader.decompress(packed, _PACK_LIMIT)
    if reader.unconsumed_tail or not reader.eof:
        msg = "the people of a host are too much"
        raise NodeError(msg)
    read: Json = json.loads(text)
    return read


def with_lines(text: bytes, lines: Sequence[str]) -> bytes:
    """Return a list of accounts with those of `lines` whose names it lacks."""
    names = {line.partition(b":")[0] for line in text.split(b"\n")}
    fresh = [line.encode() for line in lines if line.partition(":")[0].encode() not in names]
    return _ended(text) + b"".join(line + b"\n" for line in fresh)


def with_groups(text: bytes, groups: Sequence[tuple[str, int | None, Sequence[str]]]) -> bytes:
    """Return a list of groups with these members in them; one without a number must be there."""
    return _grouped(text, groups, lambda name, number: f"{name}:x:{number}:")


def with_secrets(text: bytes, groups: Sequence[tuple[str, int | None, Sequence[str]]]) -> bytes:
    """Return the groups' second list with these members in them."""
    return _grouped(text, groups, lambda name, _: f"{name}:!::")


def _grouped(
    text: bytes,
    groups: Sequence[tuple[str, int | None, Sequence[str]]],
    line: Callable[[str, int], str],
) -> bytes:
    known = {one.partition(b":")[0] for one in text.split(b"\n")}
    lacking = [
        line(name, number)
        for name, number, _ in groups
        if number is not None and name.encode() not in known
    ]
    members = {name.encode(): [one.encode() for one in wanted] for name, _, wanted in groups}
    return b"\n".join(_joined(one, members) for one in with_lines(text, lacking).split(b"\n"))


def _joined(line: bytes, members: Mapping[bytes, Sequence[bytes]]) -> bytes:
    head, _, tail = line.rpartition(b":")
    wanted = members.get(line.partition(b":")[0], ())
    if not wanted or line.count(b":") != 3:
        return line
    there = [one for one in tail.split(b",") if one]
    return head + b":" + b",".join([*there, *(one for one in wanted if one not in there)])


def _column(rows: Sequence[Sequence[str]], index: int) -> list[str]:
    return [row[index] for row in rows]


def _ended(text: bytes) -> bytes:
    return text if not text or text.endswith(b"\n") else text + b"\n"


def _merge(root: int, path: str, when: float, change: Callable[[bytes], bytes]) -> None:
    """Change one list of accounts, if it is there; it keeps its owner and its mode."""
    with suppress(FileNotFoundError):
        with files.place(root, path) as spot, files.reading(spot) as file:
            now = os.fstat(file)
            text = files.read_up_to(file, _LIST_LIMIT + 1)
        if len(text) > _LIST_LIMIT:
            msg = f"{path} is larger than {_LIST_LIMIT} bytes"
            raise NodeError(msg)
        changed = change(text)
        if changed != text:
            look = plant.Look(stat.S_IMODE(now.st_mode), "root", when)
            plant.write_as(root, path, changed, look, (now.st_uid, now.st_gid))


class _Owners(dict[str, tuple[int, int]]):
    """Ids by `user` or `user:group`, asked of the host once for each."""

    def __init__(self, root: int) -> None:
        super().__init__()
        self._root = root

    def __missing__(self, name: str) -> tuple[int, int]:
        user, _, group = name.partition(":")
        uid, gid = plant.account(self._root, user)
        found = self[name] = (uid, plant.group(self._root, group) if group else gid)
        return found


class _Places:
    """The folders that were made: their times are set when all is in them."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._times: list[tuple[str, float]] = []

    def make(self, path: str, mode: int, owner: tuple[int, int], mtime: float) -> None:
        """Make a folder, or give one that is there this owner and mode."""
        plant.folder_as(self._root, path, mode, owner)
        self._times.append((path, mtime))

    def close(self) -> None:
        """Set the times."""
        for path, mtime in reversed(self._times):
            with files.place(self._root, path, follow=False) as spot:
                os.utime(f"/proc/self/fd/{spot}", (mtime, mtime))


class Shelf:
    """Packs by digest, on disk: the wanted wiring names them only, for it is written often."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, raw: Json) -> Json:
        """Put the packs of a wiring on the shelf; return the wiring with their digests alone."""
        return {**raw, "machines": [self._one(machine) for machine in raw["machines"]]}

    def _one(self, machine: Json) -> Json:
        pack: dict[str, Any] | None = machine.get("pack")
        if pack is None or "data" not in pack:
            return machine
        self._folder.mkdir(mode=0o700, exist_ok=True)
        spot = self._folder / _name(pack["digest"])
        if not spot.exists():
            beside = spot.with_suffix(".new")
            beside.write_text(pack["data"], encoding="ascii")
            beside.replace(spot)
        return {**machine, "pack": {"digest": pack["digest"]}}

    def holds(self, digest: str) -> bool:
        """Say whether a pack is there."""
        return (self._folder / _name(digest)).exists()

    def read(self, digest: str) -> bytes:
        """Return a pack; NodeError when it is not there."""
        try:
            return base64.b64decode((self._folder / _name(digest)).read_text(encoding="ascii"))
        except FileNotFoundError as error:
            msg = "the files of this host's people are gone from the agent; rangectl up brings them"
            raise NodeError(msg) from error

    def keep_only(self, digests: set[str]) -> None:
        """Throw away what no range wants any more."""
        names = {_name(one) for one in digests}
        if self._folder.is_dir():
            for one in self._folder.iterdir():
                if one.name not in names:
                    one.unlink(missing_ok=True)


def _name(digest: str) -> str:
    if not digest.isalnum():
        msg = f"not a digest: {digest[:40]!r}"
        raise NodeError(msg)
    return digest
