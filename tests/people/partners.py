"""The partners that are shipped, each as a range with its people; and hosts' files read back."""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from rangectl.model.parse.topologies import load_topology
from rangectl.plan.desired import desired
from rangectl.plan.keys import fingerprint
from rangectl.plan.partner import pack_of
from rangectl.plan.spec import RangeId, RangeSpec
from rangectl.store.library import included, shipped

SECRET = "5" * 32


@cache
def spec(name: str) -> RangeSpec:
    """Return a shipped topology as a range."""
    path = shipped("topologies") / f"{name}.yaml"
    model = load_topology(path.read_bytes(), path.name, fetch=included(path)).model
    return desired(model, RangeId(name, "alder"), {})


def partners() -> list[str]:
    """Return the shipped topologies that say something of people."""
    files = sorted(shipped("topologies").glob("*.yaml"))
    return [one.stem for one in files if "\npeople:" in one.read_text()]


@dataclass(frozen=True)
class Kept:
    """What people have on one host, as its files say."""

    host: str
    accounts: dict[str, list[str]]
    shadow: dict[str, str]
    files: dict[str, tuple[int, str, float, bytes | None]]

    def authorised(self) -> Iterator[tuple[str, str]]:
        """Yield account and fingerprint of every key that may log in."""
        for path, (_, owner, _, content) in self.files.items():
            if path.endswith("/.ssh/authorized_keys") and content is not None:
                for line in content.decode().splitlines():
                    yield owner, fingerprint(line)

    def jobs(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield file, account, schedule and command of every job."""
        for path, (_, owner, _, content) in self.files.items():
            if path.startswith("/var/spool/cron/crontabs/") and content is not None:
                for line in content.decode().splitlines():
                    if not line.startswith("#"):
                        *schedule, command = line.split(" ", 5)
                        yield path, owner, " ".join(schedule), command

    def text(self, path: str) -> str:
        """Return a file."""
        content = self.files[path][3]
        assert content is not None
        return content.decode()


@cache
def kept(name: str, secret: str = SECRET) -> tuple[Kept, ...]:
    """Return what people have on the hosts of a partner."""
    hosts = []
    for host in spec(name).hosts:
        packed = pack_of(spec(name), host, secret)
        if packed is not None:
            read: dict[str, Any] = json.loads(zlib.decompress(packed.make()))
            passwd = [line.split(":") for line, _ in read["accounts"]]
            shadow = dict(line.split(":")[:2] for _, line in read["accounts"])
            files = {
                path: (mode, owner, mtime, None if text is None else text.encode("latin-1"))
                for path, mode, owner, mtime, text in read["files"]
            }
            hosts.append(Kept(host.name, {row[0]: row for row in passwd}, shadow, files))
    return tuple(hosts)


def rows(text: str) -> list[dict[str, str]]:
    """Read a paper."""
    return list(csv.DictReader(io.StringIO(text)))
