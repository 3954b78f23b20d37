"""The kit: where things are in it, what its register says, and how a command ends early."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class Stop(Exception):  # noqa: N818 - how a command ends early, with its exit code
    """The command cannot go on: what is wrong, what to do about it, and the exit code."""

    def __init__(self, code: int, problems: Sequence[str], hint: str = "") -> None:
        super().__init__("\n".join(problems))
        self.code = code
        self.problems = tuple(problems)
        self.hint = hint


@dataclass(frozen=True)
class Places:
    """Where things are in the kit."""

    outbox: Path
    receipts: Path
    briefing: Path
    ssh: tuple[str, ...]

    @property
    def sent(self) -> Path:
        """Where a copy of all that was handed in stays: the outbox itself is emptied."""
        return self.outbox / ".sent"


def places(env: Mapping[str, str]) -> Places:
    """Return the folders of the kit, or those the environment names."""
    return Places(
        outbox=Path(env.get("HUNT_OUTBOX", "/var/spool/hunt/outbox")),
        receipts=Path(env.get("HUNT_RECEIPTS", "/var/spool/hunt/receipts")),
        briefing=Path(env.get("HUNT_BRIEFING", "/srv/briefing")),
        ssh=tuple(shlex.split(env.get("HUNT_SSH", "ssh -o BatchMode=yes -o ConnectTimeout=10"))),
    )


def printable(text: str) -> str:
    """Return text without control characters: what a host says must not steer a terminal."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def say(text: str) -> None:
    """Print one text for the person."""
    sys.stdout.write(printable(text) + "\n")


def read_register(where: Places) -> dict[str, Any]:
    """Return the partner's register from the briefing."""
    path = where.briefing / "register.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Stop(
            4, [f"{path}: {error}"], "the briefing is put here when a range starts"
        ) from None
    if not isinstance(found, dict):
        raise Stop(4, [f"{path}: not a register"])
    return found


def known_hosts(register: Mapping[str, Any]) -> list[str]:
    """Return the names of all hosts of the register, in its order."""
    return [str(host["name"]) for host in register.get("hosts", ())]
