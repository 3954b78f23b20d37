"""The engine as its command line offers it: as much as building images needs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rangectl.errors import EnvironmentUnfitError, RangeError

_ABSENT = ("no such image", "no such object", "no such container")
_UNDER_WAY = ("already in progress",)
_PATIENCE = 60
_TAIL = 15


@dataclass(frozen=True, slots=True)
class Image:
    """An image on the engine; `layers` are the digests of what it is stacked of."""

    id: str
    labels: Mapping[str, str]
    layers: tuple[str, ...] = ()
    size: int = 0
    tags: tuple[str, ...] = ()


class DockerCli:
    """Runs `docker`; every failure is a RangeError with the engine's own last words."""

    def __init__(self, env: Mapping[str, str] | None = None) -> None:
        self.env = dict(os.environ if env is None else env)

    def run(self, *args: str, stdin: bytes | None = None, timeout: float = 900) -> str:
        """Run `docker ARGS` and return what it wrote."""
        try:
            done = subprocess.run(  # noqa: S603 - arguments are ours, no shell
                [self.program(), *args],
                input=stdin if stdin is not None else b"",
                capture_output=True,
                timeout=timeout,
                env=self.env,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            message = f"docker {args[0]} did not end within {timeout:.0f} s"
            raise RangeError(message, hint="is the engine alive? try `docker info`") from late
        if done.returncode:
            raise _failure(args, (done.stderr or done.stdout).decode(errors="replace"))
        return done.stdout.decode(errors="replace")

    def program(self) -> str:
        """Return the path of the docker program."""
        found = shutil.which("docker", path=self.env.get("PATH"))
        if found is None:
            message = "the docker command line is not installed"
            raise EnvironmentUnfitError(message, hint="run script/setup, or install docker.io")
        return found

    def architecture(self) -> str:
        """Return what processors the engine's images are for, in its own word."""
        return self.run("version", "--format", "{{.Server.Arch}}", timeout=60).strip()

    def image(self, name: str) -> Image | None:
        """Return the image of that name or id, or None."""
        try:
            text = self.run("image", "inspect", "--format", "{{json .}}", name, timeout=60)
        except RangeError as error:
            if _says(error, _ABSENT):
                return None
            raise
        return _image(json.loads(text))

    def images(self, *filters: str) -> tuple[Image, ...]:
        """Return all images that one of these filters lets through, in few calls."""
        found: set[str] = set()
        for one in filters:
            ids = self.run("image", "ls", "--quiet", "--no-trunc", "--filter", one, timeout=60)
            found |= set(ids.split())
        wanted = sorted(found)
        if not wanted:
            return ()
        try:
            facts = json.loads(self.run("image", "inspect", *wanted, timeout=60))
        except RangeError as error:
            if _says(error, _ABSENT):
                return ()
            raise
        return tuple(_image(fact) for fact in facts)

    def remove(self, container: str) -> None:
        """Remove a container with its volumes, whatever its state; gone already is as good.

        A removal that another has begun is waited for.
        """
        for patience in range(_PATIENCE, -1, -1):
            try:
                self.run("rm", "--force", "--volumes", container, timeout=120)
            except RangeError as error:
                if _says(error, _ABSENT):
                    return
                if not (_says(error, _UNDER_WAY) and patience):
                    raise
                time.sleep(1)
            else:
                return


def without_proxies(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return an environment in which the docker command line puts no proxies into containers.

    Docker copies the `proxies` of its configuration into every container's environment, where they
    would end up in images; a copy of the configuration without them is written to `folder`.
    """
    home = Path(env.get("DOCKER_CONFIG") or Path(env.get("HOME", "/root")) / ".docker")
    try:
        config = json.loads((home / "config.json").read_text())
    except (OSError, ValueError):
        return dict(env)
    if not config.pop("proxies", None):
        return dict(env)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for entry in home.iterdir():
        if entry.name != "config.json" and not (folder / entry.name).exists():
            (folder / entry.name).symlink_to(entry)
    (folder / "config.json").write_text(json.dumps(config))
    return {**env, "DOCKER_CONFIG": str(folder)}


def _image(facts: dict[str, Any]) -> Image:
    return Image(
        id=facts["Id"],
        labels=(facts.get("Config") or {}).get("Labels") or {},
        layers=tuple((facts.get("RootFS") or {}).get("Layers") or ()),
        size=int(facts.get("Size") or 0),
        tags=tuple(facts.get("RepoTags") or ()),
    )


def _says(error: RangeError, words: tuple[str, ...]) -> bool:
    return any(word in str(error).lower() for word in words)


def _failure(args: tuple[str, ...], output: str) -> RangeError:
    """Turn the words of a failed command into the error a person can act on."""
    tail = "\n".join(output.strip().splitlines()[-_TAIL:])
    if "Cannot connect to the Docker daemon" in tail or "permission denied" in tail.lower():
        return EnvironmentUnfitError(
            f"no engine answers: {tail}", hint="start it, or run script/setup as root"
        )
    return RangeError(f"docker {args[0]} failed: {tail}")
