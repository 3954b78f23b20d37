"""The board as a page: whole, safe, and with all that led to it."""

from __future__ import annotations

from html.parser import HTMLParser

from rangectl.model.events import Marked, Paused, RunCreated
from rangectl.scoring.board import board
from rangectl.scoring.page import as_page
from tests.scoring.story import (
    DECOY_LINE,
    FOUND_JOB,
    FOUND_KEY,
    OTHER_FILE,
    TEAM,
    Story,
    finding,
    moment,
)

_VOID = {"meta"}


class Tree(HTMLParser):
    """Reads a page, and fails where what is opened is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not {name for name, _ in attrs} & {"src", "href", "onclick"}
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += [data.strip()] if data.strip() else []


def troubled() -> Story:
    """A story with something under every head."""
    story = Story()
    created = story.events[0]
    assert isinstance(created, RunCreated)
    story.events[0] = created.model_copy(update={"conduct": True, "formula": "hunt-forward/2"})
    story.finds(20, FOUND_KEY).finds(25, finding("web01", *FOUND_JOB.evidence, technique="T1059"))
    story.finds(30, finding("web01", DECOY_LINE)).finds(40, finding("web01", OTHER_FILE))
    story.tips(45, "contact").gone(50, "i1", "key").gone(55, "d1", "key").rebuilt(60, "desk-1")
    story.checked(70, True, False)
    mark = {"at": moment(80), "team": TEAM, "inject": "hack-back", "mark": 4, "why": "<b>well</b>"}
    return story.add(Marked.model_validate(mark))


def test_a_page_is_whole_and_brings_nothing_from_elsewhere() -> None:
    tree = Tree(as_page(board(troubled().ends(300).events)))
    assert not tree.tags & {"script", "img", "link", "iframe"}


def test_all_that_cost_something_is_on_it() -> None:
    words = Tree(as_page(board(troubled().ends(300).events))).words
    for head in ("Against the rules of engagement", "False findings", "Messages"):
        assert head in words
    told = "\n".join(words)
    assert "reached for the adversary's servers (5 points)" in told
    assert "removed what is the partner's own" in told
    assert "about a decoy, which counts twice" in told
    assert "desk-1: a point" in told
    assert "T1059; it is T1053.003" in told


def test_what_people_wrote_is_text_on_it() -> None:
    page = as_page(board(troubled().events))
    assert "<b>" not in page
    assert "hack-back: 4 of 5, &lt;b&gt;well&lt;/b&gt;" in page


def test_it_says_how_the_run_stands() -> None:
    story = Story()
    assert "Under way, as of" in as_page(board(story.events, moment(10)))
    assert "before STARTEX" in as_page(board(story.events, moment(-20)))
    story.add(Paused(at=moment(30)))
    assert "It is paused since 2026-05-04 09:00:30Z." in as_page(board(story.events, moment(40)))
    assert "It ended at" in as_page(board(story.ends(100).events))


def test_what_can_only_be_reported_is_not_counted_as_left_behind() -> None:
    (team,) = board(troubled().events).teams
    assert (team.removable, team.gone) == (3, 0)
