"""What to type next: told where a run begins, and where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from rangectl.progress import Progress, Tell

_BEGINS = frozenset({"startex", "goes on"})


def telling(tell: Tell, lines: Sequence[str]) -> Tell:
    """Return what tells progress, and these lines once an exercise begins or goes on."""

    def told(progress: Progress) -> None:
        tell(progress)
        if progress.what in _BEGINS:
            for line in lines:
                tell(Progress("next", line))

    return told


def begun(
    name: str, teams: Sequence[str], kits: Sequence[str], length: timedelta
) -> tuple[str, ...]:
    """Return what teams and instructor type while a run is under way."""
    seats = tuple(f"  rangectl shell {name}/{team} {kit}" for team in teams for kit in kits[:1])
    minutes = f"{length.total_seconds() / 60:g} minutes"
    return (
        "each team, in a terminal of its own (its first words there: hunt briefing):",
        *seats,
        "you, in another terminal:",
        *_columns(
            (f"rangectl exercise status {name} --truth", "how it stands, with the answers"),
            (f"rangectl score {name}", "the board"),
            (f"rangectl exercise pause {name}", "all stands still; resume lets it go on"),
            (f"rangectl exercise stop {name}", "ENDEX now"),
        ),
        f"ENDEX comes after {minutes}, or when every team has said hunt done and no hold runs",
    )


def ended(name: str) -> tuple[str, ...]:
    """Return what the instructor types after ENDEX."""
    return (
        "the ranges still stand, and the record is kept:",
        *_columns(
            (f"rangectl report {name} --format html >report.html", "the reasons, for the debrief"),
            (f"rangectl down {name}", "the ranges go, the record stays"),
            (f"rangectl exercise remove {name}", "ranges and record go, for good"),
        ),
    )


def _columns(*rows: tuple[str, str]) -> tuple[str, ...]:
    width = max(len(command) for command, _ in rows)
    return tuple(f"  {command.ljust(width)}  {what}" for command, what in rows)
