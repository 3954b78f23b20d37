"""Ranges converge to what their topology asks for, and are proven to be contained."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rangectl.app.contain import Aim
from rangectl.app.reset import reset
from rangectl.app.up import build_images, up
from rangectl.engine.memory import MemoryEngine
from rangectl.errors import HonestNo, RangeError
from rangectl.plan.fabric import Attempt
from rangectl.ports import Started
from tests.app.world import TOPOLOGY, World, topology

HOSTS = ["client", "desk-1", "desk-2", "desk-3", "edge", "hunt01", "ns01", "sink01", "switch"]
LEAK = Attempt("web01", "office", "tcp", "192.0.2.1", control=False, reached=True)
SERVICES = 9
NEW_HOST = ("  desk:\n", "  mail01: {group: server, segments: [office]}\n\n  desk:\n")


def test_each_team_gets_a_switch_the_hosts_and_a_client() -> None:
    world = World()
    world.up("alder", "birch")
    for team in ("alder", "birch"):
        mine = [one.host for one in world.engine.seen() if one.range.team == team]
        assert mine == [*HOSTS, "web01"]


def test_a_first_up_tells_every_change_and_proves_every_range() -> None:
    done = World().up("alder", "birch")
    assert "minimal/birch: create web01: it is missing" in done.changes
    assert [proof.range for proof in done.proofs] == ["minimal/alder", "minimal/birch"]
    assert all(proof.attempts and proof.controls for proof in done.proofs)
    assert done.services == 2 * SERVICES
    assert [phase for phase, _ in done.seconds][-1] == "proof"


def test_a_second_up_changes_nothing_and_reads_the_structure_only() -> None:
    world = World()
    world.up()
    before, proofs = world.ids(), world.node.proofs
    done = world.up()
    assert (done.changes, world.ids(), world.node.proofs) == ((), before, proofs)


def test_a_host_removed_by_hand_comes_back_at_its_address() -> None:
    world = World()
    world.up()
    before, addresses = world.ids(), world.addresses()
    world.remove("web01")
    world.up()
    after = world.ids()
    assert world.addresses() == addresses
    assert {key for key in after if after[key] != before[key]} == {"minimal/alder web01"}
    assert world.box("web01").wired


def test_a_switch_removed_by_hand_comes_back() -> None:
    world = World()
    world.up()
    world.remove("switch")
    assert "minimal/alder: create switch: it is missing" in world.up().changes


def test_a_stopped_host_is_started_and_wired() -> None:
    world = World()
    world.up()
    before = world.ids()
    world.engine.stop(world.seen("ns01").id)
    assert "minimal/alder: start ns01: it is stopped" in world.up().changes
    assert world.ids() == before
    assert world.box("ns01").wired


def test_a_changed_definition_remakes_that_host_alone() -> None:
    world = World()
    world.up()
    before = world.ids()
    changed = topology(("roles: [web: {site: intranet}]", "roles: [web: {site: portal}]"))
    done = world.up(topology=changed)
    after = world.ids()
    assert {key for key in after if after[key] != before[key]} == {"minimal/alder web01"}
    (why,) = (line for line in done.changes if line.startswith("minimal/alder: remove web01: "))
    assert why.startswith("minimal/alder: remove web01: its image: sha256:")
    assert why.endswith("; roles.web.vars.site: intranet -> portal")


def test_a_new_host_remakes_and_moves_no_other() -> None:
    world = World()
    world.up()
    before, addresses = world.ids(), world.addresses()
    done = world.up(topology=topology(NEW_HOST))
    assert before.items() <= world.ids().items()
    assert addresses.items() <= world.addresses().items()
    assert "minimal/alder: create mail01: it is missing" in done.changes


def test_a_new_host_is_made_known_to_kit_and_resolver() -> None:
    world = World()
    world.up()
    world.up(topology=topology(NEW_HOST))
    assert "Host mail01\n" in world.text("hunt01", "/home/trainee/.ssh/config")
    assert '"mail01. 300 IN A' in world.text("ns01", "/etc/unbound/unbound.conf.d/zone.conf")


def test_a_resolver_reads_again_the_zone_that_changed_under_it() -> None:
    world = World()
    world.up()
    assert world.engine.ran == []
    world.up(topology=topology(NEW_HOST))
    reload = ("systemctl", "reload-or-restart", "unbound")
    assert world.engine.ran == [(world.seen("ns01").id, reload, "root")]


def test_a_host_that_left_the_topology_is_removed() -> None:
    world = World()
    world.up(topology=topology(NEW_HOST))
    done = world.up()
    assert "minimal/alder: remove mail01: it is not in the topology" in done.changes
    assert "minimal/alder mail01" not in world.ids()


def test_a_new_segment_remakes_the_switch_that_says_so() -> None:
    world = World()
    world.up()
    grown = topology(("segments:\n", "segments:\n  lab: {zone: partner, subnet: 10.20.2.0/24}\n"))
    done = world.up(topology=grown)
    why = "its segments.lab: none -> lab (zone partner, subnet 10.20.2.0/24, "
    assert any(line.startswith(f"minimal/alder: remove switch: {why}") for line in done.changes)
    assert reset(world.edges, "minimal/alder", ["web01"]).spec.segments[0].name == "lab"
    assert [why for why in world.up(topology=grown).changes if "create" in why] == []


def test_two_teams_have_the_same_addresses_and_other_secrets() -> None:
    world = World()
    world.up("alder", "birch")
    assert world.addresses("alder") == world.addresses("birch")
    path = "/etc/ssh/ssh_host_ed25519_key"
    assert world.text("web01", path, "alder") != world.text("web01", path, "birch")


def test_secrets_stay_when_hosts_come_and_go() -> None:
    world = World()
    world.up()
    path = "/etc/ssh/ssh_host_ed25519_key"
    before = world.text("web01", path)
    world.remove("web01")
    world.up(topology=topology(NEW_HOST))
    assert world.text("web01", path) == before
    assert world.secrets == 1


def test_images_are_built_once_for_all() -> None:
    world = World()
    world.up("alder", "birch")
    built = list(world.images.built)
    world.up("alder", "birch", "cedar")
    assert world.images.built == built
    assert len(set(built)) == len(built)


def test_images_can_be_built_before_any_range() -> None:
    world = World()
    made = build_images([TOPOLOGY], world.edges, world.said.append)
    assert {"debian", "debian + base + web", "debian + sinkhole"} <= made.keys()
    built = list(world.images.built)
    world.up()
    assert world.images.built == built


def test_a_leak_is_an_honest_no() -> None:
    world = World()
    world.node.leaks.append(LEAK)
    with pytest.raises(HonestNo, match=r"minimal/alder: leak: web01 .* reached 192\.0\.2\.1") as no:
        world.up()
    assert no.value.exit_code == 6


def test_a_range_that_failed_its_proof_is_not_taken_for_proven() -> None:
    world = World()
    world.node.leaks.append(LEAK)
    for _ in range(2):
        with pytest.raises(HonestNo):
            world.up()


def test_a_range_whose_up_was_cut_short_before_the_proof_is_proven_later() -> None:
    world = World()
    world.checker.down.add("intranet")
    with pytest.raises(RangeError):
        world.up()
    world.checker.down.clear()
    done = world.up()
    assert done.changes == ()
    assert done.services == SERVICES
    assert done.proofs[0].attempts > 0


def test_another_aim_is_another_proof() -> None:
    world = World()
    world.up()
    proofs = world.node.proofs
    aim = Aim(address="203.0.113.9")
    up(TOPOLOGY, "minimal", ["alder"], world.edges, world.said.append, aim)
    assert world.node.proofs == proofs + 1


def test_a_service_that_never_answers_is_named() -> None:
    world = World()
    world.checker.down.add("intranet")
    with pytest.raises(RangeError, match="alder: web01 intranet: no answer") as error:
        world.up()
    assert "login" not in str(error.value)
    assert error.value.exit_code == 5


class StillbornEngine(MemoryEngine):
    """Some hosts end as soon as they begin."""

    stillborn: str = ""

    def start(self, containers: Sequence[str]) -> Started:
        done = super().start(containers)
        for container in containers:
            if self.boxes[container].seen.host == self.stillborn:
                self.stop(container)
        return done


def test_a_host_that_never_comes_to_its_gate_is_named() -> None:
    engine = StillbornEngine()
    engine.stillborn = "web01"
    with pytest.raises(RangeError, match="minimal/alder: never came to the gate: web01"):
        World(engine).up()
