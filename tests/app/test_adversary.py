"""The adversary reacts, in memory: from what teams do to what is planted, hushed and sent."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rangectl.engine.memory import Entry
from rangectl.engine.memory_node import MemoryNode
from rangectl.implants.probes import TRAFFIC_QUERY
from rangectl.model.events import Injected, Observed, Planted, Reacted, Tipped
from rangectl.model.exercise import Exercise
from rangectl.model.planting import Artefact
from rangectl.plan.probing import Answer, Query
from rangectl.scoring.states import sites, state
from tests.app.play import SHORT, Play

KIT = "10.20.9.10"
CHAIN = (
    {"implant": "ssh.authkey", "on": "web01"},
    {"implant": "cron.dropin", "on": "web01"},
    {"implant": "c2.http", "on": "desk-1", "started_by": "cron.user", "period": "60s"},
)
RESERVE = (
    {"name": "second", "implant": "c2.http", "on": "desk-2", "started_by": "cron.user"},
    {"name": "gap", "implant": "cron.dropin", "on": "web01"},
)


def play(*rules: dict[str, object], **more: object) -> Play:
    """A run of five minutes of wall time."""
    reserve = [one for one in RESERVE if one["name"] in {rule.get("plant") for rule in rules}]
    karsk = {"sinkhole": "sink01", "chain": CHAIN, "reserve": reserve, "reactions": rules}
    clock = {"length": "50m", "compression": 10}
    files = SHORT.model_dump() | {"actors": {"karsk": karsk}, "clock": clock} | more
    return Play(("alder",), Exercise.model_validate(files))


def implant(played: Play, entry: str) -> Artefact:
    (found,) = [
        event.artefact
        for event in played.of(Planted)
        if event.artefact.entry == entry
        and event.artefact.nature == "implant"
        and event.at <= played.started
    ]
    return found


def cut(played: Play, entry: str) -> None:
    """Remove the line that an implant is, as a team would."""
    artefact = implant(played, entry)
    for part in artefact.components:
        if part.kind == "line" and part.path is not None and part.needle is not None:
            files = played.world.box(artefact.host).files
            old = files[part.path]
            kept = [line for line in old.content.splitlines() if part.needle.encode() not in line]
            text = b"".join(line + b"\n" for line in kept)
            files[part.path] = Entry(text, old.mode, old.owner, old.mtime)


def block(played: Play) -> None:
    """Let nothing arrive at the sinkhole any more, though it runs."""

    def forget(_: object) -> None:
        files = played.world.box("sink01").files
        files[TRAFFIC_QUERY.path] = Entry(b"", 0o644, "root", 0.0)

    played.world.clock.alarms.append(forget)


def contact(played: Play) -> None:
    hit = {
        "time": played.world.clock.now().timestamp(),
        "address": KIT,
        "request": "GET / HTTP/1.1",
    }
    log = played.world.box("sink01").files
    old = log[TRAFFIC_QUERY.path]
    text = old.content + json.dumps(hit).encode() + b"\n"
    log[TRAFFIC_QUERY.path] = Entry(text, old.mode, old.owner, old.mtime)


def done(played: Play) -> list[tuple[str, int]]:
    return [
        (event.do, round((event.at - played.started).total_seconds()))
        for event in played.of(Reacted)
    ]


def fate(played: Play, entry: str) -> str:
    life = sites(played.events)["alder"].implants[implant(played, entry).id]
    return state(life, SHORT.scoring.hold, played.events[-1].at, detected=False)


def test_what_is_removed_while_siblings_survive_is_put_back() -> None:
    played = play({"when": "removed", "do": "replant", "wait": "60s"})
    played.at(20, lambda: cut(played, "ssh.authkey"))
    played.start()
    ((what, when),) = done(played)
    assert (what, 80 <= when <= 86) == ("replant", True)
    assert fate(played, "ssh.authkey") == "regressed"
    assert played.of(Reacted)[0].artefacts == (implant(played, "ssh.authkey").id,)


def test_it_is_put_back_as_often_as_the_file_says() -> None:
    played = play({"when": "removed", "do": "replant", "wait": "30s", "times": 2})
    for second in (20, 90, 160):
        played.at(second, lambda: cut(played, "ssh.authkey"))
    played.start()
    assert [what for what, _ in done(played)] == ["replant", "replant"]
    assert fate(played, "ssh.authkey") == "removed"


def test_a_blocked_channel_is_followed_by_another_and_tips_him_off() -> None:
    played = play({"when": "blocked", "do": "fallback", "plant": "second", "wait": "60s"})
    played.at(5, lambda: block(played))
    played.start()
    assert [event.why for event in played.of(Tipped)] == ["early_block"]
    assert [what for what, _ in done(played)] == ["fallback"]
    fresh = [e for e in played.of(Planted) if e.at > played.started]
    assert [(e.artefact.entry, e.artefact.host) for e in fresh if e.artefact.actor] == [
        ("c2.http", "desk-2")
    ]
    assert {e.artefact.nature for e in fresh} == {"implant", "decoy", "noise"}
    assert fate(played, "c2.http") == "contained"


def test_who_is_contacted_goes_quiet_and_comes_back() -> None:
    rule: dict[str, object] = {"when": "tipped_off", "do": "go_quiet", "for": "120s", "wait": "30s"}
    played = play(rule, roe={"scope": {"segments": ["office"]}})
    played.at(20, lambda: contact(played))
    states: list[str] = []
    played.at(160, lambda: states.append(fate(played, "c2.http")))
    played.start()
    assert [(event.why, event.actor) for event in played.of(Tipped)] == [("contact", "karsk")]
    quiet, back = (when for _, when in done(played))
    assert [what for what, _ in done(played)] == ["go_quiet", "return"]
    assert back - quiet >= 120
    process = (implant(played, "c2.http").id, "process")
    seen = [e.present for e in played.of(Observed) if (e.artefact, e.component) == process]
    assert seen == [True, False, True]
    assert (states, fate(played, "c2.http")) == (["planted"], "active")
    assert played.board().team("alder").score.conduct_loss == 5


def test_benign_programs_go_on_while_an_adversary_is_quiet() -> None:
    played = play({"when": "tipped_off", "do": "go_quiet", "for": "120s", "wait": "30s"})
    played.at(20, lambda: contact(played))
    played.start()
    decoys = {e.artefact.id for e in played.of(Planted) if e.artefact.nature == "decoy"}
    assert [e for e in played.of(Observed) if e.artefact in decoys and not e.present] == []


def test_a_log_gap_is_planted_after_a_kill() -> None:
    played = play({"when": "killed", "do": "log_gap", "plant": "gap", "wait": "30s"})

    def kill() -> None:
        artefact = implant(played, "c2.http")
        host = played.world.seen(artefact.host).id
        (path,) = [one.path for one in artefact.components if one.kind == "process"]
        for one in played.world.node.cron.processes(host):
            if path in one.command:
                played.world.node.cron.kill(host, one.pid)

    played.at(20, kill)
    played.start()
    assert [what for what, _ in done(played)] == ["log_gap"]
    assert played.of(Reacted)[0].cause.startswith("killed ")


def test_injects_reach_the_kit_at_their_time_and_by_their_harm() -> None:
    played = play(
        msel=[{"at": "10m", "inject": "slow-server"}],
        threshold=[{"impact": 100, "inject": "hack-back"}],
    )
    played.start()
    assert [(e.inject, e.cause) for e in played.of(Injected)] == [
        ("slow-server", "msel 0"),
        ("hack-back", "threshold 0"),
    ]
    text = played.world.text("hunt01", "/srv/briefing/messages/01-slow-server.txt")
    assert "Subject: One of our servers is slow" in text
    assert "INJ-A" not in text
    assert "02-hack-back.txt" in "".join(played.kit().files)


def test_nobody_reacts_who_was_left_alone() -> None:
    played = play({"when": "tipped_off", "do": "go_quiet"})
    played.start()
    assert (done(played), played.of(Tipped)) == ([], [])


class BusyNode(MemoryNode):
    """A node agent that takes long over everything that is asked after the sinkholes' logs."""

    def probe(
        self, queries: Sequence[tuple[str, Sequence[Query]]]
    ) -> tuple[tuple[Answer, ...], ...]:
        answers = super().probe(queries)
        if any(TRAFFIC_QUERY in asked for _, asked in queries):
            self._clock.sleep(40)
        return answers


def test_a_slow_look_at_the_hosts_makes_no_channel_silent() -> None:
    played = play()
    played.world.node = BusyNode(played.world.engine, played.world.clock)
    played.start()
    traffic = [one.present for one in played.of(Observed) if one.component == "traffic"]
    assert set(traffic) == {True}
