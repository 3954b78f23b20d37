"""A container that is busy is frozen at another try; all else that goes wrong is said at once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError

from rangectl.engine.docker_stills import DockerStills
from rangectl.errors import RangeError

BUSY = "Cannot pause container x: OCI runtime pause failed: unable to freeze: unknown"


class Engine:
    """Refuses to freeze a container as often as it is told to."""

    def __init__(self, refusals: int, said: str) -> None:
        self.left, self.said, self.asked = refusals, said, 0

    def pause(self, _container: str) -> None:
        self.asked += 1
        if self.left:
            self.left -= 1
            raise APIError(self.said, explanation=self.said)


def stills(engine: Engine) -> DockerStills:
    client: Any = SimpleNamespace(api=engine)
    return DockerStills(client)


def test_a_busy_container_is_tried_again() -> None:
    engine = Engine(3, BUSY)
    stills(engine).freeze(["x"])
    assert engine.asked == 4


@pytest.mark.parametrize(("said", "asked"), [(BUSY, 5), ("no such container", 1)])
def test_what_cannot_be_frozen_is_said(said: str, asked: int) -> None:
    engine = Engine(100, said)
    with pytest.raises(RangeError, match="could not freeze x"):
        stills(engine).freeze(["x"])
    assert engine.asked == asked


def test_one_that_is_frozen_already_is_passed_over() -> None:
    engine = Engine(1, "Container x is already paused")
    stills(engine).freeze(["x"])
    assert engine.asked == 1
