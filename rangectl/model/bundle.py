"""What a bundle is: everything an exercise needs, in one file, for a machine without a network."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from rangectl.model.base import Model, Name

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Tag = Annotated[str, StringConstraints(pattern=r"^rangectl/(base|role):[0-9a-f]{24}$")]
Place = Annotated[str, StringConstraints(min_length=1, max_length=240)]


class Member(Model):
    """One file of a bundle: what it must hash to, and how long it is."""

    sha256: Digest
    size: Annotated[int, Field(ge=0)]
    program: bool = False


class Image(Model):
    """One image: its name on an engine, its configuration, its layers from the bottom."""

    tag: Tag
    config: Digest
    layers: Annotated[tuple[Digest, ...], Field(min_length=1, max_length=127)]


class Manifest(Model):
    """The table of contents, which speaks for every byte of a bundle."""

    format: Literal[1]
    rangectl: Annotated[str, StringConstraints(max_length=40)]
    architecture: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,20}$")]
    topologies: Annotated[tuple[Place, ...], Field(max_length=100)]
    exercises: Annotated[tuple[Place, ...], Field(max_length=100)]
    roles: Annotated[dict[Name, Digest], Field(max_length=500)]
    images: Annotated[tuple[Image, ...], Field(min_length=1, max_length=1000)]
    members: Annotated[dict[Place, Member], Field(max_length=10000)]
