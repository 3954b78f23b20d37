"""What teams hand in: verified, recorded, answered, and never judged to their faces."""

from __future__ import annotations

import hashlib
import json

import pytest

from rangectl.app import desk
from rangectl.app.control import order
from rangectl.engine.memory import Entry
from rangectl.engine.memory_node import MemoryNode
from rangectl.errors import RangeError
from rangectl.model.events import Answered, Ended, Observed, Planted, Rebuilt, Submitted
from rangectl.model.injects import COMMON
from rangectl.plan.fabric import Fabric, Wired
from rangectl.plan.keys import key_pair
from tests.app.hunter import OUTBOX, Piece
from tests.app.play import SHORT, Play

KEY = "/home/trainee/.ssh/partner"
TRUE = hashlib.sha256(b"\x7fELF true").hexdigest()


def short(*teams: str) -> Play:
    return Play(teams or ("alder",), SHORT)


def finding(host: str = "web01", sha256: str = TRUE, **more: object) -> Piece:
    evidence = {"kind": "file", "path": "/usr/bin/true", "sha256": sha256}
    return {"kind": "finding", "host": host, "evidence": [evidence], **more}


def played(*pieces: object, play: Play | None = None) -> Play:
    """Hand these in, under the ids 0001, 0002 ... in turn, and play to the end."""
    play = play or short()
    kit = play.kit()
    for number, piece in enumerate(pieces):
        play.at(5 + number, lambda piece=piece: kit.hand_in(piece))  # type: ignore[misc]
    play.start()
    return play


def receipt(play: Play, name: str = "0001") -> Piece:
    found = play.kit().receipt(name)
    assert found is not None
    return found


def test_a_finding_is_recorded_with_what_the_range_says_of_its_evidence() -> None:
    play = played(finding(), finding(sha256="0" * 64))
    first, second = play.of(Submitted)
    assert (first.team, first.id, first.checks) == ("alder", "0001", (True,))
    assert second.checks == (False,)


def test_evidence_of_what_was_removed_meanwhile_still_counts() -> None:
    play = short()
    kit = play.kit()

    def remove_then_report() -> None:
        (implant,) = [
            e.artefact
            for e in play.of(Planted)
            if e.artefact.entry == "ssh.authkey" and e.artefact.actor
        ]
        path = implant.components[0].path or ""
        line = play.world.text("web01", path).splitlines()[-1]
        del play.world.box("web01").files[path]
        evidence = {"kind": "line", "path": path, "line": line}
        kit.hand_in({"kind": "finding", "host": "web01", "evidence": [evidence]})

    play.at(10, remove_then_report)
    play.start()
    assert [event.checks for event in play.of(Submitted)] == [(True,)]


def test_receipts_are_the_same_for_right_and_wrong() -> None:
    play = played(finding(), finding(sha256="0" * 64), finding(host="ns01"))
    receipts = [receipt(play, name) for name in ("0001", "0002", "0003")]
    assert [one["id"] for one in receipts] == ["0001", "0002", "0003"]
    assert {(one["status"], one["message"]) for one in receipts} == {("received", "thank you")}


@pytest.mark.parametrize(
    ("piece", "reason"),
    [
        (b"not json", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 30_000, "not JSON"),
        ([], "must be a mapping"),
        ({"kind": "verdict"}, "finding, request, reply, done"),
        (finding(evidence=[]), "finding.evidence: must not be empty"),
        (finding(score=100), "finding.score: unknown key"),
        (finding(host="nobody"), "host: not a host of the partner's"),
        (finding(host="sink01"), "host: not a host of the partner's"),
        (finding(host="switch"), "host: not a host of the partner's"),
        ({"kind": "request", "action": "rebuild"}, "host: not a host of the partner's"),
        ({"kind": "request", "action": "rebuild", "host": "hunt01"}, "host: not a host"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_with_a_reason_and_all_else_goes_on(
    piece: object, reason: str
) -> None:
    play = played(piece, finding())
    refusal = receipt(play)
    assert refusal["status"] == "refused"
    assert reason in refusal["message"]
    assert [event.id for event in play.of(Submitted)] == ["0002"]


def test_an_outbox_is_emptied_of_whatever_is_in_it() -> None:
    play = short()
    files = (f"{OUTBOX}/{name}" for name in ("a.json", "B.json", "..json", "x.txt", "a\n.json"))
    entry = Entry(json.dumps(finding()).encode(), 0o644, "trainee", 0.0)
    play.at(5, lambda: play.kit().files.update(dict.fromkeys(files, entry)))
    play.start()
    assert [path for path in play.kit().files if path.startswith(OUTBOX)] == []
    assert [event.id for event in play.of(Submitted)] == ["a"]


def test_an_id_that_was_used_is_ignored() -> None:
    play = short()
    kit = play.kit()
    play.at(5, lambda: kit.hand_in(finding(), "x"))
    play.at(10, lambda: kit.hand_in(finding("ns01"), "x"))
    play.at(15, lambda: kit.hand_in({"kind": "request", "action": "partner-seat"}, "x"))
    play.start()
    (only,) = play.of(Submitted)
    assert getattr(only.submission, "host", "") == "web01"
    assert KEY not in kit.files
    assert f"{OUTBOX}/x.json" not in kit.files


def test_teams_use_the_same_ids_without_harm() -> None:
    play = short("alder", "birch")
    for team in play.teams:
        play.at(5, lambda team=team: play.kit(team).hand_in(finding(), "x"))  # type: ignore[misc]
    play.start()
    assert [(event.team, event.id) for event in play.of(Submitted)] == [
        ("alder", "x"),
        ("birch", "x"),
    ]


def test_the_partners_key_comes_to_the_kit_once_it_was_asked_for() -> None:
    play = short("alder", "birch")
    play.at(5, lambda: play.kit().hand_in({"kind": "request", "action": "partner-seat"}))
    run = play.start()
    key = key_pair(run.ranges["alder"].secret, "partner", "partner@site")
    assert play.kit().files[KEY].content == key.private
    assert play.world.text("web01", "/home/partner/.ssh/authorized_keys") == key.public + "\n"
    assert receipt(play)["status"] == "approved"
    assert [(event.request, event.approved) for event in play.of(Answered)] == [("0001", True)]
    assert KEY not in play.kit("birch").files


def test_a_rebuilt_host_is_clean_and_its_implants_are_seen_to_be_gone() -> None:
    play = short()
    before: list[str] = []
    play.at(4, lambda: before.append(play.world.seen("web01").id))
    play = played({"kind": "request", "action": "rebuild", "host": "web01"}, play=play)
    assert before != [play.world.seen("web01").id]
    assert [(event.host, event.by) for event in play.of(Rebuilt)] == [("web01", "partner")]
    gone = {event.artefact for event in play.of(Observed) if not event.present}
    first = {e.artefact.id for e in play.of(Planted) if e.at <= play.started}
    there = [e.artefact for e in play.of(Planted) if e.artefact.actor and e.artefact.id in first]
    mine = {artefact.id for artefact in there}
    assert gone & mine == {artefact.id for artefact in there if artefact.host == "web01"}
    assert receipt(play)["status"] == "approved"
    assert play.lease("web01") > play.world.clock.now().timestamp()


def test_many_letters_are_taken_in_turns() -> None:
    play = short()
    kit = play.kit()
    play.at(5, lambda: [kit.hand_in(finding()) for _ in range(70)])
    play.start()
    assert [event.id for event in play.of(Submitted)] == [f"{n:04d}" for n in range(1, 71)]


def test_a_host_is_rebuilt_once_in_a_while_however_often_it_is_asked_for() -> None:
    ask = {"kind": "request", "action": "rebuild", "host": "web01"}
    play = played(ask, ask, ask)
    assert len(play.of(Rebuilt)) == 1
    assert [receipt(play, name)["status"] for name in ("0001", "0003")] == ["approved", "refused"]


def test_a_flood_of_findings_ends_but_requests_are_still_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(desk, "_MOST", 3)
    ask = {"kind": "request", "action": "partner-seat"}
    play = played(*([finding()] * 5), ask)
    assert [event.id for event in play.of(Submitted)] == ["0001", "0002", "0003", "0006"]
    assert "no more than 3" in receipt(play, "0004")["message"]
    assert receipt(play, "0006")["status"] == "approved"


@pytest.mark.parametrize("piece", [{"kind": "request", "action": "partner-seat"}, {"kind": "done"}])
def test_a_flood_of_anything_else_ends_too(monkeypatch: pytest.MonkeyPatch, piece: Piece) -> None:
    monkeypatch.setattr(desk, "_MOST", 2)
    rebuild = {"kind": "request", "action": "rebuild", "host": "web01"}
    play = played(*([piece] * 6), rebuild, play=short("alder", "birch"))
    assert [event.id for event in play.of(Submitted)] == ["0001", "0002", "0003", "0004", "0007"]
    assert receipt(play, "0006")["status"] == "refused"


def test_a_host_that_never_comes_to_its_gate_keeps_no_other_from_being_rebuilt() -> None:
    play = short()
    play.at(4, lambda: play.world.engine.stop(play.world.seen("ns01").id))
    played({"kind": "request", "action": "rebuild", "host": "web01"}, play=play)
    assert [event.host for event in play.of(Rebuilt)] == ["web01"]


class WedgedNode(MemoryNode):
    """A node agent that cannot wire one team's range, for what that team did to its router."""

    def wire(self, fabric: Fabric, timeout: float = 15.0) -> Wired:
        if self.wedged and fabric.range.team == "alder":
            message = "node: wire: Network is unreachable"
            raise RangeError(message)
        return super().wire(fabric, timeout)

    wedged = False


def test_a_rebuild_that_never_works_ends_no_run_and_keeps_no_other_team_waiting() -> None:
    play = short("alder", "birch")
    node = play.world.node = WedgedNode(play.world.engine, play.world.clock)
    rebuild = {"kind": "request", "action": "rebuild", "host": "web01"}
    birch = play.kit("birch")
    play.at(4, lambda: setattr(node, "wedged", True))
    play.at(5, lambda: play.kit("alder").hand_in(rebuild))
    play.at(10, lambda: birch.hand_in(rebuild))
    play.at(80, lambda: birch.hand_in(finding()))
    play.start()
    assert [(event.team, event.by) for event in play.of(Rebuilt)] == [("birch", "partner")]
    assert [event.team for event in play.of(Submitted)] == ["alder", "birch", "birch"]
    assert play.of(Ended)[-1].why == "time"


def test_a_team_that_asks_for_many_rebuilds_keeps_no_other_team_waiting() -> None:
    play = short("alder", "birch")
    hosts = ("desk-1", "desk-2", "desk-3", "web01")
    asks = [{"kind": "request", "action": "rebuild", "host": host} for host in hosts]
    alder = play.kit("alder")
    play.at(5, lambda: [alder.hand_in(ask) for ask in asks])
    play.at(5, lambda: play.kit("birch").hand_in(asks[0]))
    play.start()
    assert [event.team for event in play.of(Rebuilt)] == ["alder", "birch", *["alder"] * 3]


def test_a_reply_is_recorded_and_one_to_nothing_that_was_sent_is_refused() -> None:
    play = short()
    play.at(3, lambda: order(play.log, play.world.clock, "hack-back", None, COMMON))
    right: Piece = {"kind": "reply", "message": "hack-back", "text": "No."}
    play = played(right | {"message": "ally-tip"}, *[right] * 5, play=play)
    assert receipt(play)["status"] == "refused"
    assert "has reached you" in receipt(play)["message"]
    assert receipt(play, "0006")["status"] == "received"
