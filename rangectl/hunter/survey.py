"""What a hunter reads on one host: sent there over ssh, run there by his seat, told as JSON.

It only looks. What the seat's own rights do not reach it asks of `sudo look` and `sudo cat`; where
those are refused, what cannot be read is left out.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MOST_BYTES = 16 * 1024 * 1024
MOST_TEXT = 256 * 1024
MOST_FILES = 300
AT_ONCE = 100
TABLES = ("/etc/crontab", "/etc/cron.d", "/var/spool/cron")
EXECUTABLE = ("/usr/local", "/opt", "/srv", "/usr/bin", "/usr/sbin", "/usr/libexec")
WIDE = ("/etc", "/home", "/root", "/var/spool", "/var/www", "/var/tmp")  # noqa: S108 - looked at

Row = dict[str, Any]
HELD: dict[str, bytes] = {}
"""What was read by `sudo` already, by path."""


def run(command: list[str]) -> bytes:
    """Return what a tool wrote; nothing if there is no such tool or it was refused."""
    try:
        with subprocess.Popen(  # noqa: S603 - fixed tools
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            return process.communicate()[0]
    except OSError:
        return b""


def find(roots: list[str], *filters: str) -> list[Row]:
    """List the regular files below roots, by sudo if that is granted."""
    if not may_look():
        return walk(roots, setid="--perm" in filters)
    listed = run(["sudo", "-n", "look", "find", *roots, "--type", "f", *filters, "--json"])
    rows = []
    for line in listed.decode("utf-8", "replace").splitlines():
        with contextlib.suppress(ValueError):
            one = json.loads(line)
            rows.append(row(one["path"], int(one["mode"], 8), one["user"], one["size"]))
    return rows


@functools.cache
def may_look() -> bool:
    """Return whether this seat may use `look` here."""
    return bool(run(["sudo", "-n", "-l", "look"]))


def row(path: str, mode: int, user: object, size: int) -> Row:
    """Describe one file of a listing."""
    return {"path": path, "mode": mode & 0o7777, "user": str(user), "size": size}


def walk(roots: list[str], *, setid: bool) -> list[Row]:
    """List the regular files below roots with the seat's own rights."""
    found = []
    for root in roots:
        device = os.lstat(root).st_dev if os.path.lexists(root) else 0
        paths = [root]
        for folder, folders, files in os.walk(root):
            folders[:] = [name for name in folders if same_device(f"{folder}/{name}", device)]
            paths += [os.path.join(folder, name) for name in files]  # noqa: PTH118 - thousands
        for path in paths:
            with contextlib.suppress(OSError):
                fact = os.lstat(path)
                if stat.S_ISREG(fact.st_mode) and (not setid or fact.st_mode & 0o6000):
                    found.append(row(path, fact.st_mode, fact.st_uid, fact.st_size))
    return found


def same_device(path: str, device: int) -> bool:
    """Return whether a folder is on this file system."""
    try:
        return os.lstat(path).st_dev == device
    except OSError:
        return False


def set_id(*, deep: bool, also: list[str]) -> list[Row]:
    """List programs with a set-id bit: `deep`, everywhere; else those of `also` that are there."""
    if not deep:
        near = [facts(path) for path in also]
        far = [path for path, one in zip(also, near, strict=True) if one is None]
        rows = [one for one in near if one is not None and one["mode"] & 0o6000]
        return rows + (find(far, "--perm", "6000") if far else [])
    seen, closed = reached(["/", "/tmp", "/run", "/dev/shm"])  # noqa: S108 - looked at
    return seen + (find(closed, "--perm", "6000") if closed else [])


def facts(path: str) -> Row | None:
    """Describe a regular file that the seat's own rights reach."""
    with contextlib.suppress(OSError):
        fact = os.lstat(path)
        if stat.S_ISREG(fact.st_mode):
            return row(path, fact.st_mode, fact.st_uid, fact.st_size)
    return None


def reached(roots: list[str]) -> tuple[list[Row], list[str]]:
    """Return what bears a set-id bit as far as the seat's own rights reach, and the folders where
    they end.
    """
    form = r"%y\t%m\t%u\t%s\t%p\0"
    closed = ["-type", "d", "(", "!", "-readable", "-o", "!", "-executable", ")"]
    marked = ["-type", "f", "-perm", "/6000", "-printf", form]
    tests = ["-xdev", *closed, "-printf", form, "-prune", "-o", *marked]
    told = run(["find", *roots, *tests]).decode("utf-8", "replace")
    rows = [one.split("\t", 4) for one in told.split("\0") if one.count("\t") >= 4]
    files = [row(one[4], int(one[1], 8), one[2], int(one[3])) for one in rows if one[0] == "f"]
    return files, [one[4] for one in rows if one[0] == "d"]


def ahead(rows: list[Row]) -> None:
    """Read many files at once, of those that the seat's own rights do not reach: one by one takes
    longer than all else, and fills the log of what was asked of `sudo`.
    """
    small = [one["path"] for one in rows if one["size"] <= MOST_TEXT]
    shut = [path for path in small if not os.access(path, os.R_OK)]
    for begin in range(0, len(shut), AT_ONCE):
        batch = shut[begin : begin + AT_ONCE]
        told = run(["sudo", "-n", "head", "-v", "-c", str(MOST_TEXT + 1), "--", *batch])
        whole = {path: data for path, data in split(told, batch).items() if len(data) <= MOST_TEXT}
        HELD.update(whole)


def split(told: bytes, paths: list[str]) -> dict[str, bytes]:
    """Return what `head -v` told of files that it was given in this order; it passes over those
    that it cannot read.
    """
    found: dict[str, bytes] = {}
    told, last, begin = b"\n" + told, "", 0
    for path in paths:
        head = b"\n==> " + os.fsencode(path) + b" <==\n"
        at = told.find(head, begin)
        if at < 0:
            continue
        found[last], last, begin = told[begin:at], path, at + len(head)
    found[last] = told[begin:]
    found.pop("")
    return found


def content(path: str) -> bytes | None:
    """Return the content of a regular file, bounded; None if there is none to be read."""
    if path in HELD:
        return HELD[path]
    try:
        if not Path(path).is_file():
            return None
        with Path(path).open("rb") as file:
            return file.read(MOST_BYTES)
    except PermissionError:
        return run(["sudo", "-n", "cat", "--", path])[:MOST_BYTES] or None
    except (OSError, ValueError):
        return None


def described(path: str) -> Row | None:
    """Return the digest of a file and, if it is text of a bearable size, the text."""
    data = content(path)
    if data is None:
        return None
    text = None if b"\0" in data or len(data) > MOST_TEXT else data.decode("utf-8", "replace")
    return {"sha256": hashlib.sha256(data).hexdigest(), "text": text}


def processes() -> list[Row]:
    """Return all processes that have a command line."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                found.append(process(folder))
    return [one for one in found if one["argv"]]


def process(folder: Path) -> Row:
    """Read one process from /proc."""
    fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
    argv = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    return {
        "pid": int(folder.name),
        "start": int(fields[19]),
        "uid": folder.stat().st_uid,
        "argv": [word for word in argv if word],
    }


def named(texts: list[str]) -> list[str]:
    """Return what texts (cron lines, command lines) name by absolute path."""
    words = {word for text in texts for word in re.findall(r"/[^\s'\";|&<>()=,]+", text)}
    return sorted(words)[:MOST_FILES]


def peers(seconds: float) -> list[str]:
    """Watch the kernel's table of connections for a while; return every peer that was in it."""
    seen: set[str] = set()
    last = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError):
            lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
            seen.update(line.split()[2] for line in lines)
        if time.monotonic() >= last:
            return sorted(seen)
        time.sleep(0.05)


def owners(paths: list[str]) -> str:
    """Return what dpkg says of paths, also under the names they had before /usr was merged."""
    asked = paths + [path[4:] for path in paths if path.startswith("/usr/")]
    batches = [asked[begin : begin + 500] for begin in range(0, len(asked), 500)]
    return "".join(
        run(["dpkg-query", "-S", "--", *batch]).decode("utf-8", "replace") for batch in batches
    )


def altered(paths: list[str]) -> list[str]:
    """Return those paths that a package shipped as configuration and that were changed since."""
    with contextlib.suppress(OSError):
        status = Path("/var/lib/dpkg/status").read_text(errors="replace")
        shipped = dict(re.findall(r"^ (/\S+) ([0-9a-f]{32})", status, re.MULTILINE))
        return [path for path in paths if path in shipped and md5(path) != shipped[path]]
    return []


def md5(path: str) -> str:
    """Return the digest that dpkg keeps of a file."""
    return hashlib.md5(content(path) or b"", usedforsecurity=False).hexdigest()


def homes() -> dict[str, str]:
    """Return the account of every home; of one that several share, the first of them."""
    lines = Path("/etc/passwd").read_text(errors="replace").splitlines()
    accounts = [line.split(":") for line in lines if line.count(":") == 6]
    return {fields[5]: fields[0] for fields in reversed(accounts)}


def is_below(path: str, folders: Sequence[str]) -> bool:
    """Return whether a path is one of these, or lies in one of them."""
    return any(path == one or path.startswith(f"{one}/") for one in folders)


def look(
    *, wide: bool, deep: bool, watch: float, also: list[str], excluded: Sequence[str] = ()
) -> Row:
    """Read the host; `wide` also lists every file where people and programs put things. What is
    `excluded` is not read.
    """
    marked = set_id(deep=deep, also=also)
    accounts = homes()
    files = find([*TABLES, "/etc/ssh", *sorted(f"{home}/.ssh" for home in accounts)])
    tables = [one for one in files if one["path"].startswith(TABLES)]
    keys = [one for one in files if "authorized_keys" in Path(one["path"]).name]
    everything = find([*EXECUTABLE, *WIDE]) if wide else []
    running = processes()
    ahead([*tables, *keys])
    known = {one["path"]: described(one["path"]) for one in [*tables, *keys]}
    lines = [str(one["text"]) for one in known.values() if one]
    programs = named([*lines, *(" ".join(one["argv"]) for one in running)])
    listed = {one["path"]: one for one in [*marked, *tables, *everything]}
    paths = sorted(listed.keys() | set(programs))
    owned = owners(paths)
    packaged = {line.rpartition(": ")[2] for line in owned.splitlines()}
    foreign = (path for path in paths if not is_below(path, excluded))
    strange = [path for path in foreign if path not in packaged and path[4:] not in packaged]
    ahead([listed[path] for path in strange if path in listed and path not in known])
    known |= {path: described(path) for path in strange if path not in known}
    return {
        "set_id": marked,
        "tables": tables,
        "keys": keys,
        "homes": accounts,
        "all": everything,
        "files": {path: one for path, one in known.items() if one},
        "owners": owned,
        "altered": altered([one["path"] for one in tables]),
        "processes": running,
        "peers": peers(watch),
        "sockets": run(["sudo", "-n", "look", "sockets"]).decode("utf-8", "replace"),
    }


def main(options: str) -> None:
    """Print what was read, as JSON; the sender of this file appends the call."""
    sys.stdout.write(json.dumps(look(**json.loads(options))))
