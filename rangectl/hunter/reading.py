"""From what the tools of a host print to what it means; all of it hostile input."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from operator import itemgetter
from pathlib import PurePosixPath
from typing import Any

_KEY = re.compile(r"(?:^|\s)((?:ssh|ecdsa|sk)-[A-Za-z0-9@.-]+)\s+([A-Za-z0-9+/]+={0,2})")
_SETTING = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*\s*=")
_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_PATH = re.compile(r"/[^\s'\";|&<>()=,]+")
_PID = re.compile(r"pid=(\d+)")
_SYSTEM = re.compile(r"^/etc/(crontab|cron\.d/[A-Za-z0-9_-]+)$")
_USER = re.compile(r"^/var/spool/cron/crontabs/([^/]+)$")


@dataclass(frozen=True, slots=True)
class Job:
    """A line of a cron table that runs something."""

    path: str
    line: str
    user: str
    command: str


@dataclass(frozen=True, slots=True)
class Key:
    """A line that lets a key log in."""

    path: str
    line: str
    account: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Process:
    """A running program; `start` in clock ticks since boot."""

    pid: int
    start: int
    argv: tuple[str, ...]

    @property
    def command(self) -> str:
        """The command line in one piece."""
        return " ".join(self.argv)


@dataclass(frozen=True, slots=True)
class Flow:
    """A connection to an address, by a process if the kernel still said so."""

    address: IPv4Address
    port: int
    pid: int | None


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A file as it was read; `text` is None for a binary one."""

    path: str
    sha256: str
    text: str | None


@dataclass(frozen=True, slots=True)
class View:
    """One host as it was seen in one round."""

    jobs: tuple[Job, ...]
    keys: tuple[Key, ...]
    set_id: tuple[str, ...]
    processes: tuple[Process, ...]
    flows: tuple[Flow, ...]
    files: Mapping[str, FileSeen]
    packaged: frozenset[str]
    altered: frozenset[str]
    listed: tuple[str, ...] = ()

    def is_packaged(self, path: str) -> bool:
        """Return whether a package put this file here, and as it is."""
        known = path in self.packaged or (path.startswith("/usr/") and path[4:] in self.packaged)
        return known and path not in self.altered


def read_view(told: Mapping[str, Any]) -> View:
    """Read what a survey told."""
    files = {p: FileSeen(p, f["sha256"], f["text"]) for p, f in told["files"].items()}
    tables = [files[row["path"]] for row in told["tables"] if row["path"] in files]
    keys = [files[row["path"]] for row in told["keys"] if row["path"] in files]
    return View(
        jobs=tuple(job for table in tables for job in read_table(table.path, table.text or "")),
        keys=tuple(
            key for file in keys for key in read_keys(file.path, file.text or "", told["homes"])
        ),
        set_id=tuple(row["path"] for row in told["set_id"]),
        processes=tuple(
            Process(one["pid"], one["start"], tuple(one["argv"]))
            for one in sorted(told["processes"], key=itemgetter("start"))
        ),
        flows=(*read_sockets(told["sockets"]), *read_peers(told["peers"])),
        files=files,
        packaged=read_owners(told["owners"]),
        altered=frozenset(told["altered"]),
        listed=tuple(row["path"] for row in told["all"]),
    )


def read_table(path: str, text: str) -> tuple[Job, ...]:
    """Return the jobs of a cron table that cron would run."""
    system, user = _SYSTEM.match(path), _USER.match(path)
    if system is None and user is None:
        return ()
    jobs = []
    for line in text.split("\n"):
        bare = line.strip()
        if not bare or bare.startswith("#") or _SETTING.match(bare):
            continue
        fields = (1 if bare.startswith("@") else 5) + (1 if system else 0)
        words = bare.split(None, fields)
        if len(words) == fields + 1:
            jobs.append(Job(path, line, user[1] if user else words[fields - 1], words[fields]))
    return tuple(jobs)


def read_keys(path: str, text: str, homes: Mapping[str, str]) -> tuple[Key, ...]:
    """Return the keys of a file of authorised keys; `homes` says whose each home is."""
    folder = PurePosixPath(path).parent
    place = folder.parent if folder.name == ".ssh" else PurePosixPath(path)
    account = homes.get(str(place), place.name)
    found = []
    for line in text.split("\n"):
        match = None if line.lstrip().startswith("#") else _KEY.search(line)
        print_ = fingerprint(match[2]) if match else ""
        if print_:
            found.append(Key(path, line, account, print_))
    return tuple(found)


def fingerprint(blob: str) -> str:
    """Return the fingerprint of a public key as ssh-keygen shows it; nothing if it is none."""
    try:
        data = base64.b64decode(blob, validate=True)
    except (binascii.Error, ValueError):
        return ""
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    return "SHA256:" + digest.rstrip("=")


def read_owners(text: str) -> frozenset[str]:
    """Return the paths that dpkg-query -S named an owner for."""
    return frozenset(
        line.rpartition(": ")[2]
        for line in text.splitlines()
        if ": " in line and not line.startswith(("dpkg-query:", "diversion by"))
    )


def read_sockets(text: str) -> tuple[Flow, ...]:
    """Return the outgoing connections in what `ss -tunapH` printed."""
    rows = (line.split(None, 6) for line in text.splitlines())
    flows = []
    for row in rows:
        if len(row) < 6 or row[0] != "tcp" or row[1] == "LISTEN":
            continue
        address, _, port = row[5].rpartition(":")
        parsed = read_address(address.split("%")[0])
        pids = _PID.findall(row[6]) if len(row) > 6 else []
        if parsed is not None and port.isdecimal():
            flows += [Flow(parsed, int(port), int(pid)) for pid in pids]
            flows += [] if pids else [Flow(parsed, int(port), None)]
    return tuple(flows)


def read_peers(peers: Iterable[str]) -> tuple[Flow, ...]:
    """Return the connections behind peers as /proc/net/tcp writes them."""
    flows = []
    for peer in peers:
        address, _, port = peer.partition(":")
        if re.fullmatch("[0-9A-F]{8}", address) and re.fullmatch("[0-9A-F]{4}", port):
            number = int.from_bytes(bytes.fromhex(address), "little")
            flows.append(Flow(IPv4Address(number), int(port, 16), None))
    return tuple(flow for flow in flows if flow.port)


def read_address(text: str) -> IPv4Address | None:
    """Return the IPv4 address in a text, also one written as IPv6."""
    try:
        return IPv4Address(text.strip("[]").removeprefix("::ffff:"))
    except ValueError:
        return None


def addresses(text: str) -> frozenset[IPv4Address]:
    """Return every IPv4 address that a text holds."""
    found = (read_address(match) for match in _ADDRESS.findall(text))
    return frozenset(address for address in found if address is not None)


def paths(text: str) -> tuple[str, ...]:
    """Return every absolute path that a text names."""
    return tuple(_PATH.findall(text))
