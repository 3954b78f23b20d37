"""An event log that lives as long as the process: for tests, demonstrations and dry runs."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from rangectl.model.events import Event, event_adapter


class MemoryLog:
    """An append-only log in memory; it keeps what a file would keep, so what cannot be written as
    JSON cannot be appended.
    """

    def __init__(self) -> None:
        self._rows: list[bytes] = []
        self._lock = Lock()

    def append(self, events: Sequence[Event]) -> None:
        """Add events, in this order, all or none."""
        rows = [event_adapter.dump_json(event) for event in events]
        with self._lock:
            self._rows.extend(rows)

    def read(self, after: int = 0) -> tuple[Event, ...]:
        """Return the events that follow the first `after` ones."""
        with self._lock:
            rows = self._rows[after:]
        return tuple(event_adapter.validate_json(row) for row in rows)
