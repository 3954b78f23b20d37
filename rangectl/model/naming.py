"""Names that stand for many: `desk-[1-3]`, `rack[01-12,20]-plc`."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from math import prod

MOST_NAMES = 10_000
KEY_PATTERN = r"^[a-z][a-z0-9,\[\]-]{0,63}$"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,35}")
_GROUP = re.compile(r"\[([^\[\]]*)\]")
_RUN = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


Run = tuple[int, int, int]
"""The first and last number of a run, and how many digits they have at least."""


@lru_cache(maxsize=256)
def names_of(text: str) -> tuple[str, ...]:
    """Return the names that a name stands for; itself where it is no pattern, or a wrong one."""
    if "[" not in text or fault(text) is not None:
        return (text,)
    words, groups = _parsed(text)
    return tuple(_woven(words, numbers) for numbers in product(*map(_numbers, groups)))


def count_of(text: str) -> int:
    """Return how many names a name stands for, without making them."""
    if "[" not in text or fault(text) is not None:
        return 1
    return prod(_size(group) for group in _parsed(text)[1])


def fault(text: str) -> str | None:
    """Say what is wrong with a name or pattern; None for a right one."""
    try:
        words, groups = _parsed(text)
    except ValueError as error:
        return str(error)
    if prod(_size(group) for group in groups) > MOST_NAMES:
        return f"stands for more than {MOST_NAMES} hosts"
    longest = _woven(words, tuple(_number(max(group, key=_digits)[1:]) for group in groups))
    if groups and not _NAME.fullmatch(longest):
        return f'makes the name "{longest[:40]}", which no host can have'
    return None


def _parsed(text: str) -> tuple[list[str], list[list[Run]]]:
    """Return what stands around the patterns, and the patterns; ValueError for what is none."""
    plain = _GROUP.split(text)
    words, groups = plain[::2], [_runs(group) for group in plain[1::2]]
    stray = next((one for word in words for one in "[]," if one in word), None)
    if stray is not None:
        message = f'"{stray}" belongs to a pattern such as desk-[1-3]'
        raise ValueError(message)
    return words, groups


def _runs(text: str) -> list[Run]:
    """Read `1-3,7`; a run has as many digits as its first number is written with."""
    found: list[Run] = []
    for part in text.split(","):
        run = _RUN.fullmatch(part)
        if run is None:
            message = f"[{text[:30]}] is not numbers: write [1-3] or [1-3,7]"
            raise ValueError(message)
        first, last = int(run[1]), int(run[2] or run[1])
        if last < first:
            message = f"[{text[:30]}] runs backwards"
            raise ValueError(message)
        found.append((first, last, len(run[1])))
    return found


def _size(runs: list[Run]) -> int:
    return sum(last - first + 1 for first, last, _ in runs)


def _numbers(runs: list[Run]) -> list[str]:
    return [
        _number((number, width)) for first, last, width in runs for number in range(first, last + 1)
    ]


def _number(number: tuple[int, int]) -> str:
    return f"{number[0]:0{number[1]}d}"


def _digits(run: Run) -> int:
    return len(_number(run[1:]))


def _woven(words: list[str], numbers: tuple[str, ...]) -> str:
    return words[0] + "".join(f"{one}{word}" for one, word in zip(numbers, words[1:], strict=True))
