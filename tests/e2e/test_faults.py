"""Whatever is killed, or full, under whatever command: the next command mends it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.faults import WHAT, Ground, faults, ground, missed, table
from tests.e2e.program import HERE, Program
from tests.own_engine import MIB

pytestmark = [pytest.mark.engine, pytest.mark.slow]
TINY = HERE / "tiny.yaml"


@pytest.fixture(scope="module")
def spoilt(program: Program) -> Iterator[Ground]:
    """An engine to be killed; its folder has a short name, for sockets are in it."""
    program.run("image", "build", str(TINY))
    folder = Path(tempfile.mkdtemp(prefix="flt-", dir="/var/tmp"))
    try:
        with ground(TINY, folder, seed=20, size=1200 * MIB) as made:
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_of_twenty_faults_each_is_mended_by_the_next_command_and_nothing_is_left(
    spoilt: Ground,
) -> None:
    found = list(faults(spoilt, 20))
    assert [one for one in found if one.problem] == [], table(found)
    assert missed(found, 1) == [], table(found)
    assert {one.what for one in found} == set(WHAT)
    spoilt.clear()
