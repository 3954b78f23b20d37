"""Names that stand for many: `desk-[1-3]`, `rack[01-12,20]-plc`."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product

MOST_NAMES = 10_000
KEY_PATTERN = r"^[a-z][a-z0-9,\[\]-]{0,63}$"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,35}")
_GROUP = re.compile(r"\[([^\[\]]*)\]")
_RUN = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


@lru_cache(maxsize=4096)
def names_of(text: str) -> tuple[str, ...]:
    """Return the names that a name stands for; itself where it is no pattern, or a wrong one."""
    try:
        return _expanded(text)
    except ValueError:
        return (text,)


def fault(text: str) -> str | None:
    """Say what is wrong with a name or pattern; None for a right one."""
    try:
        _expanded(text)
    except ValueError as error:
        return str(error)
    return None


def _expanded(text: str) -> tuple[str, ...]:
    plain = _GROUP.split(text)
    words, groups = plain[::2], [_numbers(group) for group in plain[1::2]]
    stray = next((one for word in words for one in "[]," if one in word), None)
    if stray is not None:
        message = f'"{stray}" belongs to a pattern such as desk-[1-3]'
        raise ValueError(message)
    total = 1
    for group in groups:
        total *= len(group)
        if total > MOST_NAMES:
            message = f"stands for more than {MOST_NAMES} hosts"
            raise ValueError(message)
    names = tuple(_woven(words, numbers) for numbers in product(*groups))
    bad = next((name for name in names if not _NAME.fullmatch(name)), None)
    if groups and bad is not None:
        message = f'makes the name "{bad[:40]}", which no host can have'
        raise ValueError(message)
    return names


def _woven(words: list[str], numbers: tuple[str, ...]) -> str:
    return words[0] + "".join(f"{one}{word}" for one, word in zip(numbers, words[1:], strict=True))


def _numbers(text: str) -> list[str]:
    """Return the numbers of `1-3,7`, with the zeros that the first one of a run begins with."""
    found: list[str] = []
    for part in text.split(","):
        run = _RUN.fullmatch(part)
        if run is None:
            message = f"[{text[:30]}] is not numbers: write [1-3] or [1-3,7]"
            raise ValueError(message)
        first, last = run[1], run[2] or run[1]
        if int(last) < int(first):
            message = f"[{text[:30]}] runs backwards"
            raise ValueError(message)
        if int(last) - int(first) >= MOST_NAMES:
            message = f"stands for more than {MOST_NAMES} hosts"
            raise ValueError(message)
        found += [f"{number:0{len(first)}d}" for number in range(int(first), int(last) + 1)]
    return found
