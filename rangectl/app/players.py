"""Teams that play by themselves: programs in a kit, with a trainee's means alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rangectl.app.run import Run
from rangectl.plan.probing import Edit, ReadTail, Write
from rangectl.progress import Progress

_FOLDER = "/opt/player"
_LOG = "/home/trainee/player.log"


@dataclass(frozen=True, slots=True)
class Player:
    """How one team plays by itself: the name of its play, and the program's files by name."""

    play: str
    files: Mapping[str, bytes]


def launch(run: Run, players: Mapping[str, Player]) -> None:
    """Put every player's program into its team's kit and start it there as the trainee."""
    for team, container in run.kits():
        player = players.get(team)
        if player is None:
            continue
        edits: list[Edit] = [
            Write(f"{_FOLDER}/hunter/{name}", content) for name, content in player.files.items()
        ]
        run.edges.node.plant([(container, edits)])
        words = ["/usr/bin/env", "-C", _FOLDER, "HOME=/home/trainee", "/usr/bin/python3"]
        words += ["-m", "hunter", "--play", player.play, "--seat-log", _LOG]
        run.edges.engine.spawn(container, words, "trainee")
        run.tell(Progress("player", f"{team}: plays {player.play}"))


def logs(run: Run) -> dict[str, str]:
    """Return the end of what each player wrote of its doings."""
    kits = run.kits()
    answers = run.edges.node.probe([(container, [ReadTail(_LOG, 65536)]) for _, container in kits])
    return {
        team: answer.data.decode(errors="replace")
        for (team, _), (answer,) in zip(kits, answers, strict=True)
    }
