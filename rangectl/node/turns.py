"""Working on many things in one thread, and in others only where one of them takes long.

Looking at a host is all short calls to the kernel: threads that wait for each other's turns at
Python cost up to twice the time. But no host may keep the others waiting, either.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Generic, TypeVar

Thing = TypeVar("Thing")
Result = TypeVar("Result")
_THREADS = 4
_LONG = 0.1


class Turns:
    """Threads that take turns; whoever works on one thing for `long` gets another one beside it."""

    def __init__(self, threads: int = _THREADS, long: float = _LONG) -> None:
        self._threads = threads
        self._long = long
        self._pool = ThreadPoolExecutor(threads)

    def map(self, work: Callable[[Thing], Result], things: Iterable[Thing]) -> list[Result]:
        """Return what comes of the work on each thing, in the order of the things."""
        line = _Line(work, things, self._long)
        workers = [self._pool.submit(line.work_off)]
        while left := wait(workers, self._long).not_done:
            if len(left) < self._threads and line.is_held_up():
                workers.append(self._pool.submit(line.work_off))
        for one in workers:
            one.result()
        return line.results()


class _Line(Generic[Thing, Result]):
    """Things that wait for their turn, and those whose turn it is."""

    def __init__(
        self, work: Callable[[Thing], Result], things: Iterable[Thing], long: float
    ) -> None:
        self._work = work
        self._long = long
        self._lock = threading.Lock()
        self._waiting = deque(enumerate(things))
        self._began: dict[int, float] = {}
        self._results: dict[int, Result] = {}

    def work_off(self) -> None:
        """Work on one thing after the other; who took long leaves the rest to others at work."""
        while (turn := self._next()) is not None:
            place, thing = turn
            try:
                self._results[place] = self._work(thing)
            finally:
                others = self._done(place)
            if others:
                return

    def is_held_up(self) -> bool:
        """Whether something waits while all at work have been so for long."""
        now = time.monotonic()
        with self._lock:
            held = [now - began > self._long for began in self._began.values()]
            return bool(self._waiting) and bool(held) and all(held)

    def results(self) -> list[Result]:
        """Return the results, in the order of the things."""
        return [self._results[place] for place in sorted(self._results)]

    def _next(self) -> tuple[int, Thing] | None:
        with self._lock:
            if not self._waiting:
                return None
            place, thing = self._waiting.popleft()
            self._began[place] = time.monotonic()
            return place, thing

    def _done(self, place: int) -> bool:
        """Say whether that took long, and others go on."""
        with self._lock:
            took = time.monotonic() - self._began.pop(place)
            return took > self._long and bool(self._began)
