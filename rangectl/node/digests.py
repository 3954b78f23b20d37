"""What is known of files' contents, so that a file is opened only when it may have changed.

Who watches a folder sees a file being opened, but not that it is looked at: files that only a probe
ever opens would be told by that.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time

_MOST = 1 << 16
_SETTLED = 0.1
_lock = threading.Lock()
_known: dict[tuple[int, int], tuple[tuple[int, int, int], str]] = {}


def known(now: os.stat_result) -> str | None:
    """Return the digest of a file of which nothing has changed since it was taken."""
    with _lock:
        mark, digest = _known.get((now.st_dev, now.st_ino), (None, None))
    return digest if mark == _mark(now) else None


def learn(before: os.stat_result, file: int, digest: str) -> None:
    """Keep the digest of an open file, unless it changed while it was read or a moment ago."""
    now = os.fstat(file)
    if _mark(before) == _mark(now) and time.time() - now.st_ctime > _SETTLED:
        keep(now, digest)


def wrote(file: int, content: bytes) -> None:
    """Keep the digest of an open file that was written just now."""
    keep(os.fstat(file), hashlib.sha256(content).hexdigest())


def keep(now: os.stat_result, digest: str) -> None:
    """Keep a file's digest; what was kept first goes first when there is too much."""
    with _lock:
        _known.pop((now.st_dev, now.st_ino), None)
        _known[now.st_dev, now.st_ino] = (_mark(now), digest)
        while len(_known) > _MOST:
            del _known[next(iter(_known))]


def _mark(now: os.stat_result) -> tuple[int, int, int]:
    return now.st_size, now.st_mtime_ns, now.st_ctime_ns
