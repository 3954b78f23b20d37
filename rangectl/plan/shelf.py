"""The images that an engine holds for ranges: what each takes, and which nobody needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

Layers = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shelved:
    """An image on the engine; `tag` is empty when another has taken its name.

    `layers` are the digests of what it is stacked of, from the bottom; `size` is that of all.
    """

    id: str
    tag: str
    roles: tuple[str, ...]
    layers: Layers
    size: int


@dataclass(frozen=True, slots=True)
class Row:
    """One image as it is listed: `own` is what it adds to the image that it stands on."""

    id: str
    tag: str
    roles: tuple[str, ...]
    size: int
    own: int
    used_by: tuple[str, ...]


def rows(shelf: Sequence[Shelved], users: Mapping[str, Collection[str]]) -> tuple[Row, ...]:
    """Return the images, each after what it stands on; `users` are names by id or tag."""
    owns = _owns(shelf)
    return tuple(
        Row(
            id=one.id,
            tag=one.tag,
            roles=one.roles,
            size=one.size,
            own=owns[one.layers] if _first(shelf, one) else 0,
            used_by=tuple(sorted({*users.get(one.id, ()), *users.get(one.tag, ())})),
        )
        for one in sorted(shelf, key=lambda one: (one.roles, one.tag, one.id))
    )


def on_disk(shelf: Sequence[Shelved]) -> int:
    """Return what all these images take, layers that they share counted once."""
    return sum(_owns(shelf).values())


def surplus(
    shelf: Sequence[Shelved], needed: Collection[str], used: Collection[str]
) -> tuple[Shelved, ...]:
    """Return the images to remove, those first that stand on others.

    Stays: what has a `needed` tag, is `used` by its id, or lies under one of these.
    """
    kept = [one for one in shelf if one.id in used or (one.tag and one.tag in needed)]
    gone = [one for one in shelf if not any(_under(one, other) for other in kept)]
    return tuple(sorted(gone, key=lambda one: (-len(one.layers), one.tag, one.id)))


def stands_on(image: Layers, base: Layers) -> bool:
    """Return whether an image was made on top of this base, whatever either is called by now."""
    return image[: len(base)] == base


def _under(lower: Shelved, upper: Shelved) -> bool:
    return lower.id == upper.id or (
        len(lower.layers) < len(upper.layers) and stands_on(upper.layers, lower.layers)
    )


def _owns(shelf: Sequence[Shelved]) -> dict[Layers, int]:
    """Return, for every stack of layers that is an image, what it adds to the next one below."""
    sizes = {one.layers: one.size for one in shelf}
    return {layers: size - _below(layers, sizes) for layers, size in sizes.items()}


def _below(layers: Layers, sizes: Mapping[Layers, int]) -> int:
    shorter = (layers[:depth] for depth in range(len(layers) - 1, 0, -1))
    return next((sizes[below] for below in shorter if below in sizes), 0)


def _first(shelf: Sequence[Shelved], image: Shelved) -> bool:
    """Whether it is the first one of these layers: what has two names takes its room once."""
    return next(one for one in shelf if one.layers == image.layers) is image
