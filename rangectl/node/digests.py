"""What is known of files' contents, so that a file is opened only when it may have changed.

Who watches a folder sees a file being opened, but not that it is looked at: files that only a probe
ever opens would be told by that.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

_MOST = 1 << 16
_SETTLED = 0.1


class Known(Generic[T]):
    """What was found out of files, by what it is about, as long as nothing of them changes; at most
    `most` of it, as it is weighed: each fact as one if nothing is said.
    """

    def __init__(self, most: int = _MOST, weigh: Callable[[T], int] = lambda _: 1) -> None:
        self._most = most
        self._weigh = weigh
        self._weight = 0
        self._lock = threading.Lock()
        self._kept: dict[tuple[int, int, Hashable], tuple[tuple[int, int, int], T]] = {}

    def of(self, now: os.stat_result, about: Hashable = None) -> T | None:
        """Return what is known of a file of which nothing has changed since."""
        found = self._kept.get((now.st_dev, now.st_ino, about))
        if found is None or found[0] != (now.st_size, now.st_mtime_ns, now.st_ctime_ns):
            return None
        return found[1]

    def learn(self, before: os.stat_result, file: int, fact: T, about: Hashable = None) -> None:
        """Keep a fact of an open file, unless that changed while it was read or a moment ago."""
        now = os.fstat(file)
        # A file system that counts whole seconds may not tell of a change within the same one.
        settled = _SETTLED if now.st_ctime_ns % 10**9 else 1 + _SETTLED
        if _mark(before) == _mark(now) and time.time() - now.st_ctime > settled:
            self.keep(now, fact, about)

    def keep(self, now: os.stat_result, fact: T, about: Hashable = None) -> None:
        """Keep a fact of a file; what was kept first goes first when there is too much."""
        key = now.st_dev, now.st_ino, about
        with self._lock:
            self._drop(key)
            self._kept[key] = (_mark(now), fact)
            self._weight += self._weigh(fact)
            while self._weight > self._most:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: tuple[int, int, Hashable]) -> None:
        if (old := self._kept.pop(key, None)) is not None:
            self._weight -= self._weigh(old[1])


DIGESTS: Known[str] = Known()
"""The digests of files."""
CAPS: Known[bool] = Known()
"""Whether files have capabilities."""


def wrote(file: int, content: bytes) -> None:
    """Keep the digest of an open file that was written just now."""
    DIGESTS.keep(os.fstat(file), hashlib.sha256(content).hexdigest())


def _mark(now: os.stat_result) -> tuple[int, int, int]:
    return now.st_size, now.st_mtime_ns, now.st_ctime_ns
