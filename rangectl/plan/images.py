"""What a role image is called: an address that follows from everything that goes into it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rangectl.plan.spec import RoleSpec


@dataclass(frozen=True, slots=True)
class RoleFile:
    """One file of a role; of its mode only whether it is a program matters, as in git."""

    content: bytes
    program: bool = False


RoleFiles = Mapping[str, RoleFile]


def base_tag(recipe: bytes) -> str:
    """Return the tag of the base image that this recipe makes."""
    return f"rangectl/base:{_digest([b'base', recipe])}"


def role_tags(base: str, roles: Sequence[tuple[RoleSpec, RoleFiles]]) -> tuple[str, ...]:
    """Return the tags of base + the first role, base + the first two, and so on.

    Stacks that begin alike have the first tags in common, and so their layers.
    """
    tags: list[str] = []
    below = base
    for role, files in roles:
        below = f"rangectl/role:{_digest([below.encode(), *_parts(role, files)])}"
        tags.append(below)
    return tuple(tags)


def role_digest(files: RoleFiles) -> str:
    """Return the digest of all files of a role."""
    parts = [
        part
        for path, file in sorted(files.items())
        for part in (path.encode(), b"program" if file.program else b"file", file.content)
    ]
    return _whole(parts)


def _parts(role: RoleSpec, files: RoleFiles) -> list[bytes]:
    """List all that makes the role what it is, in an order of its own."""
    parts = [role.name.encode(), json.dumps(sorted(role.build)).encode()]
    for path, file in sorted(files.items()):
        parts += [path.encode(), b"program" if file.program else b"file", file.content]
    return parts


def _digest(parts: Sequence[bytes]) -> str:
    return _whole(parts)[:24]


def _whole(parts: Sequence[bytes]) -> str:
    """Hash the parts so that no two lists of parts read the same."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big"))
        whole.update(part)
    return whole.hexdigest()
