"""Making edits in the files of a container, from outside and without a trace of how."""

from __future__ import annotations

import base64
import os
import re
import stat
import struct
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rangectl.node import digests, files, spaces
from rangectl.node.values import Json, NodeError

_COPY_LIMIT = 64 << 20
_TABLE_LIMIT = 1 << 20
_REFRESH_SECONDS = 10.0
_ID = re.compile(r"[0-9]{1,9}")
_EMPTY_PATH = 0x1000
# version 2 of the attribute, effective; cap_net_bind_service permitted, nothing inheritable
_LOW_PORTS = struct.pack("<5I", 0x02000001, 1 << 10, 0, 0, 0)
ROOT = os.O_PATH | os.O_DIRECTORY


@dataclass(frozen=True, slots=True)
class Look:
    """What a file looks like from outside."""

    mode: int
    owner: str
    mtime: float | None = None


def edit(root: int, wanted: Json) -> None:
    """Make one edit; OSError names its path."""
    try:
        _make(root, wanted)
    except OSError as error:
        said = f"{wanted.get('path', '/')}: {error.strerror}"
        raise OSError(error.errno, said) from error


def _make(root: int, wanted: Json) -> None:
    match wanted["kind"]:
        case "Write":
            write(root, wanted["path"], base64.b64decode(wanted["content"]), _look(wanted))
        case "Copy":
            _copy(root, wanted)
        case "AppendLine":
            _append(root, wanted)
        case "MakeFolder":
            _make_folder(root, wanted)
        case "Symlink":
            _link(root, wanted)
        case "Grant":
            _grant(root, wanted["path"])
        case "Remove":
            _remove(root, wanted["path"])
        case "Refresh":
            _refresh(root, wanted["roots"])
        case unknown:
            msg = f"no such edit: {unknown}"
            raise NodeError(msg)


def _look(wanted: Json) -> Look:
    return Look(wanted["mode"], wanted["owner"], wanted.get("mtime"))


def write(root: int, path: str, content: bytes, look: Look) -> None:
    """Put a file in place: written beside it, then renamed over it."""
    write_as(root, path, content, look, account(root, look.owner))


def write_as(root: int, path: str, content: bytes, look: Look, owner: tuple[int, int]) -> None:
    """Put a file in place, as `write` does, for an owner whose ids are known."""
    parent, name = _split(path)
    with files.held(_folder(root, parent)) as folder:
        if _is_mount(folder, name):
            _overwrite(root, path, content, owner, look)
            return
        beside = f".{name[:200]}.tmp"
        with suppress(FileNotFoundError):
            os.unlink(beside, dir_fd=folder)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with files.held(os.open(beside, flags, 0o600, dir_fd=folder)) as file:
                _fill(file, content, owner, look)
                os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
                digests.wrote(file, content)
        except OSError:
            with suppress(OSError):
                os.unlink(beside, dir_fd=folder)
            raise


def _split(path: str) -> tuple[str, str]:
    parent, _, name = path.rpartition("/")
    if not path.startswith("/") or name in {"", ".", ".."}:
        msg = f"not an absolute path of a file: {path!r}"
        raise NodeError(msg)
    return parent or "/", name


def _is_mount(folder: int, name: str) -> bool:
    """Whether a file is bound there by the engine (hostname): those stay in place."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_dev != os.fstat(folder).st_dev
    except FileNotFoundError:
        return False


def _overwrite(root: int, path: str, content: bytes, owner: tuple[int, int], look: Look) -> None:
    flags = os.O_WRONLY | os.O_TRUNC | os.O_NONBLOCK | os.O_NOFOLLOW
    with files.place(root, path, follow=False) as spot:
        if not stat.S_ISREG(os.fstat(spot).st_mode):
            msg = f"not a regular file: {path}"
            raise NodeError(msg)
        with files.held(os.open(f"/proc/self/fd/{spot}", flags & ~os.O_NOFOLLOW)) as file:
            _fill(file, content, owner, look)


def _fill(file: int, content: bytes, owner: tuple[int, int], look: Look) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(file, view) :]
    os.fchown(file, *owner)
    os.fchmod(file, look.mode)
    if look.mtime is not None:
        os.utime(file, (look.mtime, look.mtime))


def _folder(root: int, path: str, mode: int = 0o755, owner: tuple[int, int] = (0, 0)) -> int:
    """Hold a folder open; it and those above it are made where they lack."""
    flags = os.O_PATH | os.O_DIRECTORY
    with suppress(FileNotFoundError):
        return files.open_in(root, path, flags)
    parent, name = _split(path.rstrip("/"))
    with files.held(_folder(root, parent)) as above, suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=above)
        made = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
        with files.held(made):
            os.fchown(made, *owner)
            os.fchmod(made, mode)
    return files.open_in(root, path, flags)


def _make_folder(root: int, wanted: Json) -> None:
    folder_as(root, wanted["path"], wanted["mode"], account(root, wanted["owner"]))


def folder_as(root: int, path: str, mode: int, owner: tuple[int, int]) -> None:
    """Make a folder, or give one that is there this owner and mode."""
    with files.held(_folder(root, path, mode, owner)) as folder:
        spot = f"/proc/self/fd/{folder}"
        os.chown(spot, *owner)
        Path(spot).chmod(mode)


def _copy(root: int, wanted: Json) -> None:
    with files.place(root, wanted["source"]) as spot, files.reading(spot) as file:
        content = files.read_up_to(file, _COPY_LIMIT + 1)
    if len(content) > _COPY_LIMIT:
        msg = f"{wanted['source']} is larger than {_COPY_LIMIT} bytes"
        raise NodeError(msg)
    write(root, wanted["path"], content, _look(wanted))


def _append(root: int, wanted: Json) -> None:
    line = os.fsencode(wanted["line"])
    try:
        with files.place(root, wanted["path"]) as spot, files.reading(spot) as file:
            content = files.read_up_to(file, _TABLE_LIMIT)
            size = os.fstat(file).st_size
            cut = b"\n" if size and os.pread(file, 1, size - 1) != b"\n" else b""
            flags = os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC
            with files.held(os.open(f"/proc/self/fd/{spot}", flags)) as end:
                if b"\n" + line + b"\n" not in b"\n" + content + b"\n":
                    os.write(end, cut + line + b"\n")
                if wanted["mtime"] is not None:
                    os.utime(end, (wanted["mtime"], wanted["mtime"]))
        # cron reads its tables again when their folder changed, as it does when one is replaced
        with files.place(root, str(Path(wanted["path"]).parent)) as folder:
            os.utime(f"/proc/self/fd/{folder}")
    except FileNotFoundError:
        write(root, wanted["path"], line + b"\n", _look(wanted))


def _link(root: int, wanted: Json) -> None:
    parent, name = _split(wanted["path"])
    with files.held(_folder(root, parent)) as folder:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)
        os.symlink(wanted["target"], name, dir_fd=folder)
        if wanted["mtime"] is not None:
            times = (wanted["mtime"], wanted["mtime"])
            os.utime(name, times, dir_fd=folder, follow_symlinks=False)


def _grant(root: int, path: str) -> None:
    with files.place(root, path, follow=False) as spot, files.reading(spot) as file:
        os.setxattr(file, "security.capability", _LOW_PORTS)


def _remove(root: int, path: str) -> None:
    parent, name = _split(path)
    flags = os.O_PATH | os.O_DIRECTORY
    with suppress(FileNotFoundError), files.held(files.open_in(root, parent, flags)) as folder:
        os.unlink(name, dir_fd=folder)


def _refresh(root: int, tops: Sequence[str]) -> None:
    """Renew the ctimes below all these folders, as far as that can be done in time of its own: many
    hosts at once take turns.
    """
    end = time.thread_time() + _REFRESH_SECONDS
    for top in tops:
        with suppress(FileNotFoundError, NotADirectoryError):
            _refresh_below(root, top, end)


def _refresh_below(root: int, top: str, end: float) -> None:
    """Renew the ctime of everything below a folder, and of the folder."""
    with files.place(root, top) as spot:
        _touch(spot)
    for entry in files.walk(root, top):
        if time.thread_time() > end:
            msg = f"there is too much below {top} to refresh it all"
            raise NodeError(msg)
        with suppress(FileNotFoundError), entry.held() as spot:
            _touch(spot)


def _touch(spot: int) -> None:
    now = os.fstat(spot)
    if stat.S_ISLNK(now.st_mode):
        # With both ids given as they are, only the ctime moves; a symlink has no mode to set again.
        spaces.call("fchownat", spot, b"", now.st_uid, now.st_gid, _EMPTY_PATH)
    else:
        digest = digests.DIGESTS.of(now)
        Path(f"/proc/self/fd/{spot}").chmod(stat.S_IMODE(now.st_mode))
        if digest is not None:
            digests.DIGESTS.keep(os.fstat(spot), digest)


def account(root: int, owner: str) -> tuple[int, int]:
    """Return uid and gid of a user of the container, by its own list of accounts."""
    if owner == "root":
        return 0, 0
    with files.place(root, "/etc/passwd") as spot, files.reading(spot) as file:
        text = files.read_up_to(file, 1 << 20).decode(errors="replace")
    for line in text.splitlines():
        fields = line.split(":")
        ids = [_ID.fullmatch(field) for field in fields[2:4]]
        if len(ids) == 2 and fields[0] == owner and all(ids):
            return int(fields[2]), int(fields[3])
    msg = f"no account {owner!r}"
    raise NodeError(msg)


def group(root: int, name: str) -> int:
    """Return the number of a group of the container, by its own list."""
    with files.place(root, "/etc/group") as spot, files.reading(spot) as file:
        text = files.read_up_to(file, 1 << 20).decode(errors="replace")
    for line in text.splitlines():
        fields = line.split(":")
        if len(fields) == 4 and fields[0] == name and _ID.fullmatch(fields[2]):
            return int(fields[2])
    msg = f"no group {name!r}"
    raise NodeError(msg)
