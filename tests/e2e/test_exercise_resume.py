"""A director that is killed: the same command goes on from the log, to ENDEX."""

from __future__ import annotations

from collections import Counter

import pytest

from rangectl.model.events import Ended, Planted, Started, Submitted
from tests.e2e.playing import Playing

pytestmark = [pytest.mark.engine, pytest.mark.slow]


def test_a_killed_director_is_followed_by_one_that_goes_on_to_endex(lasting: Playing) -> None:
    lasting.kill()
    ids = {
        team: lasting.range(team).must("hunt01", "hunt done", user="trainee").strip()
        for team in lasting.teams
    }
    lasting.start()
    lasting.until_ended(170)  # what was blocked, and is heard no more, is held to its end
    assert lasting.end() == 0
    events = lasting.events()
    assert [one.why for one in events if isinstance(one, Ended)] == ["decided"]
    assert len([one for one in events if isinstance(one, Started)]) == 1
    planted = Counter((e.team, e.artefact.id) for e in events if isinstance(e, Planted))
    assert set(planted.values()) == {1}
    handed_in = {(one.team, one.id) for one in events if isinstance(one, Submitted)}
    assert set(ids.items()) <= handed_in
