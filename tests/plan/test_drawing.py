"""Drawings of topologies: all there is is in them, nothing lies on another, nothing gets out."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree as ET

import pytest

from rangectl.model.parse.topologies import load_topology, parse_topology
from rangectl.model.topology import Zone
from rangectl.plan.drawing import Format, draw
from rangectl.plan.graph import Card, Graph, graph
from rangectl.plan.layout import Box, layout
from rangectl.store.library import included

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "topologies/minimal.yaml", Path(__file__).parent / "drawn/campus.yaml"]
HOSTILE = '</title></svg><script>alert("x")</script>\x00\x1b&'


def read(path: Path) -> Graph:
    return graph(parse_topology(path.read_bytes(), path.name))


def texts(drawn: str) -> str:
    return "\n".join(ET.fromstring(drawn).itertext())  # noqa: S314 - our own


def apart(one: Box, other: Box) -> bool:
    return (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_image_tells_every_host_segment_address_and_rule(path: Path) -> None:
    shown = read(path)
    told = texts(draw(shown, "svg"))
    for card in shown.cards:
        assert card.title in told
        assert all(str(nic.addresses[0]) in told for nic in card.nics)
    assert all(line.name in told and line.subnet in told for line in shown.lines)
    assert all(f"{one.source} → {one.target}" in told for one in shown.passes)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_card_lies_on_another_or_outside(path: Path) -> None:
    placed = layout(read(path))
    boxes = [box for _, box in placed.cards]
    assert all(apart(one, other) for one, other in combinations(boxes, 2))
    assert all(box.x >= 0 and box.x + box.width <= placed.width for box in boxes)
    assert all(box.y + box.height <= placed.height for box in boxes)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_drawing_has_the_shape_of_a_slide(path: Path) -> None:
    placed = layout(read(path))
    assert 1.4 < placed.width / placed.height < 2.1


def test_many_hosts_alike_are_one_stack_and_two_are_two_cards() -> None:
    cards = {card.title: card.size for card in read(FILES[1]).cards}
    assert cards["desk-1 .. desk-5"] == 5
    assert cards["web-1"] == cards["web-2"] == 1
    assert sum(cards.values()) == 16


@pytest.mark.parametrize("form", get_args(Format))
def test_what_files_say_stays_text(form: Format) -> None:
    card = replace(read(FILES[0]).cards[1], title=HOSTILE, serves=(HOSTILE,))
    hostile = replace(read(FILES[0]), name=HOSTILE, description=HOSTILE, cards=(card,))
    drawn = draw(hostile, form)
    assert "<script" not in drawn
    assert "\x00" not in drawn
    assert "\x1b" not in drawn
    if form == "svg":
        assert "script" in texts(drawn)


@pytest.mark.parametrize("form", get_args(Format))
def test_a_drawing_asks_the_network_for_nothing(form: Format) -> None:
    drawn = draw(read(FILES[1]), form).replace("http://www.w3.org/2000/svg", "")
    assert not [word for word in ("http", "url(", "@import", "src=", "<link") if word in drawn]


def test_the_same_topology_gives_the_same_drawing() -> None:
    assert draw(read(FILES[1]), "html") == draw(read(FILES[1]), "html")


def test_mermaid_has_an_edge_for_every_nic_and_rule() -> None:
    shown = read(FILES[1])
    drawn = draw(shown, "mermaid")
    assert drawn.count(" ---|") == sum(len(card.nics) for card in shown.cards)
    assert drawn.count(" .-> ") == len(shown.passes)


def test_segments_stand_by_zone() -> None:
    zones = [line.zone for line in read(FILES[1]).lines]
    assert list(dict.fromkeys(zones)) == ["adversary", "partner", "hunt"]
    assert len({*zones}) == len(get_args(Zone))


def test_a_host_of_a_later_row_is_wired_around_those_above() -> None:
    first = read(FILES[0])
    nics = first.cards[1].nics
    many = tuple(Card(f"h{number}", "host", (), nics) for number in range(40))
    placed = layout(replace(first, cards=(first.cards[0], *many)))
    assert len({box.y for _, box in placed.cards}) > 1
    assert 1.2 < placed.width / placed.height < 2.4


def test_a_card_says_what_an_application_or_a_device_calls_itself() -> None:
    path = ROOT / "topologies/energy-utility.yaml"
    model = load_topology(path.read_bytes(), path.name, fetch=included(path)).model
    cards = {card.title: card.serves for card in graph(model).cards}
    assert cards["historian"] == ("Plant historian",)
    assert cards["plc01"] == ("Oderfeld PLC 340",)
    assert cards["files"] == ("fileserver", "backup")
