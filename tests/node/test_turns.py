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
    gone_on = threading.Event()
    done: dict[int, list[int]] = {}

    def work(one: int) -> None:
        done.setdefault(threading.get_ident(), []).append(one)
        if one == 0:
            gone_on.wait(30)
        elif one == 9:
            gone_on.set()
        time.sleep(0.002)

    Turns(long=0.5).map(work, range(60))
    assert [*done.values()] == [[0], [*range(1, 60)]]


def test_a_mistake_is_the_callers() -> None:
    def work(one: int) -> int:
        return 1 // one

    with pytest.raises(ZeroDivisionError):
        Turns().map(work, [1, 0, 2])
