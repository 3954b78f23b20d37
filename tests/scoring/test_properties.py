"""What must hold for every log there can be."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from rangectl.model.finding import Evidence, Finding
from rangectl.scoring.board import Board, TeamBoard, board
from tests.scoring.story import (
    BEACON,
    BEACON_FILE,
    BEACON_FLOW,
    BEACON_LINE,
    BEACON_PROCESS,
    DECOY_LINE,
    DECOY_PROGRAM,
    IMPLANTS,
    JOB,
    JOB_FILE,
    KEY,
    KEY_FILE,
    KEY_LINE,
    NOISE_FILE,
    OTHER_FILE,
    TEAM,
    Story,
    finding,
    moment,
)

Act = Callable[[Story, float], object]

ITEMS = (
    *(BEACON_FILE, BEACON_FLOW, BEACON_LINE, BEACON_PROCESS, JOB_FILE, KEY_FILE, KEY_LINE),
    *(DECOY_LINE, DECOY_PROGRAM, NOISE_FILE, OTHER_FILE),
)
RIGHT: dict[str, tuple[Evidence, ...]] = {
    "web01": (JOB_FILE, KEY_LINE),
    "desk-1": (BEACON_FILE, BEACON_FLOW, BEACON_LINE, BEACON_PROCESS),
}
WRONG: dict[str, tuple[Evidence, ...]] = {
    "web01": (DECOY_LINE, NOISE_FILE, OTHER_FILE),
    "desk-1": (DECOY_PROGRAM, OTHER_FILE),
}
TECHNIQUES = st.sampled_from(("", "TA0003", "T1098", "T1098.004", "T1053.003", "T1071.001", "T1"))
MOMENTS = st.integers(-20, 1190)
PARTS = [(a.id, c.id) for a in (KEY, JOB, BEACON) for c in a.components]


def _one_of(choice: dict[str, tuple[Evidence, ...]]) -> st.SearchStrategy[Finding]:
    hosts = st.sampled_from(sorted(choice))
    return hosts.flatmap(
        lambda host: st.builds(
            lambda item, technique: finding(host, item, technique=technique),
            st.sampled_from(choice[host]),
            TECHNIQUES.filter(lambda technique: technique != "T1"),
        )
    )


def _finds(what: Finding) -> Act:
    return lambda story, at: story.finds(at, what)


def _changes(part: tuple[str, str], *, present: bool) -> Act:
    if present:
        return lambda story, at: story.back(at, *part)
    return lambda story, at: story.gone(at, *part)


ANY_FINDING = st.builds(
    lambda host, items, technique: finding(host, *items, technique=technique),
    st.sampled_from(("web01", "desk-1")),
    st.lists(st.sampled_from(ITEMS), min_size=1, max_size=4),
    TECHNIQUES.filter(lambda technique: technique != "T1"),
)
ACTS: st.SearchStrategy[Act] = st.one_of(
    ANY_FINDING.map(_finds),
    st.builds(lambda p, up: _changes(p, present=up), st.sampled_from(PARTS), st.booleans()),
    st.booleans().map(lambda up: lambda story, at: story.checked(at, up)),
    st.just(lambda story, at: story.rebuilt(at, "web01")),
)
LOGS = st.lists(st.tuples(MOMENTS, ACTS), max_size=25)


def tell(acts: list[tuple[int, Act]]) -> Story:
    story = Story()
    for at, act in sorted(acts, key=lambda pair: pair[0]):
        act(story, at)
    return story


def team(acts: list[tuple[int, Act]]) -> TeamBoard:
    return board(tell(acts).ends(1200, "time").events).team(TEAM)


@settings(deadline=None)
@given(LOGS)
def test_a_score_lies_between_nothing_and_a_hundred(acts: list[tuple[int, Act]]) -> None:
    score = team(acts).score
    assert 0 <= score.score <= 100
    assert 0 <= score.merit <= 100 + 1e-9


@settings(deadline=None)
@given(LOGS, MOMENTS, _one_of(WRONG))
def test_a_false_finding_never_raises_the_score(
    acts: list[tuple[int, Act]], at: int, what: Finding
) -> None:
    before, after = team(acts), team([*acts, (at, _finds(what))])
    assert after.score.score <= before.score.score + 1e-9


@settings(deadline=None)
@given(LOGS, MOMENTS, _one_of(RIGHT))
def test_a_right_finding_never_lowers_detection(
    acts: list[tuple[int, Act]], at: int, what: Finding
) -> None:
    before, after = team(acts), team([*acts, (at, _finds(what))])
    assert after.score.detection >= before.score.detection - 1e-9
    assert after.score.found >= max(1, before.score.found)


@settings(deadline=None)
@given(LOGS, LOGS)
def test_what_follows_endex_changes_nothing(
    acts: list[tuple[int, Act]], later: list[tuple[int, Act]]
) -> None:
    story = tell(acts).ends(1200, "time")
    before: Board = board(story.events)
    for at, act in later:
        act(story, 1300 + at)
    assert board(story.events) == before


@settings(max_examples=50, deadline=None)
@given(LOGS, MOMENTS)
def test_a_moment_in_the_past_looks_the_same_for_ever(acts: list[tuple[int, Act]], at: int) -> None:
    story = tell(acts)
    then = board([event for event in story.events if event.at <= moment(at)], moment(at))
    assert board(story.ends(1200, "time").events, moment(at)) == then


def test_the_weights_of_the_range_add_up() -> None:
    assert sum(artefact.weight for artefact in IMPLANTS) == 6
