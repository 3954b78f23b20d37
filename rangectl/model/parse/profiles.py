"""Profiles of traffic, from text."""

from __future__ import annotations

from collections.abc import Iterator

from rangectl.model.parse.documents import document, opened
from rangectl.model.parse.problem import Document, Problem
from rangectl.model.parse.schema import Sound
from rangectl.model.traffic import Profile


def load_profile(source: str | bytes, name: str) -> Document[Profile]:
    """Read a profile of traffic; `name` is the file's. Raises InvalidFileError with all that is
    wrong.
    """
    root, flaws = opened(source, name)

    def late(_: Sound[Profile], model: Profile) -> Iterator[Problem]:
        if not any(model.day.values()):
            yield Problem(("day",), "nobody ever does anything", "a level above 0", key=True)

    return document(Profile, name, root, (flaws, []), late)
