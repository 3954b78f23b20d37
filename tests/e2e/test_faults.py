"""Whatever is killed, or full, under whatever command: the next command mends it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.faults import WHAT, Fault, Ground, faults, ground, missed, table
from tests.e2e.program import HERE, Program
from tests.own_engine import MIB

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.aside]
TINY = HERE / "tiny.yaml"
COUNT = 20


@dataclass
class Spoilt:
    """A ground, the faults that strike it, and those that did."""

    ground: Ground
    coming: Iterator[Fault]
    found: list[Fault] = field(default_factory=list)

    def strike(self) -> Fault | None:
        """Let the next fault happen; None where enough did."""
        fault = next(self.coming, None)
        self.found += [fault] if fault else []
        return fault


@pytest.fixture(scope="module")
def spoilt(program: Program) -> Iterator[Spoilt]:
    """An engine to be killed; its folder has a short name, for sockets are in it."""
    program.run("image", "build", str(TINY))
    folder = Path(tempfile.mkdtemp(prefix="flt-", dir="/var/tmp"))
    try:
        with ground(TINY, folder, seed=20, size=1200 * MIB) as made:
            yield Spoilt(made, faults(made, COUNT))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("number", range(1, COUNT + 1))
def test_a_fault_is_mended_by_the_next_command(spoilt: Spoilt, number: int) -> None:
    assert [one for one in spoilt.found if one.problem] == [], "after that, nothing is told by more"
    fault = spoilt.strike()
    assert len(spoilt.found) == number
    assert fault is not None
    assert fault.problem is None, f"{fault}\n{fault.problem}"


def test_every_phase_and_every_kind_was_struck_and_nothing_is_left(spoilt: Spoilt) -> None:
    assert [one for one in spoilt.found if one.problem] == []
    while spoilt.strike():
        pass
    assert [one for one in spoilt.found if one.problem] == [], table(spoilt.found)
    assert missed(spoilt.found, 1) == [], table(spoilt.found)
    assert {one.what for one in spoilt.found} == set(WHAT)
    spoilt.ground.clear()


def test_a_removal_that_the_engine_s_death_broke_off_is_no_obstacle(spoilt: Spoilt) -> None:
    ground = spoilt.ground
    ground.run(*ground.words("up"))
    with ground.engine.client() as client:
        rows = client.api.containers(all=True)
    ground.engine.kill()
    for row in rows:
        ground.engine.break_off(row["Id"])
    ground.engine.start()
    ground.run(*ground.words("up"))
    ground.run("status", ground.name)
    ground.clear()
