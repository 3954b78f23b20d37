"""Cron in memory: resident programs are started every minute, and ask while their lease lasts."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network

from rangectl.engine.memory import Box, Entry, MemoryClock, MemoryEngine
from rangectl.implants.lease import LEASE_PATH, lease
from rangectl.implants.probes import TRAFFIC_QUERY
from rangectl.plan.personal import LEASE_KEY
from rangectl.plan.probing import ProcessFact
from rangectl.plan.spec import RangeId

_JOBS = re.compile(r"/etc/cron\.d/[^/]+|/var/spool/cron/crontabs/[^/]+")
_CONSTANT = re.compile(r'^(ADDRESS|PORT|URI|PERIOD) = "?(.*?)"?$', re.MULTILINE)
_UNIT = re.compile(r"/etc/systemd/system/([^/]+)\.service")
_EXEC = re.compile(r"^ExecStart=(@?)(\S+) (.*)$", re.MULTILINE)
_SOCKETS = "/etc/systemd/system/sockets.target.wants"
_WANTS = "/etc/systemd/system/multi-user.target.wants"
_SOCKET = re.compile(r"/etc/systemd/system/([^/]+)\.socket")
_LISTENS = re.compile(r"^ListenStream=(?:[\d.]+:)?(\d+)$", re.MULTILINE)
_SILENT = {"ADDRESS": "", "PORT": "0", "URI": "", "PERIOD": "60"}
_EVERY = re.compile(r"\*(?:/\d+)? \* \* \* \*")


@dataclass
class _Poller:
    """A resident program at work."""

    pid: int
    start: int
    path: str
    address: str
    port: int
    uri: str
    period: float
    asks_at: float
    title: str = ""


class MemoryCron:
    """Runs what crontabs and units of a MemoryEngine's boxes start, as its clock moves.

    Only the activity program is resident. Scripts end as soon as they begin, and are not seen.
    """

    def __init__(self, engine: MemoryEngine, clock: MemoryClock) -> None:
        self._boxes = engine.boxes
        self._running: dict[tuple[str, str], _Poller] = {}
        self._pids = itertools.count(300)
        self._minute = clock.now().replace(second=0, microsecond=0)
        clock.alarms.append(self._tick)

    def processes(self, container: str) -> tuple[ProcessFact, ...]:
        """Return the processes of a container."""
        return tuple(
            ProcessFact(
                pid=one.pid,
                ppid=1,
                start=one.start,
                uid=33,
                exe="/usr/bin/python3.11" if one.address else self._exe(container, one.path),
                command=_command(one),
            )
            for (where, _), one in self._running.items()
            if where == container
        )

    def _exe(self, container: str, path: str) -> str:
        return path if path in self._boxes[container].files else f"{path} (deleted)"

    def kill(self, container: str, pid: int) -> None:
        """End a process; what starts it will start it again."""
        self._running = {
            key: one for key, one in self._running.items() if (key[0], one.pid) != (container, pid)
        }

    def _tick(self, now: datetime) -> None:
        for key in [key for key in self._running if not self._runs(key[0])]:
            del self._running[key]
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._start_missing(now)
        for key, one in list(self._running.items()):
            due = one.asks_at <= now.timestamp() and not self._boxes[key[0]].seen.frozen
            if due and not self._ask(key, one, now):
                del self._running[key]

    def _runs(self, container: str) -> bool:
        box = self._boxes.get(container)
        return box is not None and box.seen.running and box.wired

    def _start_missing(self, now: datetime) -> None:
        for container, box in self._boxes.items():
            acts = self._runs(container) and not box.seen.frozen
            for path, title in _resident(box) if acts else ():
                self._start(container, path, title, now)

    def _start(self, container: str, path: str, title: str, now: datetime) -> None:
        """Start a program that does not run yet."""
        if (container, path) in self._running:
            return
        text = _content(self._boxes[container], path).decode(errors="replace")
        constants = dict(_CONSTANT.findall(text)) or _SILENT
        self._running[container, path] = _Poller(
            pid=next(self._pids),
            start=int(now.timestamp()) % 10**6 * 100,
            path=path,
            address=constants["ADDRESS"],
            port=int(constants["PORT"]),
            uri=constants["URI"],
            period=float(constants["PERIOD"]),
            asks_at=now.timestamp(),
            title=title,
        )

    def _ask(self, key: tuple[str, str], one: _Poller, now: datetime) -> bool:
        """Ask once, if the lease allows it; return whether it does."""
        box = self._boxes[key[0]]
        if not one.address:
            return True
        if not _allowed(box, one.address, now):
            return False
        one.asks_at = now.timestamp() + one.period
        server = self._at(box.seen.range, one.address)
        if server is None or box.seen.spec is None:
            return True
        woken = [*_woken(server, one.port)]
        for path in woken:
            self._start(server.seen.id, path, "", now)
        if not woken:
            line = _logged(server, str(box.seen.spec.nics[0].address.ip), one.uri, now)
            log = server.files.get(TRAFFIC_QUERY.path, Entry(b"", 0o644, "root", 0.0))
            content = log.content + line.encode() + b"\n"
            server.files[TRAFFIC_QUERY.path] = Entry(content, 0o644, "root", now.timestamp())
        return True

    def _at(self, range_id: RangeId, address: str) -> Box | None:
        for box in self._boxes.values():
            spec = box.seen.spec if box.seen.range == range_id and box.seen.running else None
            if spec is not None and any(str(nic.address.ip) == address for nic in spec.nics):
                return box
        return None


def _command(one: _Poller) -> tuple[str, ...]:
    if one.address:
        return ("/usr/bin/python3", one.path)
    return (one.title or one.path, "infinity")


def _resident(box: Box) -> Iterator[tuple[str, str]]:
    """Yield the resident programs that crontabs and units of a box start, and what a unit calls
    them.
    """
    for path, entry in box.files.items():
        if _JOBS.fullmatch(path):
            for line in entry.content.decode(errors="replace").splitlines():
                if _EVERY.match(line):
                    named = (word for word in line.split() if word in box.files)
                    yield from ((one, "") for one in named if _speaks(box, one))
        elif (unit := _UNIT.fullmatch(path)) and f"{_WANTS}/{unit[1]}.service" in box.files:
            for titled, program, words in _EXEC.findall(entry.content.decode(errors="replace")):
                copied = b"ExecStartPre=/usr/bin/cp /usr/bin/sleep " in entry.content
                sleeps = copied or b"ELF sleep" in _content(box, program)
                if sleeps or _speaks(box, program):
                    yield program, words.split()[0] if titled else ""


def _logged(server: Box, address: str, uri: str, now: datetime) -> str:
    """Return the line that a server logs: a sinkhole its own, any other the usual one."""
    request = f"GET {uri} HTTP/1.1"
    if server.seen.spec is not None and server.seen.spec.init == "process":
        return json.dumps({"time": now.timestamp(), "address": address, "request": request})
    return f'{address} - - [{now:%d/%b/%Y:%H:%M:%S %z}] "{request}" 200 512 "-" "-"'


def _woken(box: Box, port: int) -> Iterator[str]:
    """Yield what the sockets of a box start when somebody connects to a port."""
    for path, entry in list(box.files.items()):
        unit = _SOCKET.fullmatch(path)
        if unit is None or f"{_SOCKETS}/{unit[1]}.socket" not in box.files:
            continue
        ports = _LISTENS.findall(entry.content.decode(errors="replace"))
        if str(port) in ports:
            mould = _content(box, f"/etc/systemd/system/{unit[1]}@.service")
            programs = _EXEC.findall(mould.decode(errors="replace"))
            yield from (program for _, program, _ in programs if _speaks(box, program))


def _speaks(box: Box, path: str) -> bool:
    return b"LEASE = " in _content(box, path)


def _content(box: Box, path: str) -> bytes:
    return box.files[path].content if path in box.files else b""


def _allowed(box: Box, address: str, now: datetime) -> bool:
    """Tell whether the lease of a box is signed, not over, and covers the address."""
    if not {LEASE_KEY, LEASE_PATH} <= box.files.keys():
        return False
    text = box.files[LEASE_PATH].content
    key = bytes.fromhex(box.files[LEASE_KEY].content.decode())
    terms = json.loads(text)
    covered = any(ip_address(address) in ip_network(one) for one in terms["networks"])
    signed = text == lease(key, terms["networks"], terms["not_after"])
    return signed and covered and now.timestamp() < terms["not_after"]
