"""Writing a bundle: images as the engine gives them out, taken apart into layers, and files."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from rangectl.errors import RangeError
from rangectl.model.bundle import Image, Manifest, Member
from rangectl.plan.bundle import FILES, MANIFEST, config_name, layer_name, name_problem
from rangectl.plan.images import RoleFile
from rangectl.provision.engine_cli import DockerCli
from rangectl.provision.tars import Readable, Writer

_SMALL = 1 << 20
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a bundle beside images: files by place, and what they are."""

    files: Mapping[str, RoleFile]
    topologies: tuple[str, ...]
    exercises: tuple[str, ...]
    roles: Mapping[str, str]


@dataclass(slots=True)
class _Export:
    """What the engine gave out: small files whole, of layers their digest, all by name."""

    small: dict[str, bytes] = field(default_factory=dict)
    layers: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)


class Bundling:
    """Writes one bundle."""

    def __init__(self, docker: DockerCli, version: str) -> None:
        self.docker = docker
        self.version = version

    def write(self, place: Path, tags: Sequence[str], contents: Contents) -> Manifest:
        """Write a bundle of these images and files, whole or not at all."""
        part = place.with_name(f".{place.name}.part")
        try:
            with part.open("wb") as file:
                manifest = self._write(file, tags, contents)
            part.replace(place)
        except OSError as error:
            message = f"{place}: {error.strerror}"
            raise RangeError(message) from error
        finally:
            part.unlink(missing_ok=True)
        return manifest

    def _write(self, file: BinaryIO, tags: Sequence[str], contents: Contents) -> Manifest:
        writer, members = Writer(file), dict[str, Member]()
        with self._exported(tags) as stream:
            images = take_apart(stream, writer, members)
        for name, one in sorted(contents.files.items()):
            if wrong := name_problem(FILES + name):
                message = f"{wrong} in a bundle"
                raise RangeError(message, hint="rename it: letters, digits, dots and hyphens")
            _add(writer, members, FILES + name, one)
        manifest = Manifest(
            format=1,
            rangectl=self.version,
            architecture=self.docker.architecture(),
            topologies=contents.topologies,
            exercises=contents.exercises,
            roles=dict(contents.roles),
            images=images,
            members=members,
        )
        writer.add(MANIFEST, manifest_bytes(manifest))
        writer.close()
        return manifest

    @contextmanager
    def _exported(self, tags: Sequence[str]) -> Iterator[BinaryIO]:
        """Give the archive that the engine makes of images."""
        command = [self.docker.program(), "image", "save", *tags]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdout=pipe, stderr=pipe, env=self.docker.env) as saving:  # noqa: S603 - ours
            if saving.stdout is None or saving.stderr is None:
                raise AssertionError
            try:
                yield cast("BinaryIO", saving.stdout)
            except tarfile.TarError as error:
                said = saving.stderr.read().decode(errors="replace").strip()
                message = f"the engine did not give out its images: {said or error}"
                raise RangeError(message) from error
            finally:
                saving.kill()


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return a manifest as it stands in a bundle, always the same for the same."""
    return json.dumps(manifest.model_dump(), indent=1, sort_keys=True).encode() + b"\n"


def take_apart(stream: BinaryIO, writer: Writer, members: dict[str, Member]) -> tuple[Image, ...]:
    """Put the layers and configurations of an engine's archive into a bundle, each once; return the
    images that they make.
    """
    export = _read(stream, writer, members)
    try:
        listed: list[dict[str, Any]] = json.loads(export.small["manifest.json"])
        return tuple(_image(one, export, writer, members) for one in listed)
    except (KeyError, ValueError) as error:
        message = f"the engine's archive of its images is of an unknown form: {error!r}"
        raise RangeError(message) from error


def _read(stream: BinaryIO, writer: Writer, members: dict[str, Member]) -> _Export:
    """Read the engine's archive once; layers go into the bundle as they come."""
    export = _Export()
    with tarfile.open(mode="r|", fileobj=stream) as archive:
        for entry in archive:
            source = archive.extractfile(entry) if entry.isreg() else None
            if entry.issym():
                export.links[entry.name] = entry.linkname.removeprefix("../")
            elif source is not None and entry.size <= _SMALL:
                export.small[entry.name] = source.read()
            elif source is not None:
                export.layers[entry.name] = _pour(source, writer, members)
    return export


def _pour(source: Readable, writer: Writer, members: dict[str, Member]) -> str:
    """Put a layer into the bundle, unpacked, unless it is there already; return its digest."""
    head = source.read(2)
    whole: Readable = _Rest(head, source)
    if head == _GZIP:
        whole = gzip.GzipFile(fileobj=cast("BinaryIO", whole))
    digest, size = writer.pour(
        whole, lambda digest: None if layer_name(digest) in members else layer_name(digest)
    )
    members[layer_name(digest)] = Member(sha256=digest, size=size)
    return digest


class _Rest:
    """A stream whose beginning was read already."""

    def __init__(self, head: bytes, source: Readable) -> None:
        self._head = head
        self._source = source

    def read(self, size: int, /) -> bytes:
        """Return so many bytes, or fewer."""
        if not self._head:
            return self._source.read(size)
        head, self._head = self._head[:size], self._head[size:]
        return head


def _image(
    listed: dict[str, Any], export: _Export, writer: Writer, members: dict[str, Member]
) -> Image:
    config = export.small[listed["Config"]]
    digest = hashlib.sha256(config).hexdigest()
    _add(writer, members, config_name(digest), RoleFile(config))
    layers = tuple(_layer(name, export, writer, members) for name in listed["Layers"])
    given = [one.removeprefix("sha256:") for one in json.loads(config)["rootfs"]["diff_ids"]]
    (tag,) = listed["RepoTags"]
    if given != list(layers):
        message = f"the engine's archive has other layers for {tag} than its configuration"
        raise RangeError(message)
    return Image(tag=tag, config=digest, layers=layers)


def _layer(name: str, export: _Export, writer: Writer, members: dict[str, Member]) -> str:
    """Return the digest of a layer; a small one goes into the bundle only now."""
    name = export.links.get(name, name)
    if name not in export.layers:
        export.layers[name] = _pour(io.BytesIO(export.small[name]), writer, members)
    return export.layers[name]


def _add(writer: Writer, members: dict[str, Member], name: str, file: RoleFile) -> None:
    if name in members:
        return
    try:
        writer.add(name, file.content, program=file.program)
    except ValueError as error:
        message = f"{name}: too long a name for a bundle"
        raise RangeError(message) from error
    digest = hashlib.sha256(file.content).hexdigest()
    members[name] = Member(sha256=digest, size=len(file.content), program=file.program)
