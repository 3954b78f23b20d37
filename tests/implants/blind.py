"""A program without the answer key: generic tricks only, run over what root sees on every host.

`COLLECT` is sent to each host and prints a snapshot as JSON; `rank` orders the changed files by one
trick; `precision_at_k` says how many of the first k are implants' files.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

Snapshot = Mapping[str, Any]
File = tuple[str, str]  # host, path
Trick = Callable[[Sequence[Snapshot], frozenset[File]], dict[File, float]]
"""Scores at least the files that are asked for, by what is seen of all of them."""

COLLECT = r"""
import base64, json, os, stat, sys

ROOTS = ("/dev/shm", "/etc", "/home", "/opt", "/root", "/srv", "/usr/local", "/var/backups",
         "/var/lib/dpkg", "/var/list", "/var/log", "/var/spool/cron", "/var/tmp", "/var/www")
files, processes = [], []
for root in ROOTS:
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            try:
                at = os.lstat(path)
                if not stat.S_ISREG(at.st_mode):
                    continue
                with open(path, "rb") as source:
                    content = source.read(65536)
                    if at.st_size > 65536:
                        source.seek(-4096, 2)
                        content += source.read(4096)
            except OSError:
                continue
            files.append({"path": path, "ctime": at.st_ctime, "mtime": at.st_mtime,
                          "size": at.st_size, "mode": at.st_mode, "user": at.st_uid,
                          "folder": os.lstat(folder).st_mtime,
                          "content": base64.b64encode(content).decode()})
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        with open(f"/proc/{pid}/stat") as source:
            fields = source.read().rpartition(")")[2].split()
        with open(f"/proc/{pid}/cmdline", "rb") as source:
            command = source.read().decode("utf-8", "replace").split("\0")
    except OSError:
        continue
    environment = []
    try:  # a root without the right to trace sees that of his own programs alone
        with open(f"/proc/{pid}/environ", "rb") as source:
            environment = source.read().decode("utf-8", "replace").split("\0")
    except OSError:
        pass
    processes.append({"pid": int(pid), "ppid": int(fields[1]), "start": int(fields[19]),
                      "command": command, "environment": environment})
json.dump({"host": os.uname().nodename, "files": files, "processes": processes}, sys.stdout)
"""
"""The collector: standard library only, run by root with python3 on each host."""

_MARKERS = re.compile(
    rb"rangectl|implant|decoy|noise|synthetic|simulat|exercise|malicious|beacon|\bc2\b|sinkhole",
    re.IGNORECASE,
)
_STRINGS = re.compile(rb"[\x20-\x7e]{8,}")


def decoded(text: str) -> Snapshot:
    """Read what the collector printed."""
    told: dict[str, Any] = json.loads(text)
    for one in told["files"]:
        one["content"] = base64.b64decode(one["content"])
    return told


def changed(before: Sequence[Snapshot], after: Sequence[Snapshot]) -> frozenset[File]:
    """Return the files that are new or whose content or size differs."""
    was = {(host["host"], one["path"]): one["content"] for host in before for one in host["files"]}
    return frozenset(
        (host["host"], one["path"])
        for host in after
        for one in host["files"]
        if was.get((host["host"], one["path"])) != one["content"]
    )


def rank(hosts: Sequence[Snapshot], trick: str, among: Collection[File]) -> list[File]:
    """Order the changed files, the most suspicious by this trick first."""
    scores = TRICKS[trick](hosts, frozenset(among))
    salt = "\n".join(sorted("/".join(file) for file in among))
    key = hash_of(f"{trick}\n{salt}".encode())
    return sorted(among, key=lambda file: (-scores.get(file, 0.0), _neutral(file, key)))


def precision_at_k(ranked: Sequence[File], implants: Collection[File], k: int) -> float:
    """Return which share of the first k files are implants'."""
    return sum(file in implants for file in ranked[:k]) / min(k, len(ranked))


def recall_at_k(ranked: Sequence[File], implants: Collection[File], k: int) -> float:
    """Return which share of the implants' files is among the first k."""
    return sum(file in implants for file in ranked[:k]) / len(implants)


def _neutral(file: File, key: int) -> int:
    """Break ties by something that has no meaning, and is another in every range."""
    return hash_of(f"{key}/{'/'.join(file)}".encode())


def hash_of(data: bytes) -> int:
    value = 14695981039346656037
    for byte in data:
        value = ((value ^ byte) * 1099511628211) % 2**64
    return value


def _by(field: str, sign: int) -> Trick:
    def score(hosts: Sequence[Snapshot], _: frozenset[File]) -> dict[File, float]:
        return {(h["host"], f["path"]): sign * float(f[field]) for h in hosts for f in h["files"]}

    return score


def _each(measure: Callable[[str, bytes], float]) -> Trick:
    def score(hosts: Sequence[Snapshot], among: frozenset[File]) -> dict[File, float]:
        return {
            (host["host"], one["path"]): measure(one["path"], one["content"])
            for host in hosts
            for one in host["files"]
            if (host["host"], one["path"]) in among
        }

    return score


def _entropy(data: Sequence[object]) -> float:
    counts = Counter(data)
    return -sum(n / len(data) * math.log2(n / len(data)) for n in counts.values()) if data else 0


_spreads: list[tuple[Sequence[Snapshot], Counter[bytes]]] = []


def _spread(hosts: Sequence[Snapshot]) -> Counter[bytes]:
    """Return on how many hosts each string stands; the last answer is kept for the next trick."""
    if not _spreads or _spreads[0][0] is not hosts:
        texts = (
            {text for one in host["files"] for text in _STRINGS.findall(one["content"])}
            for host in hosts
        )
        _spreads[:] = [(hosts, Counter(text for own in texts for text in own))]
    return _spreads[0][1]


def _common(measure: Callable[[list[int]], float]) -> Trick:
    def score(hosts: Sequence[Snapshot], among: frozenset[File]) -> dict[File, float]:
        spread = _spread(hosts)
        return _each(
            lambda _, content: measure([spread[one] for one in set(_STRINGS.findall(content))])
        )(hosts, among)

    return score


def _gap(hosts: Sequence[Snapshot], _: frozenset[File]) -> dict[File, float]:
    """Score a file by how alone its mtime is on its host."""
    scores: dict[File, float] = {}
    for host in hosts:
        times = sorted({one["mtime"] for one in host["files"]})
        gaps = [later - earlier for earlier, later in pairwise(times)]
        near = dict(zip(times, map(min, [*gaps, math.inf], [math.inf, *gaps]), strict=True))
        for one in host["files"]:
            scores[host["host"], one["path"]] = near[one["mtime"]] if gaps else 0.0
    return scores


def _other_ctime(hosts: Sequence[Snapshot], _: frozenset[File]) -> dict[File, float]:
    """Score a file by how far its ctime is from the middle of its host's."""
    scores: dict[File, float] = {}
    for host in hosts:
        times = sorted(one["ctime"] for one in host["files"])
        middle = times[len(times) // 2] if times else 0.0
        for one in host["files"]:
            scores[host["host"], one["path"]] = abs(one["ctime"] - middle)
    return scores


def _rare(field: str) -> Trick:
    """Score a file by how few files of all hosts share a property with it."""

    def score(hosts: Sequence[Snapshot], _: frozenset[File]) -> dict[File, float]:
        counts = Counter(one.get(field) for host in hosts for one in host["files"])
        return {
            (host["host"], one["path"]): -float(counts[one.get(field)])
            for host in hosts
            for one in host["files"]
        }

    return score


def _running(sign: int) -> Trick:
    """Score what runs by when it was started, `sign` 1 for the youngest first."""

    def score(hosts: Sequence[Snapshot], _: frozenset[File]) -> dict[File, float]:
        return {
            (host["host"], word): 1e12 + sign * process["start"]
            for host in hosts
            for process in host["processes"]
            for word in process["command"]
        }

    return score


def _odd_process(odd: Callable[[Mapping[str, Any]], bool]) -> Trick:
    def score(hosts: Sequence[Snapshot], _: frozenset[File]) -> dict[File, float]:
        return {
            (host["host"], word): 1.0
            for host in hosts
            for process in host["processes"]
            if odd(process)
            for word in process["command"]
        }

    return score


_USUAL = ("HOME=", "LOGNAME=", "PATH=", "SHELL=", "PWD=", "LANG=", "USER=", "MAILTO=")


def _odd_environment(process: Mapping[str, Any]) -> bool:
    return any(one and not one.startswith(_USUAL) for one in process["environment"])


TRICKS: dict[str, Trick] = {
    "newest ctime": _by("ctime", 1),
    "oldest ctime": _by("ctime", -1),
    "newest mtime": _by("mtime", 1),
    "oldest mtime": _by("mtime", -1),
    "lonely mtime": _gap,
    "largest": _by("size", 1),
    "smallest": _by("size", -1),
    "ctime out of step": _other_ctime,
    "newest folder": _by("folder", 1),
    "rare mode": _rare("mode"),
    "rare owner": _rare("user"),
    "youngest process": _running(1),
    "oldest process": _running(-1),
    "PPID 0": _odd_process(lambda process: process["ppid"] == 0 and process["pid"] != 1),
    "odd environment": _odd_process(_odd_environment),
    "many strings common to hosts": _common(lambda on: sum(one > 1 for one in on)),
    "share of strings common to hosts": _common(
        lambda on: sum(one > 1 for one in on) / (len(on) or 1)
    ),
    "few strings common to hosts": _common(lambda on: -sum(one > 1 for one in on)),
    "most of its own strings": _common(lambda on: sum(one == 1 for one in on)),
    "markers": _each(lambda path, content: len(_MARKERS.findall(path.encode() + b" " + content))),
    "entropy of names": _each(lambda path, _: _entropy(path.rpartition("/")[2])),
    "plain names": _each(lambda path, _: -_entropy(path.rpartition("/")[2])),
    "entropy of content": _each(lambda _, content: _entropy(content)),
    "hidden or odd place": _each(lambda path, _: path.count("/") + 3 * path.count("/.")),
}
"""Every trick by name: scores of files, the higher the more suspicious."""
