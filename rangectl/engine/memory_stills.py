"""Boxes of a MemoryEngine frozen, kept as images, and asked for their last words."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from rangectl.engine.memory import MemoryEngine
from rangectl.plan import snapshots
from rangectl.plan.snapshots import Snapshot


class MemoryStills:
    """Implements the Stills port; images are kept in the engine, with the files they hold."""

    def __init__(self, engine: MemoryEngine) -> None:
        self._engine = engine
        self._numbers = itertools.count(1)

    def freeze(self, containers: Sequence[str]) -> None:
        """Freeze containers that run; one that is frozen, or does not run, is passed over."""
        self._turn(containers, frozen=True)

    def thaw(self, containers: Sequence[str]) -> None:
        """Let frozen containers go on; one that is not frozen is passed over."""
        self._turn(containers, frozen=False)

    def _turn(self, containers: Sequence[str], *, frozen: bool) -> None:
        for container in containers:
            box = self._engine.box(container)
            box.seen = replace(box.seen, frozen=frozen and box.seen.running)

    def last_words(self, container: str, lines: int = 5) -> str:
        """Return the state of a container; nothing is written in memory."""
        box = self._engine.boxes.get(container)
        if box is None or lines < 0:
            return "its container is gone"
        if box.seen.frozen:
            return "it is frozen"
        return "it runs" if box.seen.running else "it ended with code 0"

    def take(self, container: str, labels: Mapping[str, str]) -> str:
        """Keep a container's files as an image with these labels; return the image's id."""
        box = self._engine.box(container)
        image = f"sha256:{next(self._numbers):064x}"
        files = dict(box.files)
        self._engine.images[image] = files
        self._engine.labels[image] = dict(labels)
        return image

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Return every image that was taken, the newest first."""
        rows = self._engine.labels.items()
        read = (snapshots.read(image, labels, 0) for image, labels in rows)
        found = (one for one in read if one is not None)
        return tuple(sorted(found, key=attrgetter("at"), reverse=True))

    def discard(self, images: Sequence[str]) -> tuple[str, ...]:
        """Remove images that were taken; return those that would not go: containers use them."""
        used = {box.image for box in self._engine.boxes.values()}
        for image in images:
            if image not in used:
                self._engine.images.pop(image, None)
                self._engine.labels.pop(image, None)
        return tuple(image for image in images if image in used)


class MemoryTraces:
    """Implements the Traces port: `left` is what was left."""

    def __init__(self) -> None:
        self.left: list[str] = []

    def find(self) -> tuple[str, ...]:
        """Say what is there."""
        return tuple(self.left)

    def remove(self) -> tuple[str, ...]:
        """Remove what is there; say what went."""
        gone, self.left = tuple(self.left), []
        return gone
