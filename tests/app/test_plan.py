"""What `up` would do is told, and not done."""

from __future__ import annotations

from rangectl.app.plan import Plan, plan, told
from tests.app.world import TOPOLOGY, World, topology


def changes(made: Plan) -> list[str]:
    return [f"{one.do} {one.host}: {one.why}" for range_ in made.ranges for one in range_.changes]


def test_of_a_range_that_is_not_up_all_would_be_made_and_every_image_built() -> None:
    world = World()
    made = plan(TOPOLOGY, "minimal", ["alder"], world.edges)
    assert {one.do for one in made.ranges[0].changes} == {"create"}
    assert made.images is not None
    assert "debian + base + web(site=intranet)" in made.images
    assert world.engine.seen() == ()
    assert world.images.built == []


def test_without_an_engine_all_would_be_made_and_nothing_is_said_of_images() -> None:
    made = plan(TOPOLOGY, "minimal", ["alder", "birch"], None)
    assert [range_.fresh for range_ in made.ranges] == [True, True]
    assert made.images is None


def test_what_is_up_as_wanted_needs_nothing() -> None:
    world = World()
    world.up()
    made = plan(TOPOLOGY, "minimal", ["alder"], world.edges)
    assert (changes(made), made.images, made.ranges[0].fresh) == ([], (), False)
    assert told(made.ranges[0]) == ()


def test_what_is_planned_is_what_up_then_does() -> None:
    world = World()
    world.up()
    world.remove("web01")
    changed = topology(("count: 3", "count: 2"), ("memory: 128MiB", "memory: 64MiB"))
    planned = plan(changed, "minimal", ["alder"], world.edges).ranges[0].changes
    done = [one.partition(": ")[2] for one in world.up(topology=changed).changes]
    assert [one for one in done if one.startswith(("create", "remove", "start"))] == [
        f"{one.do} {one.host}: {'' if one.why.startswith('its') else 'it '}{one.why}"
        for one in planned
    ]


def test_an_image_that_is_not_built_yet_is_a_reason_to_make_a_host_anew() -> None:
    world = World()
    world.up()
    changed = topology(("roles: [resolver]", "roles: [resolver, workstation]"))
    made = plan(changed, "minimal", ["alder"], world.edges)
    assert made.images == ("debian + base + resolver + workstation",)
    assert any("-> to be built" in one for one in changes(made) if "ns01" in one)


def test_hosts_alike_are_told_in_one_line() -> None:
    made = plan(topology(("count: 3", "count: 12")), "minimal", ["alder"], None)
    lines = told(made.ranges[0])
    desks = "create desk-1 .. desk-12 (12 hosts): they are missing (base, workstation; office)"
    assert desks in lines
    assert len(lines) == 8


def test_cables_and_files_that_up_would_change_are_told_field_by_field() -> None:
    world = World()
    world.up()
    box = world.box("edge")
    box.wired = False
    box.personal = tuple(file for file in box.personal if file.path != "/etc/nftables.conf")
    made = plan(TOPOLOGY, "minimal", ["alder"], world.edges)
    assert changes(made) == [
        "wire edge: its /etc/nftables.conf: not given yet",
        "wire edge: its eth0.cable: none -> internet",
        "wire edge: its eth1.cable: none -> office",
        "wire edge: its eth2.cable: none -> kit",
    ]
    assert told(made.ranges[0])[0] == "wire edge: its /etc/nftables.conf: not given yet"
    assert world.up().changes == (
        *(f"minimal/alder: edge: plugged eth{number}" for number in range(3)),
        "minimal/alder: edge: put /etc/nftables.conf in place",
    )


def test_planning_changes_nothing() -> None:
    world = World()
    world.up()
    world.box("web01").wired = False
    plan(TOPOLOGY, "minimal", ["alder"], world.edges)
    assert not world.box("web01").wired


def test_of_what_goes_only_what_others_know_of_it_is_told() -> None:
    world = World()
    world.up()
    changed = topology(("count: 3", "count: 2"))
    made = plan(changed, "minimal", ["alder"], world.edges)
    found = changes(made)
    assert "remove desk-3: is not in the topology" in found
    assert not [one for one in found if one.startswith("wire desk")]
    assert [one for one in found if one.startswith("wire ns01")]


def test_without_a_switch_or_an_agent_wiring_is_not_compared() -> None:
    world = World()
    world.up()
    world.box("web01").wired = False
    world.node.kept.clear()
    assert not plan(TOPOLOGY, "minimal", ["alder"], world.edges).ranges[0].compared
    world.remove("switch")
    made = plan(TOPOLOGY, "minimal", ["alder"], world.edges).ranges[0]
    assert {one.do for one in made.changes} == {"create"}
