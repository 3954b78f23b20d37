"""Role images on a real engine: built once, layer by layer, under their content address."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from rangectl.plan.images import role_tags
from rangectl.plan.shelf import stands_on
from rangectl.plan.spec import RoleSpec
from rangectl.progress import Progress, Tell
from rangectl.provision import apt, base, locks, owner
from rangectl.provision.engine_cli import DockerCli, Image, without_proxies
from rangectl.provision.rolebook import Rolebook

ROLES = "rangectl.roles"
"""The label that names the roles of an image."""

_LISTING_LASTS = 2.0


class RoleImages:
    """The port Images, by Ansible in builder containers.

    `state` is a folder for what the builds of this user share. Setting `stop` cancels builds
    under way, in whatever thread. `look` finds an image by its tag, faster than the command line.
    """

    def __init__(
        self,
        book: Rolebook,
        state: Path,
        docker: DockerCli | None = None,
        stop: threading.Event | None = None,
        look: Callable[[str], Image | None] | None = None,
    ) -> None:
        env = without_proxies(os.environ, state / "docker")
        self.docker = docker or DockerCli(env)
        self.book = book
        self.lock = locks.folder(state / "locks")
        self.stop = stop or threading.Event()
        self._builds = threading.BoundedSemaphore(max(2, os.cpu_count() or 1))
        self._look = look or self.docker.image
        self._listing = threading.Lock()
        self._looked: dict[str, tuple[float, Image | None]] = {}

    def tag(self, base: str, roles: tuple[RoleSpec, ...]) -> str:
        """Return the content address that base and roles have, built or not."""
        return self._tags(base, roles)[-1]

    def find(self, base: str, roles: tuple[RoleSpec, ...]) -> str | None:
        """Return the image id with the base and these roles; None where it would be built."""
        tags = self._tags(base, roles)
        return self._listed(tags[0], tags[-1])

    def ensure(self, base: str, roles: tuple[RoleSpec, ...], tell: Tell) -> str:
        """Return the image id with the base and these roles; build what lacks, once."""
        tags = self._tags(base, roles)
        if made := self._listed(tags[0], tags[-1]):
            return made
        bottom = self._base(base, tell)
        below = bottom.id
        for depth, tag in enumerate(tags[1:], start=1):
            with locks.held(self.lock, tag.rpartition(":")[2]):
                below = self._found(tag, bottom) or self._build(tag, below, roles[:depth], tell)
        return below

    def sweep(self) -> tuple[str, ...]:
        """Remove what builds left that were killed; return what was removed."""
        gone = owner.sweep(self.docker)
        return (*gone, *map(str, locks.sweep(self.lock)))

    def _tags(self, name: str, roles: tuple[RoleSpec, ...]) -> tuple[str, ...]:
        bottom = base.tag(name)
        return bottom, *role_tags(bottom, [(role, self.book.read(role)) for role in roles])

    def _base(self, name: str, tell: Tell) -> Image:
        return base.ensure(self.docker, name, apt.of_this_machine(os.environ), self.lock, tell)

    def _listed(self, bottom: str, tag: str) -> str | None:
        """Return the image as the engine has it; one look serves all stacks asked for at once.

        What lacks is looked for once more, under the lock, before it is built.
        """
        with self._listing:
            base, image = self._seen(bottom), self._seen(tag)
        if base is None or image is None:
            return None
        return image.id if stands_on(image.layers, base.layers) else None

    def _seen(self, tag: str) -> Image | None:
        at, image = self._looked.get(tag, (-_LISTING_LASTS, None))
        if time.monotonic() - at > _LISTING_LASTS:
            image = self._look(tag)
            self._looked[tag] = (time.monotonic(), image)
        return image

    def _found(self, tag: str, bottom: Image) -> str | None:
        """Return the image, unless it lacks or stands on a base that is no longer the base."""
        image = self.docker.image(tag)
        return image.id if image and stands_on(image.layers, bottom.layers) else None

    def _build(
        self,
        tag: str,
        below: str,
        roles: tuple[RoleSpec, ...],
        tell: Tell,
    ) -> str:
        """Apply the last role to what stands below it, and commit."""
        from rangectl.provision import ansible  # noqa: PLC0415 - most commands build nothing
        from rangectl.provision.builder import builder  # noqa: PLC0415

        owner.sweep(self.docker)
        names = ",".join(role.name for role in roles)
        work = owner.work_folder()
        try:
            with self._builds, builder(self.docker, below, apt.of_this_machine(os.environ)) as made:
                folder = self.book.folder(roles[-1].name)
                ansible.apply(made, roles[-1], folder, work, tell, self.stop)
                tell(Progress(f"role {roles[-1].name}", "committing"))
                return made.commit(tag, {ROLES: names})
        finally:
            owner.remove_folder(work)
