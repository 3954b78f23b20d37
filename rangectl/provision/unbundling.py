"""Reading a bundle: every byte is checked before a file is written or the engine is told."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from rangectl.errors import InvalidFileError, RangeError
from rangectl.model.bundle import Image, Manifest
from rangectl.model.words import told
from rangectl.plan.bundle import FILES, MANIFEST, config_name, config_problems, layer_name, problems
from rangectl.progress import Progress, Tell
from rangectl.provision import tars
from rangectl.provision.engine_cli import DockerCli
from rangectl.provision.tars import BadArchiveError, Entry

_MOST_MEMBERS = 10_000
_LARGEST_MANIFEST, _LARGEST_CONFIG, _LARGEST_FILE = 8 << 20, 1 << 20, 16 << 20
_SHOWN = 20
_LOADING = 1800.0


class Bundle:
    """An open bundle whose manifest was read and whose every byte is as the manifest says."""

    def __init__(self, place: Path, file: BinaryIO) -> None:
        """InvalidFileError with all that is wrong."""
        self.place = place
        self._file = file
        try:
            self._entries = self._walk()
            self.seal, self.manifest = self._manifest()
            self._refuse(problems(self.manifest, self._sizes()))
        except BadArchiveError as error:
            raise self._bad([str(error)]) from error

    def check(self, tell: Tell) -> None:
        """Check what every member holds, each layer, and each image's configuration."""
        size = sum(self._sizes().values())
        tell(Progress("phase", f"verify: {size / 1e6:.0f} MB in {len(self._entries)} members"))
        wrong = [
            f"{name}: not what the manifest says it is"
            for name, member in self.manifest.members.items()
            if self._digest(name) != member.sha256
        ]
        self._refuse(wrong)
        self._refuse([line for image in self.manifest.images for line in self._config(image)])
        for digest in {digest for image in self.manifest.images for digest in image.layers}:
            entry = self._entries[layer_name(digest)]
            try:
                tars.check_layer(self._file, entry.at, entry.size)
            except BadArchiveError as error:
                raise self._bad([f"{entry.name}: {error}"]) from error

    def _walk(self) -> dict[str, Entry]:
        self._file.seek(0, 2)
        found: dict[str, Entry] = {}
        for entry in tars.walk(self._file, 0, self._file.tell(), _MOST_MEMBERS):
            if not tars.plain(entry):
                raise self._bad([f"{entry.name!r}: not a plain file"])
            if entry.name in found:
                raise self._bad([f"{entry.name!r}: twice"])
            if entry.name.startswith(FILES) and entry.size > _LARGEST_FILE:
                raise self._bad([f"{entry.name!r}: larger than {_LARGEST_FILE >> 20} MiB"])
            found[entry.name] = entry
        return found

    def _manifest(self) -> tuple[str, Manifest]:
        entry = self._entries.get(MANIFEST)
        if entry is None or entry.size > _LARGEST_MANIFEST:
            raise self._bad([f"no {MANIFEST} is in it" if entry is None else "too long a manifest"])
        text = self._content(entry)
        try:
            manifest = Manifest.model_validate_json(text)
        except ValidationError as error:
            raise self._bad([f"{MANIFEST}: {next(told(error))}"]) from error
        return hashlib.sha256(text).hexdigest(), manifest

    def _sizes(self) -> dict[str, int]:
        return {name: one.size for name, one in self._entries.items() if name != MANIFEST}

    def _refuse(self, lines: list[str] | tuple[str, ...]) -> None:
        if lines:
            raise self._bad(lines)

    def _bad(self, lines: list[str] | tuple[str, ...]) -> InvalidFileError:
        more = [f"{self.place}: and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
        told = (*(f"{self.place}: {line}" for line in lines[:_SHOWN]), *more)
        hint = "it is no bundle, or was damaged or changed on its way; nothing was touched"
        return InvalidFileError(told, hint=hint)

    def _pieces(self, entry: Entry) -> Iterator[bytes]:
        self._file.seek(entry.at)
        left = entry.size
        while left:
            piece = self._file.read(min(left, tars.PIECE))
            if not piece:
                raise self._bad([f"{entry.name}: it ends in the middle"])
            left -= len(piece)
            yield piece

    def _content(self, entry: Entry) -> bytes:
        return b"".join(self._pieces(entry))

    def _digest(self, name: str) -> str:
        digest = hashlib.sha256()
        for piece in self._pieces(self._entries[name]):
            digest.update(piece)
        return digest.hexdigest()

    def _config(self, image: Image) -> tuple[str, ...]:
        entry = self._entries[config_name(image.config)]
        try:
            config = json.loads(self._content(entry)) if entry.size < _LARGEST_CONFIG else None
        except (ValueError, RecursionError):
            config = None
        if not isinstance(config, dict):
            return (f"{image.tag}: its configuration is none",)
        return config_problems(image, config, self.manifest.architecture)

    def unpack(self, folder: Path) -> None:
        """Write its files into a new folder."""
        for name, member in self.manifest.members.items():
            if name.startswith(FILES):
                path = folder / name.removeprefix(FILES)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(self._content(self._entries[name]))
                path.chmod(0o755 if member.program else 0o644)

    def load(self, docker: DockerCli) -> None:
        """Hand the images to an engine, in an archive made of what was checked and of no more.

        What is handed over is checked once more on its way; the engine takes nothing before it saw
        the end.
        """
        pipe = subprocess.PIPE
        command = [docker.program(), "image", "load"]
        with subprocess.Popen(  # noqa: S603 - ours
            command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, env=docker.env
        ) as loading:
            if loading.stdin is None:
                raise AssertionError
            try:
                for piece in self._archive():
                    loading.stdin.write(piece)
                output, _ = loading.communicate(timeout=_LOADING)
            except BrokenPipeError:
                output, _ = loading.communicate(timeout=_LOADING)
                loading.returncode = loading.returncode or 1
            finally:
                loading.kill()
        if loading.returncode:
            message = f"the engine did not take the images: {output.decode(errors='replace')}"
            raise RangeError(message.strip()[:2000])

    def _archive(self) -> Iterator[bytes]:
        """Yield an archive such as the engine makes itself; its table of contents comes last."""
        images = self.manifest.images
        for digest in dict.fromkeys(digest for image in images for digest in image.layers):
            yield from self._file_of(f"{digest}.tar", layer_name(digest))
        for digest in dict.fromkeys(image.config for image in images):
            yield from self._file_of(f"{digest}.json", config_name(digest))
        listed = [
            {
                "Config": f"{image.config}.json",
                "RepoTags": [image.tag],
                "Layers": [f"{digest}.tar" for digest in image.layers],
            }
            for image in images
        ]
        text = json.dumps(listed).encode()
        yield tars.header(MANIFEST, len(text)) + text + tars.padding(len(text))
        yield bytes(2 * tars.BLOCK)

    def _file_of(self, name: str, member: str) -> Iterator[bytes]:
        entry, digest = self._entries[member], hashlib.sha256()
        yield tars.header(name, entry.size)
        for piece in self._pieces(entry):
            digest.update(piece)
            yield piece
        yield tars.padding(entry.size)
        if digest.hexdigest() != self.manifest.members[member].sha256:
            raise self._bad([f"{member}: it changed while it was read"])
