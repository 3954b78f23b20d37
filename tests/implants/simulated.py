"""A filesystem made by applying edits in their order, read as the blind program reads hosts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rangectl.implants.item import Item
from rangectl.plan.probing import AppendLine, Copy, Edit, Write

BASE = (
    *(("/etc/passwd", 0o644), ("/etc/shadow", 0o640), ("/etc/group", 0o644)),
    *(("/var/log/auth.log", 0o640), ("/var/log/kern.log", 0o640), ("/var/log/audit.log", 0o600)),
    *(("/var/lib/dpkg/status", 0o644), ("/etc/rsyslog.conf", 0o644), ("/etc/login.defs", 0o644)),
    *((f"/etc/pam.d/{name}", 0o644) for name in ("su", "login", "sshd", "cron", "passwd")),
    *((f"/etc/stock/file-{number}", 0o644) for number in range(60)),
    *((f"/etc/init.d/stock-{number}", 0o755) for number in range(12)),
    *((f"/etc/ssl/stock-{number}", 0o640) for number in range(4)),
    *((f"/etc/ssh/stock-{number}", 0o600) for number in range(6)),
    *((f"/etc/sudoers.d/stock-{number}", 0o440) for number in range(2)),
)
"""What a host of Debian's has at these places, with modes as common there as here."""
TRUE = bytes(range(256)) * 100 + b"\0".join(b"a string of the program %d" % n for n in range(60))


def _apply(
    files: dict[str, dict[str, Any]], folders: dict[str, float], edit: Edit, ctime: float
) -> None:
    match edit:
        case Write(path=path, content=content, mtime=mtime):
            made = content
        case Copy(path=path, mtime=mtime):
            made = TRUE
        case AppendLine(path=path, line=line, mtime=mtime):
            made = files.get(path, {}).get("content", b"") + line.encode() + b"\n"
        case _:
            return
    was = files.get(path) if isinstance(edit, AppendLine) else None
    mode = was["mode"] if was else getattr(edit, "mode", None) or 0o644
    user = was["user"] if was else getattr(edit, "owner", None) or "root"
    times = (ctime, ctime if mtime is None else mtime)
    files[path] = _file(path, made, mode, user, times)
    folders[path.rpartition("/")[0]] = ctime


def _file(
    path: str, content: bytes, mode: int, user: str, times: tuple[float, float]
) -> dict[str, Any]:
    return {
        "path": path,
        "ctime": times[0],
        "mtime": times[1],
        "size": len(content),
        "mode": mode,
        "user": user,
        "folder": 0.0,
        "content": content,
    }


def _line(path: str, number: int) -> bytes:
    return f"line {number} of {path}, the same on all hosts\n".encode()


_STOCK = {
    path: _file(path, b"".join(_line(path, n) for n in range(8)), mode, "root", (0.0, 1.7e9))
    for path, mode in BASE
}


def _stock() -> dict[str, dict[str, Any]]:
    """Return the files of a host before anything is planted."""
    return {path: dict(one) for path, one in _STOCK.items()}


def before(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Return what root sees of the hosts before planting."""
    hosts = sorted({share.host for item in items for share in item.shares})
    return [{"host": host, "files": list(_stock().values()), "processes": []} for host in hosts]


def snapshots(items: Sequence[Item], *, refreshed: bool) -> list[dict[str, Any]]:
    """Return what root sees; `refreshed` renews all hosts' ctimes at once, ordered by name."""
    hosts = {share.host: _stock() for item in items for share in item.shares}
    folders: dict[str, dict[str, float]] = {host: {} for host in hosts}
    tick = 0.0
    for item in items:
        for share in item.shares:
            for edit in share.edits:
                tick += 1
                _apply(hosts[share.host], folders[share.host], edit, tick)
    for host, files in hosts.items():
        for number, path in enumerate(sorted(files)):
            files[path]["folder"] = folders[host].get(path.rpartition("/")[0], 0.0)
            if refreshed:
                files[path]["ctime"] = tick + number / len(files)
    return [
        {"host": host, "files": list(files.values()), "processes": []}
        for host, files in sorted(hosts.items())
    ]


def paths(items: Sequence[Item], nature: str) -> frozenset[tuple[str, str]]:
    """Return the files that artefacts of one nature touch."""
    return frozenset(
        (share.host, edit.path)
        for item in items
        if item.artefact.nature == nature
        for share in item.shares
        for edit in share.edits
        if isinstance(edit, Write | Copy | AppendLine)
    )
