"""What stands and whether it answers, read from labels."""

from __future__ import annotations

from rangectl.app.status import status
from tests.app.world import World


def test_status_tells_every_host_from_its_labels() -> None:
    world = World()
    world.up("alder", "birch")
    lines = {(line.range, line.host): line for line in status(world.edges, None)}
    assert len(lines) == 2 * 8
    edge = lines["minimal/birch", "edge"]
    assert (edge.kind, edge.running) == ("router", True)
    assert edge.addresses[1] == ("office", "10.20.1.1")
    assert lines["minimal/alder", "web01"].checks == (("intranet", None), ("login", None))


def test_status_tells_what_does_not_answer() -> None:
    world = World()
    world.up()
    world.engine.stop(world.seen("web01").id)
    (web,) = (line for line in status(world.edges, "minimal") if line.host == "web01")
    assert not web.running
    assert web.checks == (("intranet", "no answer"), ("login", "no answer"))


def test_where_nothing_is_up_there_is_nothing_to_tell() -> None:
    assert status(World().edges, None) == ()


def test_without_its_client_a_range_is_told_and_not_called_well() -> None:
    world = World()
    world.up("alder", "birch")
    world.engine.remove([world.seen("client", "alder").id])
    lines = {(line.range, line.host): line for line in status(world.edges, None)}
    (intranet, _) = lines["minimal/alder", "web01"].checks
    assert intranet[1] is not None
    assert "rangectl up brings it back" in intranet[1]
    assert lines["minimal/birch", "web01"].checks == (("intranet", None), ("login", None))


def test_without_its_switch_a_range_is_told_and_hides_no_other() -> None:
    world = World()
    world.up("alder", "birch")
    world.engine.remove([world.seen("switch", "alder").id])
    lines = {(line.range, line.host): line for line in status(world.edges, "minimal")}
    ((_, trouble),) = lines["minimal/alder", "web01"].checks
    assert trouble is not None
    assert "its switch is gone" in trouble
    assert lines["minimal/birch", "web01"].checks == (("intranet", None), ("login", None))
    assert tuple(lines.values()) == status(world.edges, None)
