"""What a seat says of a program that fails."""

from __future__ import annotations

from pathlib import Path

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


def test_what_the_client_refuses_keeps_no_other_from_being_handed_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, taken = tmp_path / "hunt", tmp_path / "taken"
    client.write_text(f'#!/bin/sh\nshift\ngrep -l bad "$@" >&2 && exit 4\ncat "$@" >> {taken}\n')
    client.chmod(0o755)
    monkeypatch.setenv("HUNT", str(client))
    said = list[str]()
    refused = seat.Seat(said.append).submit([{"host": "web01"}, {"host": "bad"}, {"host": "ns01"}])
    assert refused == [{"host": "bad"}]
    assert taken.read_text() == '{"host": "web01"}{"host": "ns01"}'
    assert [one.partition(":")[0] for one in said] == ["not handed in"]
