"""The trainees' outbox: collected from outside, answered with receipts, never with verdicts."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from rangectl.app.edges import Edges
from rangectl.model.finding import Submission
from rangectl.model.words import told
from rangectl.plan.probing import Edit, ReadFolder, Remove, Write

OUTBOX = "/var/spool/hunt/outbox"
RECEIPTS = "/var/spool/hunt/receipts"
_BATCH = 128
_SIZE = 32768
_ID = re.compile(r"[0-9a-z][0-9a-z-]{0,39}")
_SUBMISSION: TypeAdapter[Submission] = TypeAdapter(Submission)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a team handed in under an id; `content` is None when it could not be understood."""

    team: str
    id: str
    content: Submission | None
    trouble: str = ""


def collect(edges: Edges, kits: Sequence[tuple[str, str]]) -> tuple[Letter, ...]:
    """Read the outboxes of these kits, given as (team, container id).

    A letter stays there until it is closed, so that none is lost with the director. What cannot
    be a letter by its name is removed.
    """
    query = ReadFolder(OUTBOX, entries=_BATCH, size=_SIZE)
    answers = edges.node.probe([(container, [query]) for _, container in kits])
    letters = []
    removals: list[tuple[str, list[Edit]]] = []
    for (team, container), (answer,) in zip(kits, answers, strict=True):
        files = answer.folder.files if answer.folder is not None else ()
        letters += [_letter(team, name, text) for name, text in files if _is_letter(name)]
        strange = [name for name, _ in files if not _is_letter(name)]
        if strange:
            removals.append((container, [Remove(f"{OUTBOX}/{name}") for name in strange]))
    if removals:
        edges.node.plant(removals)
    return tuple(letters)


def receipt(letter: str, now: datetime, status: str, message: str) -> Write:
    """Return the edit that puts the receipt for a letter of that id into the kit."""
    text = json.dumps({"id": letter, "at": now.isoformat(), "status": status, "message": message})
    return Write(f"{RECEIPTS}/{letter}.json", text.encode())


def closed(letter: str) -> Remove:
    """Return the edit that takes a letter of that id out of the outbox."""
    return Remove(f"{OUTBOX}/{letter}.json")


def _is_letter(name: str) -> bool:
    return name.endswith(".json") and _ID.fullmatch(name[:-5]) is not None


def _letter(team: str, name: str, content: bytes) -> Letter:
    """Read one file; whatever is in it, this returns."""
    try:
        return Letter(team, name[:-5], _SUBMISSION.validate_json(content))
    except ValidationError as error:
        trouble = next(told(error))
        return Letter(team, name[:-5], None, trouble[:300])
