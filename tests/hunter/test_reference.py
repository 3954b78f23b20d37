"""The pace of the reference hunter, and when he hands in what he found."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event
from typing import Any

import pytest

from rangectl.hunter.reading import View, read_view
from rangectl.hunter.reference import ROUND, Hunter, pause
from rangectl.hunter.register import Register, read_register
from rangectl.hunter.seat import Seat, SeatError
from rangectl.hunter.timing import CYCLE
from tests.hunter.test_leads import EMPTY, JOB, PROGRAM, beacon
from tests.hunter.test_register import TOLD

SLOW = {"name": "web02", "address": "10.20.1.11", "segment": "office", "roles": ["base"]}
LOGIN = "2026-11-18T14:54:57+00:00 web01 sshd[1]: Accepted password for uucp from 10.20.1.7 port 9"


class Room(Seat):
    """A seat beside two hosts: web02 tells nothing before what web01 showed was handed in."""

    def __init__(self) -> None:
        self.tell = lambda _: None
        self.told = {"web01": beacon(running=True), "web02": EMPTY}
        self.given: list[dict[str, Any]] = []
        self.came = Event()
        self.in_time = self.shut = False
        self.silent = {"web01", "web02"}
        self.clock = 0.0

    def now(self) -> float:
        self.clock += 1
        return self.clock

    def register(self) -> Register:
        known: dict[str, Any] = {"pollers": [], "jobs": [JOB], "keys": [], "programs": []}
        return read_register(TOLD | known | {"hosts": [*TOLD["hosts"], SLOW]})

    def has_partner_seat(self) -> bool:
        return False

    def own_keys(self) -> frozenset[str]:
        return frozenset()

    def survey(self, host: str, ask: dict[str, Any]) -> View:
        assert not ask["wide"]
        if host == "web02":
            self.in_time = self.came.wait(5)
        return read_view(self.told[host])

    def traces(self, host: str, watched: Sequence[str], excluded: Sequence[str]) -> dict[str, Any]:
        assert not [*watched, *excluded]
        if host in self.silent:
            raise SeatError(host)
        lists = ("files", "capable", "processes", "mounts", "audit", "packages")
        log = [LOGIN] if host == "web01" else []
        return {key: [] for key in lists} | {"passwd": "", "auth": log}

    def evict(self, host: str, plan: Sequence[dict[str, Any]]) -> list[str]:
        self.told[host] = EMPTY
        return ["done" for _ in plan]

    def submit(self, findings: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        if self.shut:
            return list(findings)
        self.given += findings
        if findings:
            self.came.set()
        return []


@pytest.mark.parametrize(
    ("begun", "now", "wanted"),
    [
        (0, 3, ROUND - 3),
        (0, ROUND + 5, 0),
        (CYCLE - 4, CYCLE - 1, 1),
        (CYCLE, CYCLE + 3, ROUND - 3),
    ],
    ids=["a round", "late", "the cycle is over first", "after the cycle"],
)
def test_the_next_round_begins_in_time(begun: float, now: float, wanted: float) -> None:
    assert pause(begun, now, CYCLE) == wanted


def test_what_one_host_shows_is_handed_in_before_a_slow_one_answers() -> None:
    room = Room()
    Hunter(room).look()
    assert room.in_time
    assert [one["technique"] for one in room.given] == ["T1071.001"]


def test_what_was_handed_in_is_no_news_and_what_is_gone_stands_no_more() -> None:
    room = Room()
    hunter = Hunter(room)
    hunter.look()
    hunter.look()
    assert (hunter.fresh, hunter.quiet, len(room.given)) == (0, 1, 1)
    assert hunter.present == {("web01", f"poller {PROGRAM}")}
    room.told["web01"] = EMPTY
    hunter.look()
    assert (hunter.present, hunter.quiet) == (set(), 2)


def test_what_was_refused_is_handed_in_once_more() -> None:
    room = Room()
    room.came.set()
    room.shut = True
    hunter = Hunter(room)
    hunter.look()
    room.shut = False
    hunter.look()
    hunter.look()
    assert [one["technique"] for one in room.given] == ["T1071.001"]


def test_a_host_that_does_not_answer_keeps_what_it_showed() -> None:
    room = Room()
    hunter = Hunter(room)
    hunter.look()
    room.told["web01"] = {}
    hunter.look()
    assert hunter.present == {("web01", f"poller {PROGRAM}")}


def test_a_look_is_whole_only_when_every_host_told_all_there_is() -> None:
    room = Room()
    hunter = Hunter(room)

    def look(number: int, *silent: str) -> bool:
        hunter.round, room.silent = number, set(silent)
        hunter.look()
        return hunter.whole

    assert [look(0, "web02"), look(0), look(1)] == [False, True, False]


def test_what_can_only_be_reported_is_no_news_after_a_removal() -> None:
    room = Room()
    room.silent.clear()
    hunter = Hunter(room)
    hunter.look()
    hunter.strike([one for one in hunter.known.values() if one.removal])
    hunter.look()
    assert [one["technique"] for one in room.given] == ["T1071.001", "T1078.003"]
    assert hunter.present == {("web01", f"login {LOGIN}")}
