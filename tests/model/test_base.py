"""Durations and sizes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rangectl.model.base import parse_duration, show_duration
from rangectl.model.topology import size_bytes


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("5m", 300), ("1.5h", 5400), ("0s", 0), ("744h", 2678400)]
)
def test_a_duration_has_a_unit(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "90", "-5m", "5 m", "1e9s", "5m\n", "\u0665m", 90, True, None]
)
def test_anything_else_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["745h", "999999999h"])
def test_a_duration_ends(text: str) -> None:
    with pytest.raises(ValueError, match="too long"):
        parse_duration(text)


def test_a_duration_is_written_the_way_it_is_read() -> None:
    assert parse_duration(show_duration(timedelta(minutes=2.5))) == timedelta(seconds=150)


def test_a_size_has_a_binary_unit() -> None:
    assert size_bytes("128MiB") == 128 * 1024 * 1024


@pytest.mark.parametrize("text", ["128", "128MB", "1.5GiB", "-1GiB", "MiB", "1GiB "])
def test_anything_else_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="not a size"):
        size_bytes(text)
