"""What one question about a host may use, and what somebody on the host keeps from being seen."""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rangectl.node import files
from rangectl.node.values import NodeError

# What a host may cost of the agent's own time: what it costs, all others wait for. A host of a
# partner's costs a few hundredths.
_WORK = 0.6
_SECONDS = 5.0
_TOTAL_BYTES = 256 << 20
_STEPS = 8
_NOT_NOW = files.USED_UP | {errno.EAGAIN}


class Budget:
    """What one query may still use: bytes, time, and `left` seconds of this thread's own time."""

    def __init__(self, left: float = _WORK) -> None:
        self._end = time.monotonic() + _SECONDS
        self._worked = time.thread_time() + min(left, _WORK)
        self._bytes = _TOTAL_BYTES
        self._steps = 0

    def step(self) -> None:
        """Count one of many small things; raise NodeError when time has run out."""
        if self._steps % _STEPS == 0:
            self.spend()
        self._steps += 1

    def spend(self, size: int = 0) -> None:
        """Take bytes off; raise NodeError when bytes or time have run out."""
        self._bytes -= size
        if self._bytes < 0:
            msg = f"gave up: more than {_TOTAL_BYTES} bytes to read"
            raise NodeError(msg)
        if time.thread_time() > self._worked or time.monotonic() > self._end:
            msg = "gave up: it takes too long"
            raise NodeError(msg)


@contextmanager
def telling(path: str, held: list[str]) -> Iterator[None]:
    """Pass over what cannot be read; note what cannot at this moment: somebody has a lease on it,
    or moves about what leads there, or the agent has nothing left to read with.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _NOT_NOW:
            held.append(path)
