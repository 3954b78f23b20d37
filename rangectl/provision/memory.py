"""Role images in memory: the same addresses and promises, and nothing built."""

from __future__ import annotations

import threading

from rangectl.plan.images import role_tags
from rangectl.plan.spec import RoleSpec
from rangectl.progress import Progress, Tell
from rangectl.provision import base as bases
from rangectl.provision.rolebook import Rolebook


class MemoryImages:
    """The port Images for tests: an image is its tag, `built` lists them in order."""

    def __init__(self, book: Rolebook) -> None:
        self.book = book
        self.built: list[str] = []
        self._lock = threading.Lock()

    def tag(self, base: str, roles: tuple[RoleSpec, ...]) -> str:
        """Return the content address that base and roles have, built or not."""
        return self._tags(base, roles)[-1]

    def ensure(self, base: str, roles: tuple[RoleSpec, ...], tell: Tell) -> str:
        """Build what lacks, once, and return the image's id."""
        tags = self._tags(base, roles)
        with self._lock:
            names = (f"base {base}", *(f"role {role.name}" for role in roles))
            for tag, what in zip(tags, names, strict=True):
                if tag not in self.built:
                    tell(Progress(what, "building"))
                    self.built.append(tag)
        return f"sha256:{tags[-1].rpartition(':')[2]}"

    def sweep(self) -> tuple[str, ...]:
        """Return nothing: no build in memory is ever cut short."""
        return ()

    def _tags(self, name: str, roles: tuple[RoleSpec, ...]) -> tuple[str, ...]:
        bottom = bases.tag(name)
        return bottom, *role_tags(bottom, [(role, self.book.read(role)) for role in roles])
