"""Work is done in turns by one thread, and none of it keeps the rest waiting for long."""

from __future__ import annotations

import threading
import time

import pytest

from rangectl.node.turns import Turns


def test_results_come_in_the_order_of_the_things() -> None:
    assert Turns().map(lambda one: one * one, range(50)) == [one * one for one in range(50)]
    assert Turns().map(lambda one: one, []) == []


def test_short_work_is_done_by_one_thread() -> None:
    seen = set(Turns().map(lambda _: threading.get_ident(), range(100)))
    assert len(seen) == 1


def test_what_takes_long_keeps_nothing_waiting() -> None:
    free = threading.Event()

    def work(one: int) -> str:
        if one == 0:
            return "freed" if free.wait(10) else "stuck"
        if one == 9:
            free.set()
        return "done"

    assert Turns(long=0.02).map(work, range(10)) == ["freed", *["done"] * 9]


def test_who_took_long_leaves_the_rest_to_others() -> None:
    at_work: list[int] = []
    most = []

    def work(one: int) -> None:
        at_work.append(one)
        time.sleep(0.2 if one == 0 else 0.01)
        most.append(len(at_work))
        at_work.remove(one)

    Turns(long=0.03).map(work, range(60))
    assert max(most) == 2
    assert most[-20:] == [1] * 20


def test_a_mistake_is_the_callers() -> None:
    def work(one: int) -> int:
        return 1 // one

    with pytest.raises(ZeroDivisionError):
        Turns().map(work, [1, 0, 2])
