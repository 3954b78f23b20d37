"""Images listed with who uses them, and removed where nobody does."""

from __future__ import annotations

from rangectl.app.down import down
from rangectl.app.images import listing, prune, tags_of
from rangectl.app.up import build_images
from tests.app.world import TOPOLOGY, World, topology

OTHER = topology(("name: minimal", "name: other"), ("{site: intranet}", "{site: extranet}"))
SMALL = topology(("roles: [web: {site: intranet}]", "roles: [resolver]"))
MIB = 1 << 20


def built() -> World:
    world = World()
    build_images([TOPOLOGY], world.edges, world.said.append)
    return world


def test_a_topology_needs_its_images_and_all_they_stand_on() -> None:
    world = built()
    assert set(tags_of(TOPOLOGY, world.images)) == set(world.images.built)


def test_images_are_listed_with_the_topologies_and_ranges_that_use_them() -> None:
    world = World()
    world.up("alder")
    found = listing(world.edges, [TOPOLOGY, OTHER])
    by_roles = {row.roles: row for row in found.images}
    assert by_roles["base", "web"].used_by == ("minimal", "minimal/alder")
    assert by_roles["base",].used_by == ("minimal", "other")
    assert by_roles["base", "web"].own == MIB
    assert found.on_disk == len(found.images) * MIB


def test_what_no_topology_needs_goes() -> None:
    world = built()
    done = prune(world.edges, [SMALL], dry_run=False)
    assert [row.roles for row in done.images] == [("base", "web")]
    assert (done.stayed, done.freed) == ((), MIB)
    assert set(world.images.built) == set(tags_of(SMALL, world.images))


def test_a_dry_run_says_the_same_and_removes_nothing() -> None:
    world = built()
    before = list(world.images.built)
    said = prune(world.edges, [SMALL], dry_run=True)
    assert world.images.built == before
    assert said == prune(world.edges, [SMALL], dry_run=False)


def test_what_a_range_uses_stays_until_the_range_is_gone() -> None:
    world = World()
    world.up("alder")
    assert prune(world.edges, [], dry_run=False).images == ()
    down(world.edges, "minimal")
    prune(world.edges, [], dry_run=False)
    assert world.images.built == []


def test_what_is_pruned_and_needed_again_is_built_again() -> None:
    world = built()
    prune(world.edges, [], dry_run=False)
    assert build_images([TOPOLOGY], world.edges, world.said.append)
    assert listing(world.edges, [TOPOLOGY]).images
