"""Containers frozen, kept as images, and asked for their last words, on a real Docker Engine."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

import docker
from docker.errors import APIError, NotFound

from rangectl.engine.docker_engine import each, failed
from rangectl.plan import snapshots
from rangectl.plan.snapshots import SNAPSHOT, Snapshot

_CONFLICT = 409
_REPOSITORY = "rangectl/snapshot"
_LONGEST = 300
_TRIES = 5
_BUSY = re.compile(r"unable to freeze", re.IGNORECASE)
_PASSED_OVER = re.compile(r"is not paused|is already paused|is not running", re.IGNORECASE)


class DockerStills:
    """Implements the Stills port."""

    def __init__(self, client: docker.DockerClient) -> None:
        self._api: Any = client.api

    def freeze(self, containers: Sequence[str]) -> None:
        """Freeze containers that run; one that is frozen, or does not run, is passed over.

        The kernel gives up on one that is busy forking, and takes it at another try.
        """
        each(lambda one: self._turn("freeze", self._api.pause, one), containers)

    def thaw(self, containers: Sequence[str]) -> None:
        """Let frozen containers go on; one that is not frozen is passed over."""
        each(lambda one: self._turn("thaw", self._api.unpause, one), containers)

    def _turn(self, verb: str, work: Any, container: str) -> None:  # noqa: ANN401 - untyped library
        for left in reversed(range(_TRIES)):
            try:
                work(container)
            except APIError as error:
                said = str(error.explanation or error)
                if left and _BUSY.search(said):
                    continue
                if not _PASSED_OVER.search(said):
                    raise failed(verb, container, error) from error
            return

    def last_words(self, container: str, lines: int = 5) -> str:
        """Return the state of a container and the last lines of its log, in printable text."""
        try:
            state = self._api.inspect_container(container)["State"]
            log = self._log(container, state, lines)
        except NotFound:
            return "its container is gone"
        except APIError as error:
            return f"the engine does not tell: {_printable(str(error.explanation or error))}"
        said = [_printable(line) for line in log.decode(errors="replace").splitlines()[-lines:]]
        return "\n".join([_state(state), *(f"| {line}" for line in said if line)])

    def _log(self, container: str, state: Mapping[str, Any], lines: int) -> bytes:
        """Read the journal of a host that runs one, else what its first process wrote."""
        log = bytes(self._api.logs(container, tail=lines))
        if log or not state["Running"] or state["Paused"]:
            return log
        words = ["timeout", "5", "journalctl", "-q", "-n", str(lines), "-o", "cat", "--no-pager"]
        asked = self._api.exec_create(container, words, stderr=False)
        said = bytes(self._api.exec_start(asked["Id"]))
        return b"" if b"executable file not found" in said else said

    def take(self, container: str, labels: Mapping[str, str]) -> str:
        """Keep a container's files as an image with these labels; return the image's id."""
        changes = [f"LABEL {key}={value}" for key, value in sorted(labels.items())]
        tag = hashlib.sha256("\n".join([container, *changes]).encode()).hexdigest()[:24]
        try:
            made = self._api.commit(container, repository=_REPOSITORY, tag=tag, changes=changes)
        except APIError as error:
            verb = "take a snapshot of"
            raise failed(verb, container, error) from error
        return str(made["Id"])

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Return every image that was taken, the newest first."""
        rows = self._api.images(filters={"label": [SNAPSHOT]})
        read = (snapshots.read(row["Id"], row["Labels"] or {}, int(row["Size"])) for row in rows)
        found = (one for one in read if one is not None)
        return tuple(sorted(found, key=attrgetter("at"), reverse=True))

    def discard(self, images: Sequence[str]) -> tuple[str, ...]:
        """Remove images that were taken; return those that would not go: containers use them."""
        return tuple(one for one in images if not self._discarded(one))

    def _discarded(self, image: str) -> bool:
        try:
            self._api.remove_image(image, force=True)
        except NotFound:
            return True
        except APIError as error:
            if error.status_code == _CONFLICT:
                return False
            verb = "remove"
            raise failed(verb, image, error) from error
        return True


def _state(state: Mapping[str, Any]) -> str:
    if state["Paused"]:
        return "it is frozen"
    if state["Running"]:
        return "it runs"
    why = f": {_printable(state['Error'])}" if state.get("Error") else ""
    return f"it ended with code {state['ExitCode']}{why}"


def _printable(text: str) -> str:
    """Return text of a host's in a form that steers no terminal."""
    kept = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return kept[:_LONGEST].strip()
