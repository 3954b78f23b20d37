"""What all tests share: the rings run from the inside out, so that the cheap ones fail first."""

from __future__ import annotations

import pytest

RINGS = ("engine", "slow")


def ring(item: pytest.Item) -> int:
    """How far out a test stands: 0 is pure, each marker of RINGS is one further."""
    return max(
        (RINGS.index(mark.name) + 1 for mark in item.iter_markers() if mark.name in RINGS),
        default=0,
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=ring)
