"""Choices that look random and are the same for the same seed, in every process."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of choices that its words determine wholly."""

    __slots__ = ("_block", "_count", "_seed")

    def __init__(self, *words: str) -> None:
        self._seed = "\0".join(words).encode()
        self._count = 0
        self._block = b""

    def below(self, limit: int) -> int:
        """Return a whole number from 0 up to, without, `limit`."""
        if not self._block:
            self._block = hashlib.sha256(b"%d\0" % self._count + self._seed).digest()
            self._count += 1
        drawn, self._block = self._block[:8], self._block[8:]
        return int.from_bytes(drawn, "big") % limit

    def within(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both among them."""
        return low + self.below(high - low + 1)

    def chance(self, percent: int) -> bool:
        """Return True as often as `percent` says."""
        return self.below(100) < percent

    def pick(self, values: Sequence[T]) -> T:
        """Return one of `values`."""
        return values[self.below(len(values))]

    def some(self, values: Sequence[T], count: int) -> list[T]:
        """Return `count` of `values` in another order, or all where there are fewer."""
        left = list(values)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]

    def hex(self, digits: int) -> str:
        """Return so many hexadecimal digits."""
        return "".join(f"{self.below(16):x}" for _ in range(digits))
