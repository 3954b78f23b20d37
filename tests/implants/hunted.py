"""What the reference hunter would be told of hosts in memory."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from rangectl.app.exercise import _briefing
from rangectl.engine.memory import Box, Entry
from rangectl.engine.memory_node import LINK
from rangectl.hunter.halves import halves
from rangectl.hunter.leads import Case, Lead, leads
from rangectl.hunter.reading import read_view
from rangectl.hunter.register import Register, read_register
from rangectl.hunter.signs import read_traces, signs, watched
from rangectl.hunter.traces import SKIPPED, is_relevant, names_in
from rangectl.implants.words import HOMES
from rangectl.model.syntaxes import STOCK
from rangectl.plan.probing import ProcessFact, Write
from tests.app.world import material
from tests.implants.stage import Scene

REGISTER = "/briefing/register.json"
OWNED = ("/etc/pam.d/", "/etc/login.defs", "/etc/adduser", "/etc/deluser", "/etc/logrotate.conf")
OWNED_TOO = (*OWNED, "/etc/rsyslog.conf", "/etc/passwd", "/etc/shadow", "/etc/group")


def register_of(scene: Scene) -> Register:
    """Return the register that the partner gives, read as the hunter reads it."""
    live, run = scene.run.ranges["alder"], scene.run
    edits = _briefing(run, material(run.exercise), live, scene.items)
    (told,) = (
        one.content for one in edits if isinstance(one, Write) and one.path.endswith(REGISTER)
    )
    return read_register(json.loads(told))


def hunted(scene: Scene) -> list[Lead]:
    """Return all leads on all hosts."""
    known = register_of(scene)
    told = {}
    found: list[Lead] = []
    for host in known.hosts:
        box = scene.world.box(host)
        running = scene.world.node.cron.processes(box.seen.id)
        processes = [
            {"pid": p.pid, "ppid": 1, "start": p.start, "uid": 33, "argv": p.command, "exe": p.exe}
            for p in running
            if p.pid not in box.covered
        ]
        mounts = [_mounted(box, p) for p in running if p.pid in box.covered]
        view = read_view(_survey(box, processes))
        found += leads(Case(host, view, known, frozenset()))
        told[host] = _traces(box, processes, frozenset(watched(known, host)))
        told[host]["mounts"] = mounts
    for _, traces in read_traces(told, known):
        found += halves(traces, signs(traces))
    return found


def _mounted(box: Box, process: ProcessFact) -> dict[str, Any]:
    """Return how a host tells that something is mounted over a process."""
    unit = next(
        path.rpartition("/")[2]
        for path, entry in box.files.items()
        if path.endswith(".service") and f"{process.exe} ".encode() in entry.content
    )
    line = f"711 640 0:52 /opt/x /proc/{process.pid} rw,relatime - overlay overlay rw"
    return {"line": line, "pid": process.pid, "unit": unit}


def _text(entry: Entry) -> str | None:
    return None if b"\0" in entry.content else entry.content.decode(errors="replace")


def _seen(entry: Entry) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(entry.content).hexdigest(), "text": _text(entry)}


def _survey(box: Box, processes: list[dict[str, Any]]) -> dict[str, Any]:
    files = {p: e for p, e in box.files.items() if e.mode != LINK}
    tables = [p for p in files if p.startswith(("/etc/cron.d/", "/var/spool/cron/crontabs/"))]
    keys = [p for p in files if "/authorized_keys" in p]
    row = {"mode": 0o644, "user": "root", "size": 9}
    return {
        "set_id": [{"path": p, **row} for p, e in files.items() if e.mode & 0o6000],
        "tables": [{"path": p, **row} for p in tables],
        "keys": [{"path": p, **row} for p in keys],
        "homes": {home: account for account, home in HOMES.items()},
        "all": [],
        "files": {p: _seen(e) for p, e in files.items()},
        "owners": "".join(f"stock: {path}\n" for path in STOCK.values()),
        "altered": [],
        "processes": [{**one, "argv": list(one["argv"])} for one in processes],
        "peers": [],
        "sockets": "",
    }


def _traces(box: Box, processes: list[dict[str, Any]], asked: frozenset[str]) -> dict[str, Any]:
    rows = []
    for path, entry in box.files.items():
        link = entry.mode == LINK
        owned = path.startswith(OWNED_TOO)
        listed = {"path": path, "type": "l" if link else "f", "mtime": entry.mtime}
        if not is_relevant(listed, asked) or path.startswith(SKIPPED):
            continue
        rows.append(_row(path, entry, owned=owned))
    known = {row["path"] for row in rows}
    named = names_in([row["text"] for row in rows if row["text"]])
    named |= {one["exe"] for one in processes}
    rows += [
        _row(path, box.files[path], owned=False) | {"program": True}
        for path in sorted(named - known)
        if path in box.files and path.startswith(("/opt/", "/srv/", "/usr/local/"))
    ]
    log = {
        name: box.files.get(f"/var/log/{name}.log", Entry(b"", 0, "root", 0.0))
        for name in ("auth", "audit")
    }
    status = box.files.get("/var/lib/dpkg/status", Entry(b"", 0, "root", 0.0)).content.decode()
    return {
        "files": rows,
        "capable": [
            {"path": p, "sha256": hashlib.sha256(e.content).hexdigest()}
            for p, e in box.files.items()
            if e.cap
        ],
        "passwd": box.files.get("/etc/passwd", Entry(b"", 0, "root", 0.0)).content.decode(),
        "processes": processes,
        "auth": log["auth"].content.decode().splitlines(),
        "audit": log["audit"].content.decode().splitlines(),
        "packages": [one.split()[1] for one in status.splitlines() if one.startswith("Package:")],
    }


def _row(path: str, entry: Entry, *, owned: bool) -> dict[str, Any]:
    link = entry.mode == LINK
    return {
        "path": path,
        "type": "l" if link else "f",
        "mode": f"{entry.mode:04o}",
        "user": entry.owner,
        "size": len(entry.content),
        "mtime": entry.mtime,
        "owned": owned,
        "altered": owned,
        "sha256": "" if link else hashlib.sha256(entry.content).hexdigest(),
        "text": None if link else _text(entry),
        "target": entry.content.decode() if link else "",
        "magic": entry.content[:4].hex(),
    }
