"""The images that a real engine holds for ranges."""

from __future__ import annotations

from collections.abc import Sequence

from rangectl.errors import RangeError
from rangectl.plan.shelf import Shelved
from rangectl.provision.engine_cli import DockerCli, Image
from rangectl.provision.images import ROLES

_OURS = "rangectl/"
_FILTERS = (f"reference={_OURS}*", "label=rangectl.kind=image")
_WHO = '{{.Image}}\t{{.Label "rangectl.range"}}\t{{.Label "rangectl.kind"}}\t{{.Names}}'


class EngineShelf:
    """The port Shelf, by the engine's command line."""

    def __init__(self, docker: DockerCli) -> None:
        self.docker = docker

    def images(self) -> tuple[Shelved, ...]:
        """Return all images of ranges, also those that others took the name of."""
        return tuple(_shelved(image) for image in self.docker.images(*_FILTERS))

    def users(self) -> tuple[tuple[str, str], ...]:
        """Return (image id or tag, who it is) of every container on the engine."""
        text = self.docker.run("ps", "--all", "--no-trunc", "--format", _WHO, timeout=60)
        rows = (line.split("\t") for line in text.splitlines())
        return tuple((row[0], _who(*row[1:])) for row in rows if len(row) == 4)

    def remove(self, images: Sequence[Shelved]) -> tuple[str | None, ...]:
        """Remove images in this order; return of each why it stayed, or None where it is gone."""
        return tuple(self._remove(image) for image in images)

    def _remove(self, image: Shelved) -> str | None:
        try:
            self.docker.run("image", "rm", image.tag or image.id)
        except RangeError as error:
            if self.docker.image(image.tag or image.id) is None:
                return None
            return str(error).splitlines()[0]
        return None


def _shelved(image: Image) -> Shelved:
    mine = [tag for tag in image.tags if tag.startswith(_OURS)]
    return Shelved(
        id=image.id,
        tag=mine[0] if mine else "",
        roles=tuple(filter(None, image.labels.get(ROLES, "").split(","))),
        layers=image.layers,
        size=image.size,
    )


def _who(range_: str, kind: str, name: str) -> str:
    if range_:
        return range_
    return {"agent": "node agent", "builder": "a build"}.get(kind, f"container {name}")
