"""Role images in memory: the same addresses and promises, and nothing built."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from rangectl.plan.images import role_tags
from rangectl.plan.shelf import Shelved
from rangectl.plan.spec import RoleSpec
from rangectl.progress import Progress, Tell
from rangectl.provision import base as bases
from rangectl.provision.rolebook import Rolebook


class MemoryImages:
    """The port Images for tests: an image is its tag, `built` lists them in order."""

    def __init__(self, book: Rolebook) -> None:
        self.book = book
        self.built: list[str] = []
        self.shelved: dict[str, Shelved] = {}
        self._lock = threading.Lock()

    def tag(self, base: str, roles: tuple[RoleSpec, ...]) -> str:
        """Return the content address that base and roles have, built or not."""
        return self._tags(base, roles)[-1]

    def find(self, base: str, roles: tuple[RoleSpec, ...]) -> str | None:
        """Return the image's id, if it was built."""
        tag = self.tag(base, roles)
        return f"sha256:{tag.rpartition(':')[2]}" if tag in self.built else None

    def ensure(self, base: str, roles: tuple[RoleSpec, ...], tell: Tell) -> str:
        """Build what lacks, once, and return the image's id."""
        tags = self._tags(base, roles)
        with self._lock:
            names = (f"base {base}", *(f"role {role.name}" for role in roles))
            for tag, what in zip(tags, names, strict=True):
                if tag not in self.built:
                    tell(Progress(what, "building"))
                    self.built.append(tag)
                    self._shelve(tags[: tags.index(tag) + 1], roles)
        return f"sha256:{tags[-1].rpartition(':')[2]}"

    def _shelve(self, tags: tuple[str, ...], roles: tuple[RoleSpec, ...]) -> None:
        """Keep an image of one layer for each tag, each a megabyte."""
        names = tuple(role.name for role in roles[: len(tags) - 1])
        image = f"sha256:{tags[-1].rpartition(':')[2]}"
        self.shelved[image] = Shelved(image, tags[-1], names, tags, len(tags) << 20)

    def sweep(self) -> tuple[str, ...]:
        """Return nothing: no build in memory is ever cut short."""
        return ()

    def _tags(self, name: str, roles: tuple[RoleSpec, ...]) -> tuple[str, ...]:
        bottom = bases.tag(name)
        return bottom, *role_tags(bottom, [(role, self.book.read(role)) for role in roles])


class MemoryShelf:
    """The port Shelf for tests: what MemoryImages built; `users` are those of the engine."""

    def __init__(
        self, images: MemoryImages, users: Callable[[], tuple[tuple[str, str], ...]]
    ) -> None:
        self._images = images
        self._users = users

    def images(self) -> tuple[Shelved, ...]:
        """Return everything that was built, and not removed since."""
        return tuple(self._images.shelved.values())

    def users(self) -> tuple[tuple[str, str], ...]:
        """Return (image id, who it is) of every container."""
        return self._users()

    def remove(self, images: Sequence[Shelved]) -> tuple[str | None, ...]:
        """Remove images in this order; one that is used stays."""
        return tuple(self._remove(image) for image in images)

    def _remove(self, image: Shelved) -> str | None:
        used = {used for used, _ in self._users()}
        if image.id in used or image.tag in used:
            return "a container uses it"
        if self._images.shelved.pop(image.id, None):
            self._images.built.remove(image.tag)
        return None
