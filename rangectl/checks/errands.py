"""People on errands: several at once, none waited for, each within bounds of time and bytes."""

from __future__ import annotations

import random
import socket
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import MappingProxyType

from rangectl.checks import habits
from rangectl.checks.links import Link, guarded
from rangectl.model.traffic import Activity
from rangectl.plan.errands import Errand

DialAs = Callable[[str, str, int, str, int], socket.socket]
Habit = Callable[[socket.socket, Errand, random.Random, threading.Event], None]
HABITS: Mapping[Activity, Habit] = MappingProxyType(
    {
        "browse": habits.browse,
        "mail": habits.mail,
        "query": habits.query,
        "copy": habits.copy,
        "login": habits.login,
        "resolve": habits.resolve,
    }
)
_SECONDS = 20.0
_ASK_SECONDS = 2.0
_AT_ONCE, _MOST = 8, 64
_DNS = 53


class SocketErrands:
    """Implements `Errands` over sockets that are opened in the hosts that people sit at."""

    def __init__(self, dial: DialAs) -> None:
        """`dial` takes a container, an address, a port, `tcp` or `udp`, and whose socket it is."""
        self._dial = dial
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="errand")
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._under_way = 0
        self._links: set[Link] = set()
        self._tally: Counter[str] = Counter()

    def set_out(self, errands: Sequence[Errand]) -> None:
        """Set out on errands; those that are too many are left out, and counted."""
        for errand in errands:
            with self._lock:
                room = self._under_way < _MOST and not self._stop.is_set()
                self._under_way += room
                self._tally["left out"] += not room
            if room:
                self._pool.submit(self._go, errand)

    def halt(self) -> None:
        """Break off all errands, and wait until they ended; others may follow."""
        self._stop.set()
        with self._lock:
            links = list(self._links)
        for link in links:
            link.hang_up()
        self._pool.shutdown()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="errand")
        self._stop.clear()

    def tally(self) -> Mapping[str, int]:
        """Return how many errands of each kind were done, failed, and were left out."""
        with self._lock:
            return dict(self._tally)

    def _go(self, errand: Errand) -> None:
        outcome: str = errand.do
        try:
            if not self._stop.is_set():
                self._look_up(errand)
                self._visit(errand)
        except Exception:  # noqa: BLE001 - servers are hostile, and libraries stumble in many ways
            outcome = f"{errand.do} failed"
        with self._lock:
            self._under_way -= 1
            self._tally[outcome] += 1

    def _look_up(self, errand: Errand) -> None:
        """Ask for the server's name first, as any program of a person's does."""
        if errand.resolver is None or not errand.names:
            return
        link = self._dial(errand.container, errand.resolver, _DNS, "udp", errand.who.uid)
        with guarded(link, _ASK_SECONDS) as (guard, _), suppress(OSError):
            full = next((one for one in errand.names if one.split(".")[0] == errand.host), None)
            if full is not None:
                habits.ask(guard, full)

    def _visit(self, errand: Errand) -> None:
        proto = "udp" if errand.do == "resolve" else "tcp"
        port, uid = errand.service.port, errand.who.uid
        link = self._dial(errand.container, errand.address, port, proto, uid)
        with guarded(link, _SECONDS) as (guard, _):
            self._remember(guard)
            try:
                draw = random.Random(errand.seed)  # noqa: S311 - a seeded choice, no secret
                HABITS[errand.do](habits.secured(guard, errand), errand, draw, self._stop)
            finally:
                with self._lock:
                    self._links.discard(guard)

    def _remember(self, link: Link) -> None:
        with self._lock:
            self._links.add(link)
