"""What a hunter reads on one host beside jobs, keys and pollers: sent there, run there by his seat.

It only looks, and tells as JSON: files that no package owns or that differ from their package,
where they could start, hide or prove something; accounts, processes, logs, packages.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

Row = dict[str, Any]
MOST_TEXT = 64 * 1024
MOST_HASHED = 4 * 1024 * 1024
MOST_FILES = 2000
AT_ONCE = 100
HELD: dict[str, bytes] = {}
"""What was read by `sudo` already, by path."""
ROOTS = (
    *("/etc", "/opt", "/srv", "/root", "/home", "/usr/local", "/var/spool/cron", "/var/backups"),
    *("/var/list", "/var/www", "/var/tmp", "/var/lib", "/var/log", "/dev/shm"),  # noqa: S108
)
SKIPPED = ("/var/lib/dpkg", "/var/lib/apt", "/var/lib/postgresql", "/var/lib/samba", "/var/vmail")
STARTING = re.compile(
    r"^/etc/(systemd|init\.d|rc[0-9S]\.d|profile\.d|update-motd\.d|udev/rules\.d|apt/apt\.conf\.d"
    r"|sudoers\.d|pam\.d|xdg/autostart|audit|ssl/certs)/"
    r"|^/var/spool/cron/atjobs/|^/usr/local/share/ca-certificates/|^/etc/ld\.so\.preload$"
    r"|^/usr/local/lib/python3[^/]*/|/\.git/hooks/(?!.*\.sample$)|^/(srv|var)/www/"
    r"|^/var/lib/dokuwiki/data/pages/|/\.ssh/id_[^/.]+$"
    r"|^/(opt|srv|usr/local)/.*\.conf$|/\.(bash|profile)[^/]*$|^/etc/(default/)?[^/]+$"
)
BULK = re.compile(r"^/(srv/share|home|root|var|etc|srv/www|opt/[^/]+/lib)(/|$)")
ODD = re.compile(r"/(\.[^/.]|\.\.|[^/]* (/|$))|[^\x20-\x7e]|\.(pcap|tar\.gz|cred)$")
PLAIN = re.compile(
    r"/\.(bash_logout|bashrc|profile|bash_profile|ssh|git|gitignore|lock|w3m|local|[^/]+\.swp)(/|$)"
)


def run(command: list[str]) -> bytes:
    """Return what a tool wrote; nothing if there is no such tool or it was refused."""
    try:
        with subprocess.Popen(  # noqa: S603 - fixed tools
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            return process.communicate()[0]
    except OSError:
        return b""


def below(path: str, folders: list[str]) -> bool:
    """Return whether a path is one of these, or lies in one of them."""
    return any(path == one or path.startswith(f"{one}/") for one in folders)


def listing() -> list[Row]:
    """List all files and links below the roots, by sudo where that is granted."""
    roots = [root for root in ROOTS if os.path.isdir(root)]  # noqa: PTH112 - runs alone
    told = run(["sudo", "-n", "look", "find", *roots, "--json"]).decode("utf-8", "replace")
    rows = []
    for line in told.splitlines():
        with contextlib.suppress(ValueError):
            rows.append(json.loads(line))
    return [one for one in rows if one["type"] in "fl" and not one["path"].startswith(SKIPPED)]


def owned() -> dict[str, str]:
    """Return every path that a package owns, with the digest that it had, if one is on record."""
    known: dict[str, str] = {}
    info = Path("/var/lib/dpkg/info")
    bare = frozenset(names_without_digests())
    for path in info.glob("*.list"):
        if path.stem.partition(":")[0] not in bare:
            with contextlib.suppress(OSError):
                known |= dict.fromkeys(path.read_text(errors="replace").splitlines(), "")
    with contextlib.suppress(OSError):
        status = Path("/var/lib/dpkg/status").read_text(errors="replace")
        known |= dict(re.findall(r"^ (/\S+) ([0-9a-f]{32})", status, re.MULTILINE))
    return known


@functools.cache
def names_without_digests() -> list[str]:
    """Return packages on record that brought no digests and need no other package."""
    info = Path("/var/lib/dpkg/info")
    proven = {path.stem.partition(":")[0] for path in info.glob("*.md5sums")}
    bare = []
    with contextlib.suppress(OSError):
        for stanza in Path("/var/lib/dpkg/status").read_text(errors="replace").split("\n\n"):
            match = re.match(r"Package: (\S+)", stanza.lstrip("\n"))
            if match and match[1] not in proven and "Depends:" not in stanza:
                bare.append(match[1])
    return bare


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
    """Return the content of a file, bounded; None if it cannot be read."""
    if path in HELD:
        return HELD[path]
    try:
        with Path(path).open("rb") as file:
            return file.read(MOST_HASHED)
    except PermissionError:
        return run(["sudo", "-n", "cat", "--", path])[:MOST_HASHED] or None
    except (OSError, ValueError):
        return None


def is_relevant(one: Row, watched: frozenset[str]) -> bool:
    """Return whether a file could start, hide or prove something."""
    path = str(one["path"])
    if STARTING.search(path) or path in watched:
        return True
    if ODD.search(path) and not PLAIN.search(path):
        return True
    if one["type"] == "f" and one["mtime"] == int(one["mtime"]) and not BULK.search(path):
        return True
    return path.startswith("/var/log/") and path.endswith(".log") and path.count("/") == 3


def is_read(one: Row, packages: dict[str, str]) -> bool:
    """Return whether a file of a listing is to be read: no link, nor what a package has no digest
    of.
    """
    return one["type"] == "f" and bool(packages.get(one["path"], "unowned"))


def described(one: Row, packages: dict[str, str]) -> Row | None:
    """Describe a file, if no package owns it or it differs from its package."""
    path = one["path"]
    row = {key: one[key] for key in ("path", "type", "mode", "user", "size", "mtime")}
    row |= {"owned": path in packages, "altered": False}
    row |= {"sha256": "", "text": None, "target": "", "magic": ""}
    if one["type"] == "l":
        with contextlib.suppress(OSError):
            row["target"] = os.readlink(path)  # noqa: PTH115 - what it says
        if not row["target"]:
            row["target"] = run(["sudo", "-n", "readlink", "--", path]).decode().strip()
        return None if row["owned"] else row
    if not is_read(one, packages):
        return None
    data = content(path)
    if data is None:
        return row
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    row["altered"] = row["owned"] and digest != packages[path]
    row["sha256"] = hashlib.sha256(data).hexdigest()
    row["magic"] = data[:4].hex()
    if b"\0" not in data and len(data) <= MOST_TEXT:
        row["text"] = data.decode("utf-8", "replace")
    return row


def capable() -> list[Row]:
    """List the programs below the site's folders that carry capabilities."""
    found = []
    for root in ("/opt", "/srv", "/usr/local", "/usr/bin", "/usr/sbin"):
        for folder, _, names in os.walk(root):
            for name in names:
                path = f"{folder}/{name}"
                with contextlib.suppress(OSError):
                    os.getxattr(path, "security.capability", follow_symlinks=False)
                    data = content(path) or b""
                    found.append({"path": path, "sha256": hashlib.sha256(data).hexdigest()})
    return found


def is_owned(path: str, packages: dict[str, str]) -> bool:
    """Return whether a package brought a file, perhaps under its name before /usr was merged."""
    return path in packages or path.removeprefix("/usr") in packages


def processes() -> list[Row]:
    """Return the programs behind all processes, as far as they can be read."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
                argv = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
                row = {"pid": int(folder.name), "ppid": int(fields[1]), "start": int(fields[19])}
                found.append(row | {"argv": [word for word in argv if word], "exe": ""})
    links = [f"/proc/{one['pid']}/exe" for one in found]
    told = run(["sudo", "-n", "stat", "--format=%N", "--", *links]).decode("utf-8", "replace")
    named = dict(re.findall(r"^'/proc/(\d+)/exe' -> '(.*)'$", told, re.MULTILINE))
    return [one | {"exe": named.get(str(one["pid"]), "")} for one in found]


def names_in(texts: list[str]) -> set[str]:
    """Return every absolute path that texts name."""
    return {word for text in texts for word in re.findall(r"/[^\s'\";|&<>()=,]+", text)}


def named(
    rows: list[Row], running: list[Row], packages: dict[str, str], excluded: list[str]
) -> list[Row]:
    """Describe what files that start things name, and what runs, in the site's own folders."""
    texts = [one["text"] for one in rows if one["text"] and not one["owned"]]
    words = names_in(texts) | {one["exe"] for one in running}
    known = {one["path"] for one in rows}
    loose = ("/opt/", "/srv/", "/usr/local/")
    found = []
    for path in sorted(words - known):
        if path.startswith(loose) and not below(path, excluded) and Path(path).is_file():
            fact = Path(path).stat()
            row = {"path": path, "type": "f", "mode": f"{fact.st_mode & 0o7777:04o}", "user": ""}
            row |= {"size": fact.st_size, "mtime": fact.st_mtime}
            found.append(described(row, packages))
    return [one | {"program": True} for one in found[:MOST_FILES] if one]


def mounts() -> list[Row]:
    """Return what is mounted over processes, and the unit that each such process belongs to."""
    found = []
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text(errors="replace").splitlines():
            over = re.fullmatch(r"/proc/(\d+)", (line.split(" ") + [""] * 5)[4])
            if over:
                found.append({"line": line[:4000], "pid": int(over[1]), "unit": unit_of(over[1])})
    return found


def unit_of(pid: str) -> str:
    """Return the unit in whose control group a process is, which tells also what /proc does not."""
    for root in ("/sys/fs/cgroup/systemd", "/sys/fs/cgroup"):
        for folder, _, names in os.walk(root):
            if folder.endswith(".service") and "cgroup.procs" in names:
                with contextlib.suppress(OSError):
                    listed = Path(folder, "cgroup.procs").read_text().split()
                    if pid in listed:
                        return Path(folder).name
    return ""


def log(path: str) -> list[str]:
    """Return the last lines of a log."""
    return (content(path) or b"").decode("utf-8", "replace").splitlines()[-2000:]


def main(options: str) -> None:
    """Print what was read, as JSON; the sender of this file appends the call."""
    asked = json.loads(options)
    watched, excluded = frozenset(asked["watched"]), asked["excluded"]
    packages = owned()
    listed = [one for one in listing() if not below(one["path"], excluded)]
    relevant = [one for one in listed if is_relevant(one, watched)][:MOST_FILES]
    ahead([one for one in relevant if is_read(one, packages)])
    rows = [row for one in relevant if (row := described(one, packages))]
    running = processes()
    told = {
        "files": rows + named(rows, running, packages, excluded),
        "capable": [one for one in capable() if not is_owned(one["path"], packages)],
        "passwd": Path("/etc/passwd").read_text(errors="replace"),
        "processes": running,
        "mounts": mounts(),
        "auth": log("/var/log/auth.log"),
        "audit": log("/var/log/audit.log"),
        "packages": names_without_digests(),
    }
    sys.stdout.write(json.dumps(told))
