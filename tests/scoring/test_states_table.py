"""The states of an implant as a table: what happened to it, and what it is then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rangectl.model.planting import Component
from rangectl.scoring.states import over_ejected, sites, state
from tests.scoring.story import BEACON, IMPLANTS, JOB, KEY, KEYS, TEAM, Story, line_part, moment

HOLD = timedelta(seconds=150)
ALL_OF_IT = ("starter", "process", "program", "traffic")
LEGIT = line_part("neighbour", KEYS, "AAAAlegit").model_copy(
    update={"neighbour": True, "persistence": False, "required": False}
)
GUARDED = KEY.model_copy(update={"components": (*KEY.components, LEGIT)})
TABLE: dict[str, tuple[Story, str, float, str]] = {
    "nothing happened to a file": (Story(), "i1", 300, "planted"),
    "a beacon is at work": (Story(), "i3", 300, "active"),
    "its silence says little of its process": (
        Story().gone(100, "i3", "traffic"),
        *("i3", 300, "contained"),
    ),
    "its process was ended": (Story().gone(100, "i3", "process"), "i3", 300, "partial"),
    "ended and silent": (Story().gone(100, "i3", "process", "traffic"), "i3", 300, "partial"),
    "blocked, and its starter gone": (
        Story().gone(100, "i3", "starter", "traffic"),
        *("i3", 300, "partial"),
    ),
    "the process came back by itself": (
        Story().gone(100, "i3", "process").back(160, "i3", "process", 78),
        *("i3", 300, "active"),
    ),
    "all is gone and the hold runs": (Story().gone(100, "i3", *ALL_OF_IT), "i3", 249, "removed"),
    "all was gone through the hold": (Story().gone(100, "i3", *ALL_OF_IT), "i3", 250, "ejected"),
    "what persists is left": (
        Story().gone(100, "i3", "starter", "process", "traffic"),
        *("i3", 300, "partial"),
    ),
    "it was put back during the hold": (
        Story().gone(100, "i1", "key").back(200, "i1", "key"),
        *("i1", 300, "regressed"),
    ),
    "it was put back after the hold": (
        Story().gone(100, "i1", "key").back(400, "i1", "key"),
        *("i1", 401, "regressed"),
    ),
    "put back and removed for good": (
        Story().gone(100, "i1", "key").back(200, "i1", "key").gone(210, "i1", "key"),
        *("i1", 360, "ejected"),
    ),
    "a decoy in the same file went with it": (
        Story().gone(100, "i1", "key").gone(100, "d1", "key"),
        *("i1", 300, "over-ejected"),
    ),
    "the decoy was put back": (
        Story().gone(100, "i1", "key").gone(100, "d1", "key").back(200, "d1", "key"),
        *("i1", 300, "ejected"),
    ),
    "a decoy elsewhere is no neighbour": (
        Story().gone(100, "i1", "key").gone(100, "d2", "starter"),
        *("i1", 300, "ejected"),
    ),
    "a neighbour went with it": (
        Story([GUARDED]).gone(100, "i1", "key", "neighbour"),
        *("i1", 300, "over-ejected"),
    ),
    "a neighbour alone is no removal": (
        Story([GUARDED]).gone(100, "i1", "neighbour"),
        *("i1", 300, "planted"),
    ),
    "its host's service is down": (
        Story().gone(100, "i1", "key").down(290, "web01", "intranet"),
        *("i1", 300, "over-ejected"),
    ),
    "another host's service is down": (
        Story().gone(100, "i1", "key").down(290, "desk-1", "login"),
        *("i1", 300, "ejected"),
    ),
    "a clean rebuild took all with it": (
        Story().rebuilt(90, "web01").gone(100, "i1", "key").gone(100, "d1", "key"),
        *("i1", 300, "ejected"),
    ),
    "its actor went quiet": (
        Story().reacts(90, "go_quiet").gone(100, "i3", "process", "traffic"),
        *("i3", 300, "planted"),
    ),
    "its starter goes while it is quiet, its program stays": (
        Story().reacts(90, "go_quiet").gone(100, "i3", "process", "traffic", "starter"),
        *("i3", 300, "partial"),
    ),
    "all that could wake it goes while it is quiet": (
        Story()
        .reacts(90, "go_quiet")
        .gone(100, "i3", "process", "traffic")
        .gone(120, "i3", "starter", "program"),
        *("i3", 270, "ejected"),
    ),
    "it is awake and back": (
        Story()
        .reacts(90, "go_quiet")
        .gone(100, "i3", "process", "traffic")
        .reacts(200, "return")
        .back(220, "i3", "process", 99)
        .back(221, "i3", "traffic"),
        *("i3", 300, "active"),
    ),
    "it is awake, but its starter went meanwhile": (
        Story()
        .reacts(90, "go_quiet")
        .gone(100, "i3", "process", "traffic")
        .gone(150, "i3", "starter", "program")
        .reacts(200, "return"),
        *("i3", 300, "ejected"),
    ),
}


def fate(story: Story, artefact: str, at: float, *, detected: bool = False) -> str:
    site = sites(story.events)[TEAM]
    life = site.implants[artefact]
    over = over_ejected(life, site)
    return state(life, HOLD, moment(at), detected=detected, over=over)


@pytest.mark.parametrize(
    ("story", "artefact", "at", "wanted"), TABLE.values(), ids=list(TABLE.keys())
)
def test_what_happened_decides_the_state(
    story: Story, artefact: str, at: float, wanted: str
) -> None:
    assert fate(story, artefact, at) == wanted


@pytest.mark.parametrize("artefact", [one.id for one in IMPLANTS])
def test_a_finding_is_a_state_of_what_stands(artefact: str) -> None:
    assert fate(Story(), artefact, 300, detected=True) == "detected"


def test_a_finding_changes_no_other_state() -> None:
    for story, artefact, at, wanted in TABLE.values():
        found = fate(story, artefact, at, detected=True)
        assert found == ("detected" if wanted in {"planted", "active"} else wanted)


def test_what_is_only_reported_stays_what_it_is() -> None:
    log = JOB.model_copy(update={"components": (Component(id="l", kind="line", required=False),)})
    story = Story([log]).gone(100, "i2", "l")
    assert fate(story, "i2", 400) == "planted"


def test_a_kill_is_noted_while_its_starter_stands() -> None:
    story = Story([BEACON]).gone(100, "i3", "process").back(150, "i3", "process", 78)
    story.gone(200, "i3", "starter", "program", "process")
    assert sites(story.events)[TEAM].implants["i3"].kills == [moment(100)]
