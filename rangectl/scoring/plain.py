"""Text that came from a range, fit for a terminal."""

from __future__ import annotations


def plain(text: str, instead: str = "?") -> str:
    """Return text with another sign instead of each that would steer a terminal."""
    return "".join(sign if sign.isprintable() else instead for sign in text)
