"""The images of ranges: what there is, what it takes, and what nobody needs any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rangectl.app.edges import Edges
from rangectl.model.topology import Topology
from rangectl.plan.desired import desired
from rangectl.plan.shelf import Row, Shelved, on_disk, rows, surplus
from rangectl.plan.spec import RangeId
from rangectl.ports import Images


@dataclass(frozen=True, slots=True)
class Listing:
    """Every image with who uses it, and what all take together."""

    images: tuple[Row, ...]
    on_disk: int


@dataclass(frozen=True, slots=True)
class Pruned:
    """The images that went (or would go), why some would not go, and the room that is gained."""

    images: tuple[Row, ...]
    stayed: tuple[str, ...]
    freed: int


def tags_of(topology: Topology, images: Images) -> tuple[str, ...]:
    """Return the tags of all images that a topology needs, each after what it stands on."""
    spec = desired(topology, RangeId("image", "tags"), {})
    stacks = {
        (host.base, host.roles[:depth])
        for host in spec.hosts
        for depth in range(len(host.roles) + 1)
    }
    ordered = sorted(stacks, key=lambda stack: (len(stack[1]), str(stack)))
    return tuple(dict.fromkeys(images.tag(*stack) for stack in ordered))


def listing(edges: Edges, topologies: Iterable[Topology]) -> Listing:
    """Return what images there are, and which of these topologies and which ranges use them."""
    shelf = edges.shelf.images()
    return Listing(rows(shelf, _users(edges, topologies)), on_disk(shelf))


def prune(edges: Edges, topologies: Iterable[Topology], *, dry_run: bool) -> Pruned:
    """Remove the images that neither these topologies need nor any container uses.

    With `dry_run` nothing is removed. Removes what killed builds left, too.
    """
    shelf = edges.shelf.images()
    needed = [tag for topology in topologies for tag in tags_of(topology, edges.images)]
    used = {image for image, _ in edges.shelf.users()}
    used |= {one.id for one in shelf if one.tag in used}
    gone = surplus(shelf, needed, used)
    listed = {row.id: row for row in rows(shelf, {})}
    if dry_run:
        stays = [one for one in shelf if one not in gone]
        return Pruned(_listed(listed, [one.id for one in gone]), (), _freed(shelf, stays))
    edges.images.sweep()
    why = dict(zip((one.id for one in gone), edges.shelf.remove(gone), strict=True))
    left = edges.shelf.images()
    return Pruned(
        images=_listed(listed, [image for image, error in why.items() if error is None]),
        stayed=tuple(f"{listed[image].tag}: {error}" for image, error in why.items() if error),
        freed=_freed(shelf, left),
    )


def _users(edges: Edges, topologies: Iterable[Topology]) -> dict[str, set[str]]:
    users: dict[str, set[str]] = {}
    for topology in topologies:
        for tag in tags_of(topology, edges.images):
            users.setdefault(tag, set()).add(topology.name)
    for image, who in edges.shelf.users():
        users.setdefault(image, set()).add(who)
    return users


def _listed(listed: dict[str, Row], images: Sequence[str]) -> tuple[Row, ...]:
    return tuple(listed[image] for image in images)


def _freed(before: Sequence[Shelved], after: Sequence[Shelved]) -> int:
    return on_disk(before) - on_disk(after)
