"""What is known of files' contents, so that a file is opened only when it may have changed.

Who watches a folder sees a file being opened, but not that it is looked at: files that only a probe
ever opens would be told by that.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

_MOST = 1 << 16
_SETTLED = 0.1


class Known(Generic[T]):
    """What was found out of files, by what it is about, as long as nothing of them changes; at most
    `most` of it.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: dict[tuple[int, int, Hashable], tuple[tuple[int, int, int], T]] = {}

    def of(self, now: os.stat_result, about: Hashable = None) -> T | None:
        """Return what is known of a file of which nothing has changed since."""
        found = self._kept.get((now.st_dev, now.st_ino, about))
        return found[1] if found is not None and found[0] == _mark(now) else None

    def learn(self, before: os.stat_result, file: int, fact: T, about: Hashable = None) -> None:
        """Keep a fact of an open file, unless that changed while it was read or a moment ago."""
        now = os.fstat(file)
        if _mark(before) == _mark(now) and time.time() - now.st_ctime > _SETTLED:
            self.keep(now, fact, about)

    def keep(self, now: os.stat_result, fact: T, about: Hashable = None) -> None:
        """Keep a fact of a file; what was kept first goes first when there is too much."""
        key = now.st_dev, now.st_ino, about
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = (_mark(now), fact)
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]


DIGESTS: Known[str] = Known()
"""The digests of files."""


def wrote(file: int, content: bytes) -> None:
    """Keep the digest of an open file that was written just now."""
    DIGESTS.keep(os.fstat(file), hashlib.sha256(content).hexdigest())


def _mark(now: os.stat_result) -> tuple[int, int, int]:
    return now.st_size, now.st_mtime_ns, now.st_ctime_ns
