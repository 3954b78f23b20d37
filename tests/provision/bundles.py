"""Bundles made by hand, sound ones and others."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from typing import Any

from rangectl.model.bundle import Manifest
from rangectl.plan.bundle import MANIFEST, config_name, layer_name
from rangectl.provision.tars import Writer

TAG = "rangectl/base:" + "0" * 24
TOPOLOGY = "files/topologies/tiny.yaml"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def layer(*extra: tarfile.TarInfo, text: bytes = b"hello\n") -> bytes:
    """Return a layer with one file, and more."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        info = tarfile.TarInfo("etc/motd")
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text))
        for one in extra:
            archive.addfile(one)
    return buffer.getvalue()


def config(*layers: bytes, **settings: object) -> bytes:
    """Return the configuration of an image of these layers."""
    labels = {"rangectl.kind": "image"}
    whole = {
        "os": "linux",
        "architecture": "amd64",
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{sha(one)}" for one in layers]},
        "config": {"Labels": labels, **settings},
    }
    return json.dumps(whole).encode()


def members(*layers: bytes, settings: bytes | None = None) -> dict[str, bytes]:
    """Return what a bundle of one image and one topology holds, but for the manifest."""
    settings = settings or config(*layers)
    return {
        **{layer_name(sha(one)): one for one in layers},
        config_name(sha(settings)): settings,
        TOPOLOGY: b"version: 1\n",
    }


def manifest(held: Mapping[str, bytes], *layers: bytes, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return the manifest of what is held."""
    (settings,) = (content for name, content in held.items() if name.startswith("configs/"))
    image = {"tag": TAG, "config": sha(settings), "layers": [sha(one) for one in layers]}
    listed = {
        name: {"sha256": sha(content), "size": len(content)} for name, content in held.items()
    }
    whole = {
        "format": 1,
        "rangectl": "0.1.0",
        "architecture": "amd64",
        "topologies": ["topologies/tiny.yaml"],
        "exercises": [],
        "roles": {},
        "images": [image],
        "members": listed,
    }
    return {**whole, **changes}


def packed(held: Mapping[str, bytes], contents: Mapping[str, Any] | bytes) -> bytes:
    """Return the bundle of these members with this manifest."""
    buffer = io.BytesIO()
    writer = Writer(buffer)
    for name, content in held.items():
        writer.add(name, content)
    text = contents if isinstance(contents, bytes) else json.dumps(contents).encode()
    writer.add(MANIFEST, text)
    writer.close()
    return buffer.getvalue()


LAYER = layer()
HELD = members(LAYER)
CONTENTS = manifest(HELD, LAYER)
SOUND = packed(HELD, CONTENTS)
assert Manifest.model_validate(CONTENTS).images


def with_layer(made: bytes) -> bytes:
    """Return a bundle whose only layer is this one."""
    held = members(made)
    return packed(held, manifest(held, made))


def zipped(made: bytes) -> bytes:
    return gzip.compress(made, 0, mtime=0)
