"""Which questions tell whether an artefact's components are there, and what the answers mean.

Answers and log lines come from a range: they are read in bounds, and nothing in them is trusted or
makes these functions fail.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from rangectl.implants.places import CRON_TABLES, KEY_TABLES, PROGRAM_ROOTS
from rangectl.model.planting import Artefact, Component
from rangectl.plan.probing import (
    Answer,
    FileFact,
    FindContent,
    Grep,
    Mounts,
    Processes,
    ProcessFact,
    Query,
    ReadTail,
    Stat,
)

TRAFFIC_QUERY = ReadTail("/var/log/nginx/access.log")
"""What to ask a sinkhole; `parse_hits` reads the answer's data."""
_WORDS = re.compile(r"[ .]")
_USUAL = re.compile(rb'([0-9a-f.:]{2,45}) \S+ \S+ \[([\w:/+ -]{20,32})\] "([!-~][ -~]*?)" \d{3} ')
_ALWAYS = (CRON_TABLES, KEY_TABLES)
_NEVER = "0" * 64
_SET_UID = 0o4000
_LONGEST_LINE = 4096
_MOST_HITS = 10_000
_READING = 60.0
"""Logs are read in fewer seconds than these, also on a busy machine."""


@dataclass(frozen=True, slots=True)
class ComponentSeen:
    """Whether a component was there; of a process also its id and start."""

    component: str
    present: bool
    pid: int | None = None
    start: int | None = None


@dataclass(frozen=True, slots=True)
class SinkholeHit:
    """One request that a sinkhole logged: when (epoch), from where, and its first line."""

    time: float
    address: str
    request: str


def queries(artefact: Artefact, host: str | None = None) -> tuple[Query, ...]:
    """Return the questions to ask one of the artefact's hosts, its own if none is named; `seen`
    reads the answers in this order.
    """
    mine = artefact.on(host or artefact.host)
    return tuple(query for one in mine for query in _queries(one))


def cover(artefacts: Sequence[Artefact]) -> tuple[Query, ...]:
    """Return what to ask every host, so that who watches folders cannot tell those that hold
    implants from others: all places that are looked at for any of these artefacts.
    """
    asked = dict.fromkeys(
        query for one in artefacts for part in one.components for query in _queries(part)
    )
    greps = {query.patterns: None for query in asked if isinstance(query, Grep)}
    finds = {query.roots: None for query in asked if isinstance(query, FindContent)}
    shared = (patterns for patterns in greps if any("*" in one for one in patterns))
    return (
        *(Grep(patterns, (_NEVER,), few=True) for patterns in dict.fromkeys([*shared, *_ALWAYS])),
        *(
            FindContent(roots, (_NEVER,), (1,), suid=True)
            for roots in dict.fromkeys([*finds, PROGRAM_ROOTS])
        ),
    )


def seen(
    artefact: Artefact,
    answers: Sequence[Answer],
    hits: Sequence[SinkholeHit],
    now: datetime,
    host: str | None = None,
) -> tuple[ComponentSeen, ...]:
    """Return what the answers to `queries(artefact, host)` and the logs of servers say of each
    component that stands there; `now` is when it was begun to read those logs.

    A component of which nothing could be learnt (its host did not answer) is left out.
    """
    found, at = [], 0
    for one in artefact.on(host or artefact.host):
        count = len(_queries(one))
        own, at = answers[at : at + count], at + count
        result = _seen(one, own, hits, now) if len(own) == count else None
        # What could not be looked at whole shows what is there, but not what is gone.
        whole = all(answer.error is None for answer in own)
        if result is not None and (whole or result.present):
            found.append(result)
    return tuple(found)


def parse_hits(data: bytes) -> tuple[SinkholeHit, ...]:
    """Read a server's log: one JSON object a line, as sinkholes write it, or the usual form of web
    servers; what is no such line is passed over.
    """
    lines = data.split(b"\n")[-_MOST_HITS:]
    return tuple(hit for line in lines if (hit := _hit(line)) is not None)


def known_since(data: bytes, hits: Sequence[SinkholeHit]) -> float:
    """Return since when (epoch) nothing is missing from the end of a sinkhole's log.

    Who floods a sinkhole pushes older requests out of what is read of its log.
    """
    if len(data) < TRAFFIC_QUERY.size:
        return -math.inf
    return min((hit.time for hit in hits), default=math.inf)


def _queries(one: Component) -> tuple[Query, ...]:
    own: tuple[Query, ...] = (Stat(one.path, content=False),) if one.path else ()
    match one.kind:
        case "file":
            known = one.sha256 is not None and one.look_in
            return (_find(one, suid=False),) if known else own
        case "line" | "lost":
            return (Grep(one.look_in, (one.needle,), few=True),) if one.needle else ()
        case "suid" | "cap":
            return own if one.sha256 is None else (*own, _find(one, suid=one.kind == "suid"))
        case "link":
            return own
        case "process" | "mount":
            return (Processes(), *((Mounts(),) if one.kind == "mount" else ()))
        case "traffic":
            return ()
    assert_never(one.kind)


def _find(one: Component, *, suid: bool) -> FindContent:
    sizes = () if one.size is None else (one.size,)
    return FindContent(one.look_in, (one.sha256 or "",), sizes, suid=suid)


def _seen(
    one: Component, answers: Sequence[Answer], hits: Sequence[SinkholeHit], now: datetime
) -> ComponentSeen | None:
    if one.kind == "process":
        return _process(one, answers)
    if one.kind == "mount":
        return _mount(one, answers)
    return ComponentSeen(one.id, present=_is_there(one, answers, hits, now))


def _is_there(
    one: Component, answers: Sequence[Answer], hits: Sequence[SinkholeHit], now: datetime
) -> bool:
    stats = [answer.stat for answer in answers if answer.stat is not None]
    lines = [line.line for answer in answers for line in answer.lines]
    there = False
    match one.kind:
        case "file":
            there = bool(stats) or any(answer.files for answer in answers)
        case "line":
            there = one.needle is not None and any(one.needle in line for line in lines)
        case "lost":
            there = one.needle not in lines
        case "suid" | "cap":
            there = _is_marked(one, answers)
        case "link":
            there = any(fact.type == "link" for fact in stats)
        case "traffic":
            there = any(_asked(one, hit, now) for hit in hits)
        case "process":
            there = _process(one, answers).present
        case "mount":
            there = _mount(one, answers).present
        case _:
            assert_never(one.kind)
    return there


def _is_marked(one: Component, answers: Sequence[Answer]) -> bool:
    """Tell whether a program has its bit or capability, at its path or wherever it was moved to."""
    at_path = (answer.stat for answer in answers if answer.stat is not None)
    if any(_has_mark(one, fact) for fact in at_path):
        return True
    copies = (fact for answer in answers for fact in answer.files)
    return any(
        _has_mark(one, fact) and fact.sha256 == one.sha256 and fact.path not in one.others
        for fact in copies
    )


def _has_mark(one: Component, fact: FileFact) -> bool:
    return fact.cap if one.kind == "cap" else bool(fact.mode & _SET_UID)


def _process(one: Component, answers: Sequence[Answer]) -> ComponentSeen:
    running = [
        process
        for answer in answers
        for process in answer.processes
        if one.needle is not None and _runs(process, one.needle)
    ]
    if not running:
        return ComponentSeen(one.id, present=False)
    oldest = min(running, key=lambda process: (process.start, process.pid))
    return ComponentSeen(one.id, present=True, pid=oldest.pid, start=oldest.start)


def _mount(one: Component, answers: Sequence[Answer]) -> ComponentSeen:
    """Say whether a process is covered, and which."""
    covered = {pid for answer in answers for pid in answer.covered}
    rest = [
        replace(answer, processes=tuple(p for p in answer.processes if p.pid in covered))
        for answer in answers
    ]
    return _process(one, rest)


def _runs(process: ProcessFact, path: str) -> bool:
    """Tell whether a process is the program or an interpreter with it, not a viewer of it."""
    if process.command[:1] == (path,):
        return True
    interpreter = process.exe.rpartition("/")[2].startswith("python")
    return interpreter and process.command[1:2] == (path,)


def _asked(one: Component, hit: SinkholeHit, now: datetime) -> bool:
    age = now.timestamp() - hit.time
    return (
        one.needle is not None
        and one.needle in hit.request  # of the thousands that somebody may send, few are split
        and -_READING <= age <= one.lately.total_seconds()
        and (one.source is None or str(one.source) == hit.address)
        and one.needle in {*hit.request.split(" "), *_WORDS.split(hit.request)}
    )


def _hit(line: bytes) -> SinkholeHit | None:
    if not line or len(line) > _LONGEST_LINE:
        return None
    if (usual := _USUAL.match(line)) is not None:
        return _usual_hit(*(part.decode() for part in usual.groups()))
    try:
        value: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    time, address, request = (value.get(key) for key in ("time", "address", "request"))
    time = _number(time)
    if time is None or not isinstance(address, str) or not isinstance(request, str):
        return None
    return SinkholeHit(time, address, request)


def _usual_hit(address: str, moment: str, request: str) -> SinkholeHit | None:
    try:
        time = datetime.strptime(moment, "%d/%b/%Y:%H:%M:%S %z").timestamp()
    except (ValueError, OverflowError):
        return None
    return SinkholeHit(time, address, request)


def _number(value: object) -> float | None:
    """Read a number, also one written as text; None for what is none or not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value[:32] if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
