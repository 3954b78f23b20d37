"""An exercise from the first edit to ENDEX, in memory, on a clock that only moves by sleeping."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rangectl.app.control import stop
from rangectl.app.plant import LEASE_SECONDS
from rangectl.app.reset import reset
from rangectl.engine.memory_node import MemoryNode
from rangectl.errors import HonestNo, RangeError, UsageError
from rangectl.implants.lease import LEASE_PATH
from rangectl.implants.probes import TRAFFIC_QUERY
from rangectl.model.events import Ended, Observed, Planted, RangeReady, Rebuilt, ServiceChecked
from rangectl.plan.fabric import Attempt
from rangectl.plan.probing import Answer, Edit, Query, Refresh
from tests.app.hunter import Hunter
from tests.app.play import SHORT, Play
from tests.app.world import World

LEAK = Attempt("web01", "office", "tcp", "192.0.2.1", control=False, reached=True)


def short(*teams: str) -> Play:
    return Play(teams or ("alder",), SHORT)


def planted(play: Play, host: str) -> list[Planted]:
    return [
        event
        for event in play.of(Planted)
        if event.artefact.host == host and event.artefact.nature == "implant"
    ]


def rebuilds(play: Play) -> list[tuple[str, str]]:
    return [(event.host, event.by) for event in play.of(Rebuilt)]


def unseen(play: Play, host: str) -> set[str]:
    """Return the implants of a host of which something was ever seen to be gone."""
    there = {event.artefact.id for event in planted(play, host)}
    gone = (event.artefact for event in play.of(Observed) if not event.present)
    return there & set(gone)


def test_startex_comes_once_every_required_component_was_seen() -> None:
    play = short("alder", "birch")
    play.start()
    before = play.events[: [event.kind for event in play.events].index("started")]
    seen = {(e.team, e.artefact, e.component) for e in before if isinstance(e, Observed)}
    wanted = {
        (event.team, event.artefact.id, part.id)
        for event in before
        if isinstance(event, Planted) and event.artefact.nature == "implant"
        for part in event.artefact.components
        if part.required
    }
    assert len(wanted) == 2 * 6
    assert wanted <= seen


def test_nothing_is_planted_before_every_range_is_ready() -> None:
    play = short("alder", "birch")
    play.start()
    kinds = [event.kind for event in play.events]
    assert kinds[:4] == ["run-created", "range-ready", "range-ready", "planted"]
    assert all(event.attempts > 0 for event in play.of(RangeReady))


def test_nothing_is_planted_where_a_leak_is_found() -> None:
    play = short()
    play.world.node.leaks.append(LEAK)
    with pytest.raises(HonestNo, match="containment does not hold"):
        play.start()
    assert play.events == ()


def test_an_exercise_whose_programs_never_start_is_not_begun() -> None:
    play = short()
    play.world.clock.alarms.clear()
    with pytest.raises(RangeError, match="not everything that was planted stands"):
        play.start()
    assert "started" not in [event.kind for event in play.events]


def test_what_comes_later_is_planted_at_its_time_on_the_exercise_clock() -> None:
    play = short()
    play.start()
    (late,) = [e for e in planted(play, "web01") if e.artefact.entry == "cron.dropin"]
    assert late.at - play.started == timedelta(minutes=5) / SHORT.clock.compression


def test_leases_are_renewed_every_minute_on_every_host_of_the_partner() -> None:
    play = short()
    left: list[float] = []

    def look(now: datetime) -> None:
        hosts = ("web01", "ns01", "edge", "desk-1", "desk-2", "desk-3")
        left.extend(play.lease(host) - now.timestamp() for host in hosts)

    play.scripts.append(look)
    play.start()
    assert min(left) >= LEASE_SECONDS - 62
    assert LEASE_PATH not in play.world.box("hunt01").files


def test_programs_fall_silent_when_nobody_renews_their_lease() -> None:
    play = short()
    play.start()
    play.world.clock.alarms[:] = play.world.clock.alarms[:1]
    for _ in range(12):
        play.world.clock.sleep(60)
    hosts = (one.id for one in play.world.engine.seen())
    assert [process for host in hosts for process in play.world.node.cron.processes(host)] == []


def test_services_are_checked_and_every_result_recorded() -> None:
    play = short()
    play.at(30, lambda: play.world.checker.down.add("intranet"))
    play.start()
    down = [event for event in play.of(ServiceChecked) if not event.up]
    assert {(event.host, event.service) for event in down} == {("web01", "intranet")}
    assert not any(event.excused for event in down)


def test_what_an_instructor_resets_is_planted_again_and_costs_nobody() -> None:
    play = short()
    play.at(20, lambda: reset(play.world.edges, "first-light/alder", ["web01"]))
    play.start()
    assert rebuilds(play) == [("web01", "instructor")]
    assert len(planted(play, "web01")) == 3
    assert unseen(play, "web01") == set()


def test_a_reset_that_is_seen_halfway_does_no_harm() -> None:
    play = short()
    play.at(20, lambda: play.world.remove("web01"))
    play.at(32, lambda: play.world.up("alder", name="first-light"))
    play.start()
    assert rebuilds(play) == [("web01", "instructor")]
    assert unseen(play, "web01") == set()
    (late,) = [e for e in planted(play, "web01") if e.artefact.entry == "cron.dropin"]
    assert timedelta(seconds=32) < late.at - play.started < timedelta(seconds=50)


def test_what_is_due_on_a_host_that_restarts_is_planted_when_it_is_back() -> None:
    play = short()
    play.at(25, lambda: play.world.engine.stop(play.world.seen("web01").id))
    play.at(50, lambda: play.world.engine.start([play.world.seen("web01").id]))
    play.start()
    (late,) = [e for e in planted(play, "web01") if e.artefact.entry == "cron.dropin"]
    assert timedelta(seconds=50) <= late.at - play.started <= timedelta(seconds=61)
    assert play.of(Ended)[-1].why == "time"


def test_silence_of_a_sinkhole_is_no_silence_of_an_implant() -> None:
    play = short()
    play.at(20, lambda: play.world.engine.stop(play.world.seen("sink01").id))
    play.start()
    assert [event for event in play.of(Observed) if not event.present] == []


def test_a_flood_at_a_sinkhole_is_no_silence_of_an_implant() -> None:
    play = short()

    def flood(now: datetime) -> None:
        hit = {"time": now.timestamp(), "address": "10.20.9.10", "request": "GET / HTTP/1.1"}
        log = play.world.box("sink01").files[TRAFFIC_QUERY.path]
        more = (json.dumps(hit).encode() + b"\n") * 4000
        play.world.box("sink01").files[TRAFFIC_QUERY.path] = replace(
            log, content=log.content[-TRAFFIC_QUERY.size :] + more
        )

    play.scripts.append(flood)
    play.start()
    assert [event for event in play.of(Observed) if not event.present] == []


def test_time_ends_an_exercise() -> None:
    play = short()
    play.start()
    (ended,) = play.of(Ended)
    assert ended.why == "time"
    assert ended.at - play.started == SHORT.clock.length / SHORT.clock.compression


def test_an_instructor_can_say_endex() -> None:
    play = short()
    play.at(15, lambda: stop(play.log, play.world.clock))
    play.start()
    (ended,) = play.of(Ended)
    assert (ended.why, ended.at - play.started) == ("stopped", timedelta(seconds=15))
    assert play.world.clock.now() - ended.at <= timedelta(seconds=2)


def test_a_run_that_is_over_cannot_be_stopped_or_gone_on_with() -> None:
    play = short()
    play.start()
    with pytest.raises(UsageError, match="this run is over"):
        stop(play.log, play.world.clock)
    with pytest.raises(UsageError, match="the run 'first-light' is over"):
        play.start()


def test_a_team_that_removes_all_and_is_done_ends_it_early_with_all_points() -> None:
    play = Play(("alder", "birch"))
    play.scripts.append(Hunter(play.kit()))
    play.at(5, lambda: play.kit("birch").hand_in({"kind": "done"}))
    play.start()
    (ended,) = play.of(Ended)
    assert ended.why == "decided"
    assert timedelta(seconds=180) < ended.at - play.started < timedelta(seconds=300)
    assert play.board().score("alder") >= 95
    assert play.board().score("birch") <= 5


def test_a_killed_beacon_is_back_within_its_starters_period() -> None:
    play = short()
    pids: list[int] = []
    ids: list[str] = []

    def kill() -> None:
        (beacon,) = [
            e for e in play.of(Planted) if e.artefact.entry == "c2.http" and e.artefact.actor
        ]
        host = play.world.seen(beacon.artefact.host).id
        path = beacon.artefact.components[1].path
        (process,) = [p for p in play.world.node.cron.processes(host) if path in p.command]
        pids.append(process.pid)
        ids.append(beacon.artefact.id)
        play.world.node.cron.kill(host, process.pid)

    play.at(10, kill)
    play.start()
    process = (ids[0], "process")
    seen = [e for e in play.of(Observed) if (e.artefact, e.component) == process]
    assert [event.present for event in seen] == [True, False, True]
    assert seen[0].pid == pids[0] != seen[2].pid
    assert seen[2].at - seen[1].at <= timedelta(seconds=62)


def test_two_worlds_with_the_same_secrets_play_the_same_exercise() -> None:
    plays = [short(), short()]
    for play in plays:
        play.start()
    assert plays[0].events == plays[1].events


def test_ranges_of_another_name_are_left_alone() -> None:
    play = Play(("alder",), SHORT, world=World())
    play.world.up(name="other")
    play.start()
    other = [one for one in play.world.engine.seen("other") if one.host == "web01"]
    assert LEASE_PATH not in play.world.engine.boxes[other[0].id].files


class AbsentNode(MemoryNode):
    """A node agent that is away for a while, as one that was killed is."""

    away = False

    def probe(
        self, queries: Sequence[tuple[str, Sequence[Query]]]
    ) -> tuple[tuple[Answer, ...], ...]:
        if self.away:
            message = "the node agent went away"
            raise RangeError(message)
        return super().probe(queries)


class SlowNode(MemoryNode):
    """A node agent that takes long to refresh hosts on which there is too much."""

    took = 0
    crowded = False

    def plant(
        self, edits: Sequence[tuple[str, Sequence[Edit]]]
    ) -> tuple[tuple[str | None, ...], ...]:
        if self.crowded and any(isinstance(one, Refresh) for _, mine in edits for one in mine):
            self._clock.sleep(10)
            self.took += 10
        return super().plant(edits)


def absent(play: Play) -> AbsentNode:
    node = AbsentNode(play.world.engine, play.world.clock)
    play.world.node = node
    return node


def test_a_team_that_keeps_things_from_being_planted_holds_up_nobody_for_long() -> None:
    play = Play(("alder", "birch"))
    node = play.world.node = SlowNode(play.world.engine, play.world.clock)

    def crowd() -> None:
        node.crowded = True
        play.world.engine.stop(play.world.seen("web01").id)

    play.at(25, crowd)
    play.start()
    assert 0 < node.took <= play.exercise.clock.length.total_seconds() / 10 / 5


def test_an_agent_that_is_away_for_a_moment_ends_no_run() -> None:
    play = short()
    node = absent(play)
    play.at(20, lambda: setattr(node, "away", True))
    play.at(30, lambda: setattr(node, "away", False))
    play.start()
    assert [event.why for event in play.of(Ended)] == ["time"]
    assert "tried again soon: the node agent went away" in [one.text for one in play.world.said]


def test_an_agent_that_stays_away_does() -> None:
    play = short()
    node = absent(play)
    play.at(5, lambda: setattr(node, "away", True))
    with pytest.raises(RangeError, match="went away"):
        play.start()
