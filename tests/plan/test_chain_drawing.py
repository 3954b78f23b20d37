"""Drawings of exercises: stages, dwell times, reserves and reactions are all in them."""

from __future__ import annotations

from pathlib import Path
from typing import get_args
from xml.etree import ElementTree as ET

import pytest

from rangectl.model.exercise import Exercise
from rangectl.model.parse.exercises import parse_exercise
from rangectl.plan.chain import chart
from rangectl.plan.chain_drawing import draw_chart
from rangectl.plan.drawing import Format

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "exercises").glob("*.yaml"))
HOSTILE = '</title></svg><script>alert("x")</script>&'


def read(path: Path) -> Exercise:
    return parse_exercise(path.read_bytes(), path.name)


def texts(drawn: str) -> str:
    return "\n".join(ET.fromstring(drawn).itertext())  # noqa: S314 - our own


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_image_tells_all_of_a_chain(path: Path) -> None:
    exercise = read(path)
    said = texts(draw_chart(chart(exercise), "svg"))
    for name, actor in exercise.actors.items():
        assert name in said
        for stage in actor.stages:
            assert stage.implant in said
            assert f"on {stage.on}" in said
        for reaction in actor.reactions:
            assert reaction.when.replace("_", " ") in said
    injects = [one.inject for one in exercise.msel] + [one.inject for one in exercise.threshold]
    assert [one for one in injects if one not in said] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_flowchart_links_stages_in_time_and_reactions_to_what_they_plant(path: Path) -> None:
    exercise = read(path)
    drawn = draw_chart(chart(exercise), "mermaid")
    for actor in exercise.actors.values():
        assert drawn.count("-->") == len(actor.chain) - 1
        assert drawn.count("-.->") == sum(one.plant is not None for one in actor.reactions)


@pytest.mark.parametrize("form", get_args(Format))
def test_the_same_exercise_gives_the_same_drawing(form: Format) -> None:
    exercise = read(ROOT / "exercises/cold-spindle.yaml")
    assert draw_chart(chart(exercise), form) == draw_chart(chart(exercise), form)


def test_dwell_times_are_those_between_stages() -> None:
    (lane,) = chart(read(ROOT / "exercises/cold-spindle.yaml")).lanes
    assert [step.dwell for step in lane.steps if step.dwell] == ["+4 min", "+2 min"]


def test_a_hostile_description_stays_text() -> None:
    exercise = read(FILES[0]).model_copy(update={"description": HOSTILE})
    drawn = draw_chart(chart(exercise), "html")
    assert "<script>" not in drawn
    assert "alert" in texts(draw_chart(chart(exercise), "svg"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_dwell_times_touch_no_card(path: Path) -> None:
    drawn = draw_chart(chart(read(path)), "svg")
    nodes = list(ET.fromstring(drawn).iter())  # noqa: S314 - our own
    cards = [one for one in nodes if one.get("class") == "card"]
    edges = [(float(one.attrib["x"]), float(one.attrib["width"])) for one in cards]
    for label in (one for one in nodes if one.get("text-anchor") == "middle"):
        middle, half = float(label.attrib["x"]), 7.2 * len(label.text or "") / 2
        assert all(middle + half < x or middle - half > x + width for x, width in edges)


def test_hours_are_not_told_in_minutes() -> None:
    text = (ROOT / "exercises/cold-spindle.yaml").read_text().replace("length: 120m", "length: 9h")
    assert "after: 6m" in text
    exercise = parse_exercise(text.replace("after: 6m", "after: 154m"), "x.yaml")
    (lane,) = chart(exercise).lanes
    assert [step.dwell for step in lane.steps if step.dwell] == ["+4 min", "+2.5 h"]
