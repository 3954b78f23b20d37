"""Bundles: collected from files and the engine, and brought to both again."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata
from pathlib import Path

from rangectl.app.images import tags_of
from rangectl.app.up import build_images
from rangectl.errors import InvalidFileError, RangeError, UsageError
from rangectl.model.bundle import Manifest
from rangectl.model.parse.exercises import load_exercise
from rangectl.model.parse.topologies import load_topology
from rangectl.model.topology import Topology
from rangectl.plan.bundle import shadows
from rangectl.plan.desired import desired
from rangectl.plan.images import RoleFile, role_digest
from rangectl.plan.shelf import Layers, stands_on
from rangectl.plan.spec import RangeId
from rangectl.progress import Progress, Tell
from rangectl.provision.base import BASES
from rangectl.provision.bundling import Bundling, Contents
from rangectl.provision.engine_cli import DockerCli
from rangectl.provision.images import RoleImages
from rangectl.provision.rolebook import Rolebook
from rangectl.provision.unbundling import Bundle
from rangectl.store import library
from rangectl.wiring import machine, reading

_OURS = "reference=rangectl/*"
_BASE = "rangectl/base:"


@dataclass(frozen=True, slots=True)
class Bundled:
    """What is in a bundle; `seal` is the digest of its table of contents, and so of all.

    `loaded` is false where the engine had all images before. `stale` are images that were there and
    stand on another build of the base than the bundle's.
    """

    place: str
    seal: str
    size: int
    images: tuple[str, ...]
    topologies: tuple[str, ...]
    exercises: tuple[str, ...]
    roles: tuple[str, ...]
    loaded: bool = False
    stale: tuple[str, ...] = ()


@dataclass(slots=True)
class _Collected:
    """The files of a bundle as they are found."""

    files: dict[str, RoleFile] = field(default_factory=dict)
    topologies: dict[str, Topology] = field(default_factory=dict)
    exercises: list[str] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)

    def put(self, place: str, file: RoleFile) -> str:
        """Note a file under its place in the bundle; UsageError where another one has that."""
        name = os.path.normpath(place)
        if self.files.setdefault(name, file) != file:
            message = f"two files would be {name} in the bundle"
            raise UsageError(message, hint="bundle them apart, or rename one")
        return name


def save(names: Sequence[str], place: Path, tell: Tell) -> Bundled:
    """Write exercises and topologies, with all they need, into one file; build what lacks.

    Variables of files have their defaults in it.
    """
    if place.exists():
        message = f"{place} exists"
        raise UsageError(message, hint="give another name, or remove it")
    if not place.parent.is_dir():
        message = f"there is no folder {place.parent}"
        raise UsageError(message)
    found = _Collected()
    for name in names:
        _collect(found, name)
    edges = machine.edges()
    wanted = list(found.topologies.values())
    build_images(wanted, edges, tell)
    tags = dict.fromkeys(tag for topology in wanted for tag in tags_of(topology, edges.images))
    tell(Progress("phase", f"save: {len(tags)} images"))
    contents = Contents(found.files, tuple(found.topologies), tuple(found.exercises), found.roles)
    Bundling(machine.docker(), metadata.version("rangectl")).write(place, list(tags), contents)
    try:
        with _opened(place) as bundle, _unpacked(bundle, place.parent, tell):
            return _bundled(bundle)
    except BaseException:
        place.unlink()
        raise


def _collect(found: _Collected, name: str) -> None:
    """Collect an exercise with its briefing and topology, or a topology."""
    if reading.kind_of(name) != "exercise":
        _collect_topology(found, library.find("topologies", name))
        return
    path, exercise = reading.exercise(name)
    text = RoleFile(library.read(path))
    found.exercises.append(found.put(f"exercises/{path.name}", text))
    beside = (path.parent / exercise.briefing).is_file()
    briefing = library.briefing(exercise.briefing, path).encode()
    found.put(f"{'exercises' if beside else 'docs'}/{exercise.briefing}", RoleFile(briefing))
    if exercise.noise.traffic is not None:
        profile = library.find("traffic", exercise.noise.traffic, path)
        found.put(f"exercises/traffic/{profile.name}", RoleFile(library.read(profile)))
    _collect_topology(found, library.find("topologies", exercise.topology, path))


def _collect_topology(found: _Collected, path: Path) -> None:
    """Collect a topology, what it includes, and the roles of its hosts."""
    fetch = library.included(path)

    def note(place: str) -> bytes:
        text = fetch(place)
        found.put(f"topologies/{place}", RoleFile(text))
        return text

    book = Rolebook(*library.roles())
    topology = _topology(path, book, note)
    name = found.put(f"topologies/{path.name}", RoleFile(library.read(path)))
    found.topologies[name] = topology
    spec = desired(topology, RangeId("image", "bundle"), {})
    for role in {role for host in spec.hosts for role in host.roles}:
        files = book.read(role)
        found.roles[role.name] = role_digest(files)
        for place, file in files.items():
            found.put(f"roles/{role.name}/{place}", file)


def _topology(path: Path, book: Rolebook, fetch: Callable[[str], bytes]) -> Topology:
    text = library.read(path)
    return load_topology(text, str(path), book.known(), BASES, fetch=fetch).model


def load(place: Path, folder: Path, seal: str | None, tell: Tell) -> Bundled:
    """Check a bundle whole, then give its images to the engine and its files to a new folder."""
    if folder.exists():
        message = f"{folder} exists"
        raise UsageError(message, hint="say --to FOLDER, one that is not there yet")
    if not folder.parent.is_dir():
        message = f"there is no folder {folder.parent}"
        raise UsageError(message)
    docker = machine.docker()
    with _opened(place) as bundle:
        if seal is not None and bundle.seal != seal.lower():
            message = f"{place}: its seal is {bundle.seal}, not {seal}"
            raise InvalidFileError((message,), hint="it is another bundle, or was changed")
        _must_fit(bundle, docker)
        with _unpacked(bundle, folder.parent, tell) as made:
            loaded = _load(bundle, docker, tell)
            made.chmod(0o755)
            made.rename(folder)
        return _bundled(bundle, loaded=loaded, stale=_stale(bundle.manifest, docker))


@contextmanager
def _opened(place: Path) -> Iterator[Bundle]:
    if not place.is_file():
        message = f"there is no file {place}"
        raise UsageError(message)
    try:
        with place.open("rb") as file:
            yield Bundle(place, file)
    except OSError as error:
        message = f"{error.filename or place}: {error.strerror}"
        raise RangeError(message) from error


def _must_fit(bundle: Bundle, docker: DockerCli) -> None:
    mine, its = docker.architecture(), bundle.manifest.architecture
    if mine != its:
        message = f"{bundle.place}: its images are for {its}, and this engine is of {mine}"
        raise InvalidFileError((message,), hint="make a bundle on a machine of the same kind")


@contextmanager
def _unpacked(bundle: Bundle, parent: Path, tell: Tell) -> Iterator[Path]:
    """Give a folder that holds the files of a bundle which is sound, whole and of this version.

    It is removed in the end, unless it was renamed.
    """
    bundle.check(tell)
    folder = Path(tempfile.mkdtemp(prefix=".bundle-", dir=parent))
    try:
        bundle.unpack(folder)
        _must_hold_all(bundle, folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _must_hold_all(bundle: Bundle, folder: Path) -> None:
    """Check that its files are sound, and that every image they need is in it."""
    manifest, book = bundle.manifest, Rolebook(folder / "roles")
    for role, digest in manifest.roles.items():
        if role_digest(book.files(role)) != digest:
            message = f"{bundle.place}: the role {role} is another than listed"
            raise InvalidFileError((message,))
    found = {}
    for place in manifest.topologies:
        path = folder / place
        found[path.stem] = _topology(path, book, library.included(path))
    for place in manifest.exercises:
        path = folder / place
        load_exercise(
            library.read(path),
            str(path),
            found,
            reading.starters(),
            partial(_has_briefing, path),
            {one.stem for one in folder.glob("exercises/traffic/*.yaml")},
        )
    images = RoleImages(book, library.home())
    needed = {tag for topology in found.values() for tag in tags_of(topology, images)}
    if not needed <= {image.tag for image in manifest.images}:
        message = f"{bundle.place}: rangectl {manifest.rangectl} made it, for other images than"
        hint = "load it with that version, or make it anew with this one"
        raise InvalidFileError((f"{message} this version would use",), hint=hint)
    if foreign := shadows(manifest, needed):
        lines = tuple(f"{bundle.place}: {line}" for line in foreign)
        raise InvalidFileError(lines, hint="they could pass for images of other topologies")


def _has_briefing(exercise: Path, briefing: str) -> bool:
    return library.find_briefing(briefing, exercise) is not None


def _load(bundle: Bundle, docker: DockerCli, tell: Tell) -> bool:
    """Give the engine the images, unless it has them; what was half loaded goes again."""
    wanted = {
        image.tag: tuple(f"sha256:{digest}" for digest in image.layers)
        for image in bundle.manifest.images
    }
    before = _layers(docker)
    if all(before.get(tag) == layers for tag, layers in wanted.items()):
        return False
    tell(Progress("phase", f"load: {len(wanted)} images"))
    try:
        bundle.load(docker)
        _must_be_there(wanted, _layers(docker))
    except BaseException:
        for tag in wanted.keys() & _layers(docker).keys() - before.keys():
            docker.run("image", "rm", tag)
        raise
    return True


def _must_be_there(wanted: Mapping[str, Layers], there: Mapping[str, Layers]) -> None:
    lost = sorted(tag for tag, layers in wanted.items() if there.get(tag) != layers)
    if lost:
        message = f"the engine took the images, and does not have {', '.join(lost)}"
        raise RangeError(message)


def _layers(docker: DockerCli) -> dict[str, Layers]:
    return {tag: image.layers for image in docker.images(_OURS) for tag in image.tags}


def _stale(manifest: Manifest, docker: DockerCli) -> tuple[str, ...]:
    """Return the images that do not stand on the bundle's base, and would be built anew."""
    there = _layers(docker)
    mine = {image.tag for image in manifest.images}
    bases = [layers for tag, layers in there.items() if tag in mine and tag.startswith(_BASE)]
    return tuple(
        sorted(
            tag
            for tag, layers in there.items()
            if tag not in mine and not any(stands_on(layers, base) for base in bases)
        )
    )


def _bundled(bundle: Bundle, *, loaded: bool = False, stale: tuple[str, ...] = ()) -> Bundled:
    manifest = bundle.manifest
    return Bundled(
        place=str(bundle.place),
        seal=bundle.seal,
        size=bundle.place.stat().st_size,
        images=tuple(image.tag for image in manifest.images),
        topologies=manifest.topologies,
        exercises=manifest.exercises,
        roles=tuple(manifest.roles),
        loaded=loaded,
        stale=stale,
    )
