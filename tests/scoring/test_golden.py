"""Golden event logs and the boards they lead to: a change of the formula shows here."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.scoring.stories import FOLDER, STORIES, board_text, log_text, name_of
from tests.scoring.story import Story

NAMES = [name_of(story) for story in STORIES]


@pytest.mark.parametrize("name", NAMES)
def test_a_log_leads_to_its_board(name: str) -> None:
    log = (FOLDER / f"{name}.jsonl").read_text()
    assert board_text(log) == (FOLDER / f"{name}.board.json").read_text()


@pytest.mark.parametrize("story", STORIES, ids=NAMES)
def test_a_log_is_what_its_story_says(story: Callable[[], Story]) -> None:
    assert log_text(story().events) == (FOLDER / f"{name_of(story)}.jsonl").read_text()


def test_every_file_belongs_to_a_story() -> None:
    wanted = {f"{name}.{end}" for name in NAMES for end in ("jsonl", "board.json")}
    assert {path.name for path in FOLDER.iterdir()} == wanted
