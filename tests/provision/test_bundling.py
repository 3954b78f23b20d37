"""Bundles are written from what engines give out, in each of its forms."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from rangectl.errors import RangeError
from rangectl.model.bundle import Image, Member
from rangectl.plan.bundle import config_name, layer_name
from rangectl.provision.bundling import take_apart
from rangectl.provision.tars import Writer, walk
from tests.provision.bundles import TAG, config, layer, sha, zipped

LOWER, UPPER = layer(text=b"x" * (2 << 20)), layer(text=b"upper")
OTHER = TAG.replace("base", "role")
BASE, ROLE = config(LOWER), config(LOWER, UPPER)
IMAGES = (
    Image(tag=TAG, config=sha(BASE), layers=(sha(LOWER),)),
    Image(tag=OTHER, config=sha(ROLE), layers=(sha(LOWER), sha(UPPER))),
)
NAMES = {layer_name(sha(LOWER)), layer_name(sha(UPPER)), config_name(sha(BASE))}
NAMES |= {config_name(sha(ROLE))}


def exported(files: dict[str, bytes], links: dict[str, str], *listed: dict[str, object]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in {**files, "manifest.json": json.dumps(listed).encode()}.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name, target in links.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return buffer.getvalue()


def taken(content: bytes) -> tuple[tuple[Image, ...], dict[str, Member], set[str]]:
    out, members = io.BytesIO(), dict[str, Member]()
    writer = Writer(out)
    images = take_apart(io.BytesIO(content), writer, members)
    writer.close()
    end = out.tell()
    return images, members, {one.name for one in walk(out, 0, end, 100)}


def listed(config: str, tag: str, *layers: str) -> dict[str, object]:
    return {"Config": config, "RepoTags": [tag], "Layers": list(layers)}


def test_folders_with_links_between_them() -> None:
    files = {"b.json": BASE, "r.json": ROLE, "1/layer.tar": LOWER, "2/layer.tar": UPPER}
    images, members, names = taken(
        exported(
            files,
            {"3/layer.tar": "../1/layer.tar"},
            listed("b.json", TAG, "3/layer.tar"),
            listed("r.json", OTHER, "1/layer.tar", "2/layer.tar"),
        )
    )
    assert images == IMAGES
    assert names == set(members) == NAMES


def test_folders_with_the_same_layer_twice() -> None:
    files = {"b.json": BASE, "r.json": ROLE, "1/layer.tar": LOWER, "2/layer.tar": UPPER}
    files["3/layer.tar"] = LOWER
    images, members, names = taken(
        exported(
            files,
            {},
            listed("b.json", TAG, "3/layer.tar"),
            listed("r.json", OTHER, "1/layer.tar", "2/layer.tar"),
        )
    )
    assert images == IMAGES
    assert names == set(members) == NAMES
    assert members[layer_name(sha(LOWER))].size == len(LOWER)


def test_blobs_that_are_packed() -> None:
    names = [f"blobs/sha256/{sha(one)}" for one in (BASE, ROLE, zipped(LOWER), zipped(UPPER))]
    files = dict(zip(names, (BASE, ROLE, zipped(LOWER), zipped(UPPER)), strict=True))
    base, role, lower, upper = names
    images, members, there = taken(
        exported(files, {}, listed(base, TAG, lower), listed(role, OTHER, lower, upper))
    )
    assert images == IMAGES
    assert there == set(members) == NAMES


def test_what_is_of_no_known_form_is_told() -> None:
    with pytest.raises(RangeError, match="unknown form"):
        taken(exported({"b.json": BASE}, {}, listed("b.json", TAG, "1/layer.tar")))
    with pytest.raises(RangeError, match="other layers"):
        taken(exported({"b.json": BASE, "1": UPPER}, {}, listed("b.json", TAG, "1")))


def test_the_same_makes_the_same_bundle(tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        with (tmp_path / name).open("wb") as file:
            writer = Writer(file)
            writer.add("x", b"1", program=True)
            writer.pour(io.BytesIO(LOWER), layer_name)
            writer.close()
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
