"""What to type next."""

from __future__ import annotations

from datetime import timedelta

from rangectl.cli import onward
from rangectl.progress import Progress


def test_every_team_is_told_its_kit_and_the_instructor_what_he_may_do() -> None:
    told = onward.begun("monday", ("alder", "birch"), ("hunt01",), timedelta(minutes=6))
    assert "  rangectl shell monday/alder hunt01" in told
    assert "  rangectl shell monday/birch hunt01" in told
    assert any(line.startswith("  rangectl exercise stop monday ") for line in told)
    assert told[-1].startswith("ENDEX comes after 6 minutes")


def test_it_is_told_when_the_exercise_begins_and_not_before() -> None:
    lines: list[str] = []
    tell = onward.telling(lambda progress: lines.append(progress.text), ("type this",))
    tell(Progress("planted", "planted"))
    tell(Progress("startex", "STARTEX"))
    assert lines == ["planted", "STARTEX", "type this"]


def test_after_the_end_it_is_told_what_goes_and_what_stays() -> None:
    told = "\n".join(onward.ended("monday"))
    assert "rangectl down monday " in told
    assert "the record stays" in told
    assert "rangectl exercise remove monday " in told
