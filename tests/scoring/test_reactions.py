"""What the adversary does about what happens to him: a table, and what holds for any log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rangectl.model.events import Event, Injected, Ordered, Reacted, Tipped
from rangectl.model.exercise import Actor, Exercise, Reserve, Stage
from rangectl.model.injects import Threshold, Timed
from rangectl.model.reactions import Reaction
from rangectl.scoring.lives import sites
from rangectl.scoring.reactions import Action, React, Send, Tip, decide, impact
from tests.scoring.story import TEAM, Story, moment

ALL_OF_IT = ("starter", "process", "program", "traffic")
RULES = (
    {"when": "tipped_off", "do": "go_quiet", "for": "2m", "wait": "30s"},
    {"when": "blocked", "do": "fallback", "plant": "second", "wait": "60s"},
    {"when": "removed", "do": "replant", "wait": "120s", "times": 2},
    {"when": "killed", "do": "log_gap", "plant": "gap", "wait": "60s"},
)


def exercise(*rules: dict[str, Any], **more: object) -> Exercise:
    karsk = Actor(
        sinkhole="sink01",
        chain=(Stage(implant="ssh.authkey", on="web01"),),
        reserve=(
            Reserve(name="second", implant="c2.http", on="desk-*", started_by="cron.user"),
            Reserve(name="gap", implant="cron.dropin", on="web01"),
        ),
        reactions=tuple(Reaction.model_validate(rule) for rule in rules),
    )
    return Exercise.model_validate(
        {
            "version": 1,
            "name": "first-light",
            "topology": "minimal",
            "briefing": "first-light.md",
            "clock": {"length": "200m", "compression": 10},
            "seed": 7,
            "actors": {"karsk": karsk},
            **more,
        }
    )


ALL = exercise(*RULES)


def decided(story: Story, at: float, files: Exercise = ALL) -> list[str]:
    return [told(action) for action in decide(story.events, moment(at), files)]


def told(action: Action) -> str:
    match action:
        case React():
            return f"{action.do} {action.subject or action.plant}".strip()
        case Tip():
            return "tip"
        case Send():
            return f"send {action.inject} to {action.team or 'all'}"


TABLE: dict[str, tuple[Story, float, list[str]]] = {
    "nothing happened": (Story(), 300, []),
    "a tip, too short ago": (Story().tips(100), 129, []),
    "a tip": (Story().tips(100), 130, ["go_quiet"]),
    "a tip that was reacted to": (
        Story()
        .tips(100)
        .reacts(130, "go_quiet", cause="tipped_off scan 2026-05-04T09:01:40+00:00"),
        *(140, []),
    ),
    "quiet until then": (
        Story().tips(100).reacts(130, "go_quiet", until=moment(250), cause="x"),
        *(250, ["return"]),
    ),
    "quiet is over": (
        Story().reacts(130, "go_quiet", until=moment(250)).reacts(251, "return"),
        *(300, []),
    ),
    "blocked, too short ago": (Story().gone(100, "i3", "traffic"), 129, []),
    "blocked before anything was removed": (Story().gone(100, "i3", "traffic"), 130, ["tip"]),
    "blocked for a while": (
        Story().gone(100, "i3", "traffic"),
        *(160, ["tip", "fallback second"]),
    ),
    "blocked after a removal": (
        Story().gone(90, "i2", "job").gone(100, "i3", "traffic"),
        *(160, ["fallback second"]),
    ),
    "no longer blocked": (Story().gone(100, "i3", "traffic").back(110, "i3", "traffic"), 160, []),
    "silent because it is gone": (Story().gone(100, "i3", *ALL_OF_IT), 160, []),
    "removed, and siblings survive": (Story().gone(100, "i1", "key"), 220, ["replant i1"]),
    "removed, too short ago": (Story().gone(100, "i1", "key"), 219, []),
    "removed with all siblings": (
        Story().gone(100, "i1", "key").gone(100, "i2", "job").gone(100, "i3", *ALL_OF_IT),
        *(400, []),
    ),
    "two removed, one survives": (
        Story().gone(100, "i1", "key").gone(105, "i2", "job"),
        *(400, ["replant i1"]),
    ),
    "two removed, each known to be put back": (
        Story()
        .gone(100, "i1", "key")
        .reacts(220, "replant", rule=2, cause="removed i1 2026-05-04T09:01:40+00:00"),
        *(400, []),
    ),
    "killed while its starter stands": (
        Story().gone(100, "i3", "process").back(140, "i3", "process", 78),
        *(160, ["log_gap gap"]),
    ),
    "after ENDEX": (Story().tips(100).ends(120), 400, []),
}


@pytest.mark.parametrize(("story", "at", "wanted"), TABLE.values(), ids=list(TABLE))
def test_events_lead_to_actions(story: Story, at: float, wanted: list[str]) -> None:
    assert decided(story, at) == wanted


def test_nothing_happens_before_startex() -> None:
    story = Story()
    story.events.pop()
    assert decided(story.tips(-5), 300) == []


def test_a_reserve_is_planted_once() -> None:
    twice = exercise(RULES[1], RULES[1] | {"wait": "90s"})
    story = Story().gone(90, "i2", "job").gone(100, "i3", "traffic")
    assert decided(story, 300, twice) == ["fallback second"]


def test_a_rule_is_used_up() -> None:
    story = Story().tips(100).tips(200).reacts(140, "go_quiet").reacts(180, "return")
    assert decided(story, 300) == []


def test_harm_grows_with_weight_and_the_exercises_clock() -> None:
    site = sites(Story().gone(60, "i3", "process").events)[TEAM]
    done = impact(site, moment(0), moment(120), compression=10)
    assert done == pytest.approx((2 + 1) * 20 + 3 * 10)


def test_harm_that_was_done_brings_an_inject_once() -> None:
    files = exercise(threshold=(Threshold(impact=60, inject="hack-back"),))
    story = Story()
    assert decided(story, 59, files) == []
    assert decided(story, 61, files) == ["send hack-back to alder"]
    sent = Injected(at=moment(61), inject="hack-back", cause="threshold 0", team=TEAM)
    assert decided(story.add(sent), 70, files) == []


def test_injects_come_at_their_time_and_when_ordered() -> None:
    files = exercise(msel=(Timed(at=timedelta(minutes=10), inject="slow-server"),))
    story = Story().add(Ordered(at=moment(30), inject="hack-back", team=TEAM))
    assert decided(story, 59, files) == ["send hack-back to alder"]
    assert decided(story, 60, files) == ["send slow-server to all", "send hack-back to alder"]


# ---- what holds for any log

_PART = st.sampled_from(
    [("i1", "key"), ("i2", "job"), *(("i3", name) for name in ("starter", "process", "traffic"))]
)
_STEP = st.one_of(
    st.tuples(st.just("gone"), _PART),
    st.tuples(st.just("back"), _PART),
    st.tuples(st.just("tips"), st.sampled_from(["scan", "contact"])),
)
_STEPS = st.lists(st.tuples(st.integers(5, 60), _STEP), max_size=8)
_RULE = st.builds(
    lambda rule, times, wait: RULES[rule] | {"times": times, "wait": f"{wait}s"},
    st.integers(0, 3),
    st.integers(1, 3),
    st.integers(30, 120),
)


def run(steps: Sequence[Any], files: Exercise) -> list[Event]:
    """Play what happens, with a director that looks every ten seconds."""
    story, now = Story(), 0.0
    for pause, (what, how) in [*steps, (300, ("tips", "scan"))]:
        now = looked(story, now, now + pause, files)
        match what:
            case "gone":
                story.gone(now, *how)
            case "back":
                story.back(now, *how)
            case _:
                story.tips(now, how)
    looked(story, now, now + 300, files)
    return story.events


def looked(story: Story, begin: float, end: float, files: Exercise) -> float:
    now = begin
    while now < end:
        for action in decide(story.events, moment(now), files):
            story.add(recorded(action, moment(now)))
        now += 10
    return now


def recorded(action: Action, now: datetime) -> Event:
    match action:
        case React():
            facts = {key: getattr(action, key) for key in ("team", "actor", "rule", "do", "cause")}
            return Reacted(at=now, plant=action.plant, until=action.until, **facts)
        case Tip():
            return Tipped(
                at=now, team=action.team, actor=action.actor, why="early_block", cause=action.cause
            )
        case Send():
            return Injected(at=now, inject=action.inject, cause=action.cause, team=action.team)


Check = Callable[[list[Event], Exercise], None]


def is_bounded(events: list[Event], files: Exercise) -> None:
    rules = files.actors["karsk"].reactions
    used = Counter(e.rule for e in events if isinstance(e, Reacted) and e.do != "return")
    assert all(count <= rules[rule].times for rule, count in used.items())


def has_its_cause(events: list[Event], files: Exercise) -> None:
    rules = files.actors["karsk"].reactions
    for number, event in enumerate(events):
        if isinstance(event, Reacted):
            word = event.cause.split(" ")[0]
            assert word == rules[event.rule].when
            moment_of = datetime.fromisoformat(event.cause.rsplit(" ", 1)[1])
            assert any(earlier.at >= moment_of for earlier in events[:number])
            assert event.at - moment_of >= rules[event.rule].wait


def happens_once(events: list[Event], files: Exercise) -> None:  # noqa: ARG001 - one shape
    made = [(e.rule, e.cause) for e in events if isinstance(e, Reacted) and e.do != "return"]
    plants = [e.plant for e in events if isinstance(e, Reacted) and e.plant]
    assert len(made) == len(set(made))
    assert len(plants) == len(set(plants))


def quiet_ends(events: list[Event], files: Exercise) -> None:  # noqa: ARG001 - one shape
    turns = [
        event.do
        for event in events
        if isinstance(event, Reacted) and event.do in {"go_quiet", "return"}
    ]
    assert turns == (["go_quiet", "return"] * len(turns))[: len(turns)]


@pytest.mark.parametrize("check", [is_bounded, has_its_cause, happens_once, quiet_ends])
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=_STEPS, rules=st.lists(_RULE, max_size=4))
def test_any_adversary_keeps_the_rules(
    check: Check, steps: list[Any], rules: list[dict[str, Any]]
) -> None:
    files = exercise(*rules)
    check(run(steps, files), files)


@settings(max_examples=8, deadline=None)
@given(steps=_STEPS)
def test_the_same_log_gives_the_same_actions(steps: list[Any]) -> None:
    events = run(steps, ALL)
    assert run(steps, ALL) == events
    for number, event in enumerate(events):
        before = decide(events[:number], event.at, ALL)
        assert before == decide(tuple(events[:number]), event.at, ALL)


@settings(max_examples=8, deadline=None)
@given(steps=_STEPS)
def test_what_was_done_is_what_a_replay_of_the_log_decides(steps: list[Any]) -> None:
    """A director that died at any moment takes up where the log stands, and does nothing twice."""
    events = run(steps, ALL)
    for number, event in enumerate(events):
        if isinstance(event, Reacted | Injected):
            again = [recorded(one, event.at) for one in decide(events[:number], event.at, ALL)]
            assert event in again
            assert event not in [
                recorded(one, event.at) for one in decide(events[: number + 1], event.at, ALL)
            ]
