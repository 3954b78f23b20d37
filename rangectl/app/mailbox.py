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
from rangectl.plan.probing import Answer, Edit, ReadFolder, Remove, Write

OUTBOX = "/var/spool/hunt/outbox"
RECEIPTS = "/var/spool/hunt/receipts"
_BATCH = 32
_SIZE = 32768
_ID = re.compile(r"^[0-9a-z][0-9a-z-]{0,39}$")
_SUBMISSION: TypeAdapter[Submission] = TypeAdapter(Submission)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a team handed in under an id; `content` is None when it could not be understood."""

    team: str
    id: str
    content: Submission | None
    trouble: str = ""


def collect(edges: Edges, kits: Sequence[tuple[str, str]]) -> tuple[Letter, ...]:
    """Take every file out of the outboxes of these kits, given as (team, container id)."""
    query = ReadFolder(OUTBOX, entries=_BATCH, size=_SIZE)
    answers = edges.node.probe([(container, [query]) for _, container in kits])
    letters = []
    removals: list[tuple[str, list[Edit]]] = []
    for (team, container), (answer,) in zip(kits, answers, strict=True):
        files = _files(answer)
        letters += [_letter(team, name, content) for name, content in files]
        if files:
            removals.append((container, [Remove(f"{OUTBOX}/{name}") for name, _ in files]))
    edges.node.plant(removals)
    return tuple(letters)


def receipt(letter: Letter, now: datetime, status: str, message: str) -> Write:
    """Return the edit that puts a receipt into the kit."""
    text = json.dumps(
        {"id": letter.id, "at": now.isoformat(), "status": status, "message": message}
    )
    return Write(f"{RECEIPTS}/{letter.id}.json", text.encode())


def _files(answer: Answer) -> tuple[tuple[str, bytes], ...]:
    if answer.folder is None:
        return ()
    named = ((name, content) for name, content in answer.folder.files if name.endswith(".json"))
    return tuple((name, content) for name, content in named if _ID.match(name[:-5]))


def _letter(team: str, name: str, content: bytes) -> Letter:
    """Read one file; whatever is in it, this returns."""
    try:
        return Letter(team, name[:-5], _SUBMISSION.validate_json(content))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return Letter(team, name[:-5], None, f"{where}: {first['msg']}"[:300])
