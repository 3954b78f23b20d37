"""News of the first processes of containers, and telling processes of one number apart."""

from __future__ import annotations

import os

import pytest

from rangectl.node import inits
from rangectl.node.inits import GoneError, Init, Inits

CONTAINER = "ab" * 32


def myself() -> Init:
    folder = os.open("/proc/self", os.O_RDONLY)
    try:
        return Init(os.getpid(), inits.start_of(folder))
    finally:
        os.close(folder)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Inits:
    me = myself()

    def identity(pid: str) -> tuple[str | None, bool, int]:
        return (CONTAINER, True, me.start) if int(pid) == me.pid else (None, False, 0)

    monkeypatch.setattr(inits, "_identity", identity)
    return Inits()


def test_an_init_is_found_by_its_container(known: Inits) -> None:
    assert known.find(CONTAINER) == myself()


def test_the_news_of_an_init_reach_the_watch_though_somebody_else_met_it_first(
    known: Inits,
) -> None:
    known.find(CONTAINER)
    known.scan()
    assert known.news() == {CONTAINER: myself()}
    assert known.news() == {}


def test_an_init_is_news_once(known: Inits) -> None:
    known.scan()
    known.news()
    known.scan(afresh=True)
    assert known.news() == {}


def test_a_container_without_an_init_is_gone(known: Inits) -> None:
    with pytest.raises(GoneError):
        known.find("cd" * 32)


def test_another_process_of_the_same_number_is_not_taken_for_it() -> None:
    me = myself()
    assert me.alive
    assert not Init(me.pid, me.start + 1).alive
