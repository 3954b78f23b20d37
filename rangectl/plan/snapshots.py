"""Snapshots of hosts: images with labels that say of which host, under which word, and when."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rangectl.plan.containers import LABEL
from rangectl.plan.spec import File, Pack, RangeId

SNAPSHOT = LABEL + "snapshot"
"""The label of an image that is a snapshot: the word it was taken under."""

_RANGE, _HOST, _AT, _FURNISHED = (LABEL + key for key in ("of", "at-host", "taken", "furnished"))

MEMORY_ONLY = ("/tmp", "/dev/shm", "/run/systemd/system", "/run/systemd/transient")  # noqa: S108
"""Where files are in memory alone, and lost with a container: no snapshot holds them."""

_OWN = ("/tmp/systemd-private-", "/run/systemd/transient/session-", "/run/systemd/transient/init.")  # noqa: S108
_MANY = 3


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot; `furnished` tells the files that the host had been given when it was taken."""

    image: str
    range: RangeId
    host: str
    word: str
    at: datetime
    furnished: str
    size: int


def labels(range_id: RangeId, host: str, word: str, at: datetime, furnished: str) -> dict[str, str]:
    """Return the labels by which an image is known as this snapshot."""
    return {
        SNAPSHOT: word,
        _RANGE: str(range_id),
        _HOST: host,
        _AT: at.isoformat(),
        _FURNISHED: furnished,
    }


def read(image: str, said: Mapping[str, str], size: int) -> Snapshot | None:
    """Read a snapshot back from an image's labels; None where it is none."""
    try:
        at = datetime.fromisoformat(said[_AT])
        name, _, team = said[_RANGE].partition("/")
        return Snapshot(
            image=image,
            range=RangeId(name, team),
            host=said[_HOST],
            word=said[SNAPSHOT],
            at=at,
            furnished=said.get(_FURNISHED, ""),
            size=size,
        )
    except (KeyError, ValueError):
        return None


def furnished(files: Sequence[File], pack: Pack | None = None) -> str:
    """Tell this set of files, and what people leave beside them, from any other."""
    parts = sorted((file.path, file.mode, file.owner, file.content) for file in files)
    beside = "" if pack is None else pack.digest
    return hashlib.sha256(f"{parts!r}{beside}".encode()).hexdigest()[:16]


def lost(paths: Sequence[str]) -> str | None:
    """Say which of the files that are in memory alone a snapshot would lose; None where none is."""
    kept = sorted(path for path in paths if not path.startswith(_OWN))
    if not kept:
        return None
    more = f" and {len(kept) - _MANY} more" if len(kept) > _MANY else ""
    return ", ".join(kept[:_MANY]) + more
