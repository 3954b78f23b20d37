"""A filesystem made by applying edits in their order, read as the blind program reads hosts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rangectl.implants.item import Item
from rangectl.plan.probing import AppendLine, Copy, Edit, Write

TRUE = bytes(range(256)) * 100 + b"\0".join(b"a string of the program %d" % n for n in range(60))


def _apply(files: dict[str, dict[str, Any]], edit: Edit, ctime: float) -> None:
    match edit:
        case Write(path=path, content=content, mtime=mtime):
            made = content
        case Copy(path=path, mtime=mtime):
            made = TRUE
        case AppendLine(path=path, line=line, mtime=mtime):
            made = files.get(path, {}).get("content", b"") + line.encode() + b"\n"
        case _:
            return
    files[path] = {
        "path": path,
        "ctime": ctime,
        "mtime": mtime,
        "size": len(made),
        "mode": getattr(edit, "mode", None) or 0o644,
        "user": getattr(edit, "owner", None) or "root",
        "folder": ctime,
        "content": made,
    }


def snapshots(items: Sequence[Item], *, refreshed: bool) -> list[dict[str, Any]]:
    """Return what root sees; `refreshed` renews all hosts' ctimes at once, ordered by name."""
    hosts: dict[str, dict[str, dict[str, Any]]] = {}
    tick = 0.0
    for item in items:
        for edit in item.edits:
            tick += 1
            _apply(hosts.setdefault(item.artefact.host, {}), edit, tick)
    for files in hosts.values() if refreshed else ():
        for number, path in enumerate(sorted(files)):
            files[path]["ctime"] = tick + number / len(files)
    return [
        {"host": host, "files": list(files.values()), "processes": []}
        for host, files in sorted(hosts.items())
    ]


def paths(items: Sequence[Item], nature: str) -> frozenset[tuple[str, str]]:
    """Return the files that artefacts of one nature touch."""
    return frozenset(
        (item.artefact.host, edit.path)
        for item in items
        if item.artefact.nature == nature
        for edit in item.edits
        if isinstance(edit, Write | Copy | AppendLine)
    )
