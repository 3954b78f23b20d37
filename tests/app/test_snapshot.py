"""A host's files kept, and brought back."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rangectl.app.down import down
from rangectl.app.reset import reset
from rangectl.app.snapshot import WORD, Which, forget, kept, restore, take
from rangectl.engine.memory import Entry
from rangectl.errors import HonestNo, UsageError
from rangectl.plan.snapshots import Snapshot
from tests.app.world import World, topology

NOTE = "/srv/note"
NEW_HOST = ("  desk:\n", "  mail01: {group: server, segments: [office]}\n\n  desk:\n")


def write(world: World, host: str, path: str = NOTE, text: bytes = b"x") -> None:
    world.box(host).files[path] = Entry(text, 0o644, "root", 0.0)


@pytest.fixture
def world() -> World:
    made = World()
    made.up()
    write(made, "web01")
    return made


def test_a_restored_host_has_its_files_and_is_wired(world: World) -> None:
    addresses = world.addresses()
    take(world.edges, "minimal", "web01", WORD)
    reset(world.edges, "minimal", ["web01"])
    assert NOTE not in world.box("web01").files
    before = world.ids()
    restore(world.edges, "minimal", "web01", WORD)
    assert NOTE in world.box("web01").files
    assert world.box("web01").wired
    assert world.addresses() == addresses
    assert {key for key, one in world.ids().items() if before[key] != one} == {
        "minimal/alder web01"
    }


def test_what_became_of_a_file_of_the_host_stays_as_it_was_kept(world: World) -> None:
    keys = "/home/hunter/.ssh/authorized_keys"
    write(world, "web01", keys, b"another\n")
    take(world.edges, "minimal", "web01", WORD)
    reset(world.edges, "minimal", ["web01"])
    restore(world.edges, "minimal", "web01", WORD)
    assert world.text("web01", keys) == "another\n"


def test_files_that_the_topology_changed_since_are_put_in_place(world: World) -> None:
    take(world.edges, "minimal", "ns01", WORD)
    world.up(topology=topology(NEW_HOST))
    restore(world.edges, "minimal", "ns01", WORD)
    assert '"mail01. 300 IN A' in world.text("ns01", "/etc/unbound/unbound.conf.d/zone.conf")


def test_an_up_leaves_a_restored_host_as_it_is_and_a_reset_makes_it_fresh(world: World) -> None:
    take(world.edges, "minimal", "web01", WORD)
    restore(world.edges, "minimal", "web01", WORD)
    before = world.ids()
    assert world.up().changes == ()
    assert world.ids() == before
    reset(world.edges, "minimal", ["web01"])
    assert NOTE not in world.box("web01").files


def test_what_is_kept_under_the_same_word_takes_the_place_of_the_old(world: World) -> None:
    for word in ("one", "two", "one"):
        world.clock.sleep(1)
        take(world.edges, "minimal", "web01", word)
    assert [one.word for one in kept(world.edges, Which("minimal"))] == ["one", "two"]


def test_files_in_memory_alone_are_an_honest_no_unless_one_goes_without_them(world: World) -> None:
    for number in range(5):
        write(world, "web01", f"/dev/shm/{number}")  # noqa: S108 - a path of the host
    write(world, "web01", "/tmp/systemd-private-1-x/tmp/own")  # noqa: S108 - a path of the host
    with pytest.raises(HonestNo, match=r"/shm/0, .*/2 and 2 more$"):
        take(world.edges, "minimal", "web01", WORD)
    assert kept(world.edges, Which()) == ()
    assert take(world.edges, "minimal", "web01", WORD, anyway=True).host == "web01"


def test_what_was_never_kept_is_not_brought_back(world: World) -> None:
    take(world.edges, "minimal", "web01", "before")
    with pytest.raises(UsageError, match="nothing was kept as 'kept'") as error:
        restore(world.edges, "minimal", "web01", WORD)
    assert error.value.hint == "kept: before"
    with pytest.raises(UsageError, match="the switch is no host"):
        take(world.edges, "minimal", "switch", WORD)


def test_snapshots_go_with_their_range_and_no_others(world: World) -> None:
    world.up(name="other")
    take(world.edges, "minimal", "web01", WORD)
    take(world.edges, "other", "web01", WORD)
    assert down(world.edges, "minimal").snapshots == 1
    assert [one.range.name for one in kept(world.edges, Which())] == ["other"]


def words(found: Sequence[Snapshot]) -> list[str]:
    return [one.word for one in found]


def test_snapshots_that_are_used_stay_when_they_are_to_be_removed(world: World) -> None:
    take(world.edges, "minimal", "web01", "one")
    take(world.edges, "minimal", "ns01", "two")
    restore(world.edges, "minimal", "web01", "one")
    went, stayed = forget(world.edges, Which("minimal"))
    assert (words(went), words(stayed)) == (["two"], ["one"])
    assert words(kept(world.edges, Which())) == ["one"]


@pytest.mark.parametrize(
    "which",
    [
        Which("minimal", word="one"),
        Which("minimal/alder", "web01", "one"),
        Which("minimal", "web01"),
    ],
)
def test_one_snapshot_is_removed_and_the_others_stay(world: World, which: Which) -> None:
    take(world.edges, "minimal", "web01", "one")
    take(world.edges, "minimal", "ns01", "two")
    assert words(forget(world.edges, which)[0]) == ["one"]
    assert words(kept(world.edges, Which())) == ["two"]


@pytest.mark.parametrize("which", [Which(), Which("minimal/birch"), Which("minimal", "ns01")])
def test_what_is_to_be_removed_must_be_named_and_be_there(world: World, which: Which) -> None:
    take(world.edges, "minimal", "web01", "one")
    with pytest.raises(UsageError):
        forget(world.edges, which)
    assert words(kept(world.edges, Which())) == ["one"]
