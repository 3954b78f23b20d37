"""How long the proof by reaching listens: longer while a control is silent, but not for ever."""

from __future__ import annotations

from typing import cast

import pytest

from rangectl.node.reach import Reach
from rangectl.node.trials import Aims
from rangectl.node.values import Machine

MACHINE = Machine("id", "desk", "host", "systemd", (), None, (), ())


class Listening(Reach):
    """Attempts without a network: in which turn the controls answer is said beforehand."""

    def __init__(self, *answers: int) -> None:
        super().__init__(MACHINE, cast("Aims", None))
        self.turns = 0
        self.sent = 0
        self._answers = [
            (self._trials.add("lan", "tcp", "a control", control=True), turn) for turn in answers
        ]
        self._trials.add("lan", "tcp", "a leak")
        self._again.append(self._send)

    def _send(self) -> None:
        self.sent += 1

    def _listen_for(self, seconds: float) -> None:  # noqa: ARG002 - a turn is a turn
        self.turns += 1
        for control, turn in self._answers:
            if turn == self.turns:
                control.mark("answered")


@pytest.mark.parametrize(
    ("answers", "turns"),
    [((), 2), ((1, 1), 2), ((1, 2), 2), ((1, 3), 4), ((5,), 6), ((8,), 8), ((99,), 8)],
)
def test_who_is_late_is_waited_for_and_a_turn_more(answers: tuple[int, ...], turns: int) -> None:
    listening = Listening(*answers)
    listening._listen()
    assert listening.turns == turns
    assert listening.sent == turns - 1  # everything is sent anew in each turn but the first


def test_what_cannot_be_sent_again_keeps_nothing_else_from_it() -> None:
    listening = Listening(1)

    def fail() -> None:
        raise OSError

    listening._again.insert(0, fail)
    listening._listen()
    assert listening.sent == 1
