"""Players that an exercise must not reward: the idle, the reporter of everything, the rebuilder."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from .leads import Piece, file_piece, line_piece
from .reading import View
from .register import Register
from .seat import Seat, SeatError
from .timing import CYCLE

GUESSES = (
    ("/etc/cron", "T1053.003"),
    ("/var/spool/cron", "T1053.003"),
    ("/etc/systemd", "T1543.002"),
    ("/etc/sudoers", "T1548.003"),
    ("/etc/profile", "T1546.004"),
)


def idle(seat: Seat) -> None:
    """Hand in nothing, and say so."""
    seat.hunt("done")


def rebuild(seat: Seat) -> None:
    """Ask for a clean rebuild of every host of the partner."""
    for host in seat.register().hosts:
        seat.hunt("request", "rebuild", host, "--why", "to be on the safe side")
        seat.tell(f"asked for a rebuild of {host}")
    settle(seat)
    seat.hunt("done")


def everything(seat: Seat) -> None:
    """Report all that can be listed, at once and again after a whole cycle of cron."""
    register = seat.register()
    reported: set[str] = set()
    ask = {"wide": True, "deep": True, "watch": 2.0, "also": []}
    while True:
        begun = seat.now()
        views = seat.on_all(register.hosts, lambda host: seat.survey(host, ask))
        found = [one for host, view in views.items() for one in all_findings(host, view)]
        fresh = {json.dumps(one): one for one in found if json.dumps(one) not in reported}
        for begin in range(0, len(fresh), 100):
            seat.submit(list(fresh.values())[begin : begin + 100])
        reported |= set(fresh)
        seat.tell(f"{len(fresh)} findings on {len(views)} hosts")
        settle(seat)
        if begun >= CYCLE or begun >= latest(register):
            break
        time.sleep(max(0.0, CYCLE - seat.now()))
    seat.hunt("done")


def latest(register: Register) -> float:
    """Return when a second look would come too late to count."""
    return register.length / 2


def settle(seat: Seat) -> None:
    """Wait until all that was handed in has a receipt, or that takes too long."""
    last = seat.now() + 60
    while seat.now() < last:
        try:
            if not seat.unanswered():
                return
        except SeatError as error:
            seat.tell(str(error))
        time.sleep(1)


def all_findings(host: str, view: View) -> Iterator[dict[str, Any]]:
    """Make a finding of everything in a view that no package owns, known to the partner or not."""
    for job in view.jobs:
        yield finding(host, "T1053.003", line_piece(job.path, job.line))
    for key in view.keys:
        made = finding(host, "T1098.004", line_piece(key.path, key.line))
        yield made | {"fingerprint": key.fingerprint}
    for path in view.set_id:
        if path in view.files:
            yield finding(host, "T1548.001", file_piece(view.files[path]))
    for process in view.processes:
        if not set(process.argv[:3]) & set(view.files):
            continue
        start = {"kind": "process", "pid": process.pid, "start": process.start}
        yield finding(host, "T1071.001", start)
    for path, file in sorted(view.files.items()):
        if not view.is_packaged(path):
            yield finding(host, guess(path), file_piece(file))


def finding(host: str, technique: str, piece: Piece) -> dict[str, Any]:
    """Make a finding of one piece of evidence."""
    return {"kind": "finding", "host": host, "technique": technique, "evidence": [piece]}


def guess(path: str) -> str:
    """Return the technique that a file's place suggests."""
    return next((one for begin, one in GUESSES if path.startswith(begin)), "T1036.005")
