"""Choices that look random and are the same for the same seed."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chooser:
    """A stream of choices that a key determines wholly."""

    __slots__ = ("_count", "_key")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._count = 0

    def fork(self, label: str) -> Chooser:
        """Return a chooser of its own for `label`; it does not depend on what was chosen here."""
        return Chooser(hmac.new(self._key, b"fork\0" + label.encode(), hashlib.sha256).digest())

    def bytes(self, count: int) -> bytes:
        """Return the next bytes."""
        drawn = b""
        while len(drawn) < count:
            block = self._count.to_bytes(8, "big")
            drawn += hmac.new(self._key, b"draw\0" + block, hashlib.sha256).digest()
            self._count += 1
        return drawn[:count]

    def below(self, limit: int) -> int:
        """Return a whole number from 0 up to, without, `limit`."""
        return int.from_bytes(self.bytes(16), "big") % limit

    def between(self, low: float, high: float) -> float:
        """Return a number from `low` up to `high`."""
        return low + (high - low) * int.from_bytes(self.bytes(7), "big") / 2**56

    def chance(self, probability: float) -> bool:
        """Return True as often as `probability` says."""
        return self.between(0, 1) < probability

    def pick(self, values: Sequence[T]) -> T:
        """Return one of `values`."""
        return values[self.below(len(values))]

    def shuffled(self, values: Sequence[T]) -> tuple[T, ...]:
        """Return all of `values` in another order."""
        left = list(values)
        return tuple(left.pop(self.below(len(left))) for _ in range(len(left)))

    def token(self, digits: int) -> str:
        """Return so many hexadecimal digits."""
        return self.bytes((digits + 1) // 2).hex()[:digits]
