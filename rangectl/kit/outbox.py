"""The outbox and the receipts that come back."""

from __future__ import annotations

import json
import os
import re
import secrets
import stat
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .places import Places, Stop

IDENT = re.compile(r"^[0-9a-z-]{1,40}$")


def new_id(now: float) -> str:
    """Return an id that sorts by time and that nobody else has."""
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(now))
    return f"{stamp}-{int(now % 1 * 1_000_000):06d}{secrets.token_hex(3)}"


def hand_in(where: Places, submission: Mapping[str, Any]) -> str:
    """Put a submission into the outbox, whole and never over another; return its id."""
    hint = "the kit is not connected to an exercise: tell the instructor"
    if not where.outbox.is_dir():
        raise Stop(4, [f"{where.outbox}: there is no outbox"], hint)
    content = json.dumps(submission, indent=1).encode()
    try:
        _make_sent(where)
        # Not in the outbox: what is no submission by its name is taken out of there.
        handle, name = tempfile.mkstemp(prefix=".", dir=where.sent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), 0o644)
        return settle(where, Path(name))
    except OSError as error:
        raise Stop(4, [f"{where.outbox}: {error}"], hint) from None


def _make_sent(where: Places) -> None:
    """Make the folder of copies; it is the outbox's owner's, also where root hands in first."""
    where.sent.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        owner = where.outbox.stat()
        os.chown(where.sent, owner.st_uid, owner.st_gid, follow_symlinks=False)


def settle(where: Places, written: Path) -> str:
    """Give a written file its place under an id that is free, and keep a copy of one's own."""
    try:
        while True:
            ident = new_id(time.time())
            try:
                os.link(written, where.sent / f"{ident}.json")
                os.link(written, where.outbox / f"{ident}.json")
            except FileExistsError:
                continue
            return ident
    finally:
        written.unlink()


def load(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file; an empty one if there is none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def submissions(where: Places) -> dict[str, dict[str, Any]]:
    """Return all that was handed in from here, by id, oldest first."""
    listed = [p for folder in (where.outbox, where.sent) for p in folder.glob("[0-9a-z]*.json")]
    return {path.stem: load(path) for path in sorted(listed, key=lambda p: p.stem) if _plain(path)}


def _plain(path: Path) -> bool:
    """Say whether this is a file: to open a pipe would be to wait, and a link leads elsewhere."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:  # it was collected meanwhile
        return False


def one_submission(where: Places, ident: str) -> dict[str, Any]:
    """Return the submission of that id."""
    found = submissions(where)
    if not IDENT.match(ident) or ident not in found:
        raise Stop(3, [f"{ident}: you handed in nothing with this id"], "see hunt list")
    return found[ident]


def receipt(where: Places, ident: str) -> dict[str, Any]:
    """Return the receipt of a submission; empty while there is none."""
    return load(where.receipts / f"{ident}.json")
