"""Whether a bundle holds what it says, nothing else, and nothing that would harm who opens it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from rangectl.model.bundle import Image, Manifest

MANIFEST = "manifest.json"
FILES = "files/"
_BLOB = re.compile(r"(?:layers/([0-9a-f]{64})\.tar|configs/([0-9a-f]{64})\.json)")
_FILE = re.compile(
    r"files/(?:topologies|exercises|traffic|docs|roles)(?:/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}){1,8}"
)
# What an engine would act on when a container starts, or take from its machine.
_UNWANTED = ("Volumes", "OnBuild", "Healthcheck", "ExposedPorts", "User", "Shell")
_KIND = ("rangectl.kind", "image")


def layer_name(digest: str) -> str:
    """Return where a layer stands in a bundle."""
    return f"layers/{digest}.tar"


def config_name(digest: str) -> str:
    """Return where the configuration of an image stands in a bundle."""
    return f"configs/{digest}.json"


def name_problem(name: str) -> str | None:
    """Return why nothing of this name may be in a bundle, or None."""
    return None if _BLOB.fullmatch(name) or _FILE.fullmatch(name) else f"{name!r}: no such place"


def problems(manifest: Manifest, sizes: Mapping[str, int]) -> tuple[str, ...]:
    """Return what is wrong with a bundle whose members have these sizes, but for their content."""
    missing = (f"{name}: not in it" for name in _missing(manifest, sizes))
    return (*_members(manifest, sizes), *_images(manifest), *missing)


def shadows(manifest: Manifest, needed: Collection[str]) -> tuple[str, ...]:
    """Return the images that none of a bundle's topologies needs: with their tags they would take
    the place of others' images on the engine.
    """
    tags = (image.tag for image in manifest.images if image.tag not in needed)
    return tuple(f"{tag}: none of its topologies needs it" for tag in tags)


def _members(manifest: Manifest, sizes: Mapping[str, int]) -> Iterator[str]:
    for name in sorted({*sizes, *manifest.members}):
        member, size = manifest.members.get(name), sizes.get(name)
        blob = _BLOB.fullmatch(name)
        if wrong := name_problem(name):
            yield wrong
        elif member is None:
            yield f"{name}: a foreign file"
        elif size is None:
            yield f"{name}: not in it"
        elif size != member.size:
            yield f"{name}: {size} bytes, not {member.size}"
        elif blob and member.sha256 not in blob.groups():
            yield f"{name}: called after another content"


def _images(manifest: Manifest) -> Iterator[str]:
    tags = [image.tag for image in manifest.images]
    yield from (f"{tag}: twice" for tag in sorted({one for one in tags if tags.count(one) > 1}))
    used = {name for image in manifest.images for name in _blobs(image)}
    blobs = {name for name in manifest.members if _BLOB.fullmatch(name)}
    yield from (f"{name}: no image has it" for name in sorted(blobs - used))


def _blobs(image: Image) -> tuple[str, ...]:
    return config_name(image.config), *map(layer_name, image.layers)


def _missing(manifest: Manifest, sizes: Mapping[str, int]) -> list[str]:
    blobs = [name for image in manifest.images for name in _blobs(image)]
    files = [FILES + place for place in (*manifest.topologies, *manifest.exercises)]
    files += [f"{FILES}roles/{role}/tasks/main.yml" for role in manifest.roles]
    there = {*sizes, *manifest.members}
    return sorted({name for name in (*blobs, *files) if name not in there})


def config_problems(image: Image, config: Mapping[str, Any], architecture: str) -> tuple[str, ...]:
    """Return why this is not the configuration of an image that rangectl made, as it is listed."""
    layers = [f"sha256:{digest}" for digest in image.layers]
    rootfs, settings = config.get("rootfs"), config.get("config")
    found = []
    if not isinstance(rootfs, Mapping) or rootfs.get("diff_ids") != layers:
        found.append("its layers are others than listed")
    if (config.get("os"), config.get("architecture")) != ("linux", architecture):
        found.append(f"it is not for linux on {architecture}")
    if not isinstance(settings, Mapping):
        return (*found, "it has no settings")
    labels = settings.get("Labels")
    if not isinstance(labels, Mapping) or labels.get(_KIND[0]) != _KIND[1]:
        found.append("rangectl did not make it")
    found += [f"it sets {name}" for name in _UNWANTED if settings.get(name)]
    return tuple(f"{image.tag}: {one}" for one in found)
