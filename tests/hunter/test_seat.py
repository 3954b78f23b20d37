"""What a seat says of a program that fails."""

from __future__ import annotations

import pytest

from rangectl.hunter import seat


@pytest.mark.parametrize(
    ("script", "seconds", "said"),
    [
        ("exec sleep 30", 0.2, "sh: it was ended, as it took longer than 0.2 s, or told too much"),
        ("exit 7", 20, "sh: exit code 7"),
        ("echo no way >&2; exit 7", 20, "sh: no way"),
    ],
)
def test_a_program_that_fails_is_said_to_have_failed_and_why(
    script: str, seconds: float, said: str
) -> None:
    with pytest.raises(seat.SeatError) as caught:
        seat._run(["sh", "-c", script], "", seconds)
    assert str(caught.value) == said
