"""What killed commands left on a Docker Engine, beside pieces of ranges."""

from __future__ import annotations

import time
from typing import Any

import docker
from docker.errors import APIError, NotFound

from rangectl.engine.agent_container import MAKING, NAME

_BEING_MADE, _LONG = 60.0, 3600.0
_BOOTSTRAP = "rangectl/bootstrap"


class DockerTraces:
    """Implements the Traces port."""

    def __init__(self, client: docker.DockerClient) -> None:
        self._api: Any = client.api

    def find(self) -> tuple[str, ...]:
        """Say what is there: agents that were being made, one that nobody needs, old images."""
        found = [f"node agent that was being made: {name}" for _, name in self._half_made()]
        if self._idle():
            found.append("node agent without a range")
        found += [f"base image that was being made: {tag}" for tag in self._half_based()]
        images = self._untagged()
        if images:
            found.append(f"{len(images)} images of roles that have lost their names")
        return tuple(found)

    def remove(self) -> tuple[str, ...]:
        """Remove what is there and nobody uses; say what went.

        The agent itself ends by the port Node, which knows what it keeps wired.
        """
        agents = self._half_made()
        for container, _ in agents:
            self._api.remove_container(container, force=True, v=True)
        bases = [tag for tag in self._half_based() if self._removed(tag)]
        images = [image for image in self._untagged() if self._removed(image)]
        return (
            *(f"node agent that was being made: {name}" for _, name in agents),
            *(f"base image that was being made: {tag}" for tag in bases),
            *(f"image without a name: {image[7:19]}" for image in images),
        )

    def _half_made(self) -> list[tuple[str, str]]:
        rows = self._api.containers(all=True, filters={"name": f"^/{NAME}{MAKING}"})
        old = [row for row in rows if time.time() - row["Created"] > _BEING_MADE]
        return [(row["Id"], row["Names"][0].lstrip("/")) for row in old]

    def _idle(self) -> bool:
        """Say whether there is an agent, and no range that it would keep wired."""
        agents = self._api.containers(all=True, filters={"name": f"^/{NAME}$"}, quiet=True)
        ranges = self._api.containers(all=True, filters={"label": ["rangectl.range"]}, quiet=True)
        return bool(agents) and not ranges

    def _half_based(self) -> list[str]:
        """Return the images of bootstraps that were killed: their tags say when they began."""
        rows = self._api.images(filters={"reference": f"{_BOOTSTRAP}:*"})
        tags = [tag for row in rows for tag in row["RepoTags"] or () if tag.startswith(_BOOTSTRAP)]
        began = {tag: tag.rpartition(":")[2] for tag in tags}
        return [tag for tag, at in began.items() if at.isdigit() and time.time() - int(at) > _LONG]

    def _untagged(self) -> list[str]:
        """Return images of roles without a name that no container is made of."""
        labels = {"label": ["rangectl.kind=image"], "dangling": True}
        images = {row["Id"] for row in self._api.images(filters=labels)}
        return sorted(images - {row["ImageID"] for row in self._api.containers(all=True)})

    def _removed(self, image: str) -> bool:
        try:
            self._api.remove_image(image)
        except NotFound:
            return True
        except APIError:  # others are made of it, and need it
            return False
        return True
