"""Keeping ranges wired: what is wanted, which machine was served, and the watch over new ones."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from rangectl.node import gate, values, wire
from rangectl.node.inits import GoneError, Init, Inits
from rangectl.node.people import Shelf
from rangectl.node.values import Fabric, File, Json, Machine, NodeError

_WATCH_SECONDS = 0.05
_AFRESH_SECONDS = 10.0
_REST_SECONDS = 1.0
_PEOPLE = "people"  # among the paths of what a machine was given, all of which begin with a slash
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Turn:
    """When the watch looks at a range again: ever later, while its machines do not come through."""

    at: float
    rest: float = _WATCH_SECONDS

    def next(self, now: float) -> _Turn:
        return _Turn(now + self.rest, min(_REST_SECONDS, self.rest * 1.5))


class Keeper:
    """The wanted wiring of every range of this engine, kept also across the agent's own death."""

    def __init__(self, path: Path, known: Inits) -> None:
        self._path = path
        self._shelf = Shelf(path.with_suffix(".people"))
        self._inits = known
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._raw: dict[str, Json] = {}
        self._fabrics: dict[str, Fabric] = {}
        self._furnished: dict[str, dict[str, str]] = {}
        self._passed: dict[str, Init] = {}
        self._load()

    def _load(self) -> None:
        with suppress(FileNotFoundError, ValueError, KeyError):
            state = json.loads(self._path.read_text(encoding="ascii"))
            for name, raw in state["wanted"].items():
                self._fabrics[name] = values.fabric(raw)
                self._raw[name] = raw
            self._furnished = dict(state["furnished"])
            self._passed = {name: Init(*pair) for name, pair in state["passed"].items()}

    def _save(self) -> None:
        with self._lock:
            state = {
                "wanted": self._raw,
                "furnished": self._furnished,
                "passed": {name: (init.pid, init.start) for name, init in self._passed.items()},
            }
            beside = self._path.with_suffix(".new")
            beside.write_text(json.dumps(state), encoding="ascii")
            beside.replace(self._path)

    @contextmanager
    def range(self, name: str) -> Iterator[None]:
        """Hold a range alone: nobody else wires it meanwhile."""
        with self._lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            yield

    def ranges(self) -> list[str]:
        """Return the ranges that are kept wired."""
        with self._lock:
            return sorted(self._fabrics)

    def forget(self, name: str) -> None:
        """Keep a range wired no longer."""
        with self.range(name), self._lock:
            fabric = self._fabrics.pop(name, None)
            self._raw.pop(name, None)
            for machine in fabric.machines if fabric else ():
                self._furnished.pop(machine.container, None)
                self._passed.pop(machine.container, None)
            wanted = {machine.pack for one in self._fabrics.values() for machine in one.machines}
            self._shelf.keep_only(wanted - {""})
        self._save()

    def lacking(self, digests: Sequence[str]) -> list[str]:
        """Return which packs of people are not on the shelf."""
        with self._lock:
            return [one for one in digests if not self._shelf.holds(one)]

    def wire(self, raw: Json, timeout: float) -> Json:
        """Bring a range to what is wanted, and wait until its machines are through their gates."""
        began = time.monotonic()
        with self._lock:
            raw = self._shelf.take(raw)
            fabric = values.fabric(raw)
            known = self._raw.get(fabric.range) == raw
            self._raw[fabric.range] = raw
            self._fabrics[fabric.range] = fabric
        if not known:
            self._save()
        changed: list[str] = []
        opened: list[str] = []
        while True:
            with self.range(fabric.range):
                missing = self._serve(fabric, changed, opened)
            if not missing or time.monotonic() - began > timeout:
                break
            time.sleep(0.02)
        seconds = time.monotonic() - began
        return {"changed": changed, "opened": opened, "missing": missing, "seconds": seconds}

    def _serve(self, fabric: Fabric, changed: list[str], opened: list[str]) -> list[str]:
        """Wire what runs and open the gates that wait; return the machines still to come.

        A machine that could not be served is named with the reason in brackets.
        """
        self._inits.scan()
        try:
            switch = self._inits.find(fabric.switch)
        except GoneError as error:
            msg = f"the switch of {fabric.range} does not run"
            raise NodeError(msg) from error
        found: dict[str, Init] = {}
        for machine in fabric.machines:
            with suppress(GoneError):
                found[machine.container] = self._inits.find(machine.container)
        rewired, troubles = wire.reconcile(fabric, switch, found)
        changed += rewired
        missing = [f"{name} ({why})" for name, why in troubles.items()]
        before = len(opened) + len(changed)
        for machine in fabric.machines:
            if machine.name in troubles:
                continue
            init = found.get(machine.container)
            try:
                if init is None or not self._admit(machine, init, changed, opened):
                    missing.append(machine.name)
            except (NodeError, OSError) as error:
                # What one machine did to itself keeps no other one waiting.
                missing.append(f"{machine.name} ({error})")
        if len(opened) + len(changed) > before:
            self._save()
        return missing

    def _admit(self, machine: Machine, init: Init, changed: list[str], opened: list[str]) -> bool:
        """Furnish a machine and open its gate; return whether it is (or was) through."""
        try:
            waits = self._passed.get(machine.container) != init and gate.waits(init)
            self._furnish(machine, init, changed)
            if not waits:
                return self._passed.get(machine.container) == init or gate.settled(init)
            gate.prepare(init, machine)
            if not gate.open_gate(init):
                return False
        except GoneError:
            return False
        with self._lock:
            self._passed[machine.container] = init
        opened.append(machine.name)
        return True

    def _furnish(self, machine: Machine, init: Init, changed: list[str]) -> None:
        """Put files in place that this container was not given yet, in this form.

        A machine that starts again keeps what has become of its files meanwhile, and one that was
        made from a snapshot what it holds.
        """
        wanted = _wanted(machine)
        given, fresh, moves_in = self._lacks(machine)
        if not fresh and not moves_in:
            if machine.kept:
                with self._lock:
                    self._furnished.setdefault(machine.container, wanted)
            return
        gate.furnish(init, fresh)
        changed += [f"{machine.name}: put {file.path} in place" for file in fresh]
        if moves_in:
            count = gate.settle(init, self._shelf.read(machine.pack))
            changed.append(f"{machine.name}: put {count} files of its people in place")
        with self._lock:
            self._furnished[machine.container] = given | wanted

    def _lacks(self, machine: Machine) -> tuple[dict[str, str], list[File], bool]:
        """Return what a machine was given, which files it lacks, and whether people move in."""
        wanted = _wanted(machine)
        given = self._furnished.get(machine.container, wanted if machine.kept else {})
        fresh = [file for file in machine.files if given.get(file.path) != wanted[file.path]]
        return given, fresh, bool(machine.pack) and given.get(_PEOPLE) != machine.pack

    def differences(self, raw: Json) -> list[list[str]]:
        """Return what wiring a range would change: of each thing whose it is, and what it is."""
        fabric = values.fabric(raw)
        with self.range(fabric.range):
            self._inits.scan()
            switch = self._find(fabric.switch)
            if switch is None:
                return []
            inits = {one.container: self._find(one.container) for one in fabric.machines}
            found = {container: init for container, init in inits.items() if init is not None}
            differ = [[one.machine, one.field] for one in wire.differences(fabric, switch, found)]
            for machine in fabric.machines:
                if machine.container in found:
                    differ += [[machine.name, field] for field in self._unfurnished(machine)]
            return differ

    def _unfurnished(self, machine: Machine) -> Iterator[str]:
        given, fresh, moves_in = self._lacks(machine)
        names = [one.path for one in fresh] + ([_PEOPLE] if moves_in else [])
        for name in names:
            what = "files of its people" if name == _PEOPLE else name
            yield f"{what}: {'given in another form' if name in given else 'not given yet'}"

    def _find(self, container: str) -> Init | None:
        try:
            return self._inits.find(container)
        except GoneError:
            return None

    def watch(self) -> None:
        """Serve, for ever, machines that start again without anybody asking."""
        afresh = time.monotonic()
        waiting = dict.fromkeys(self._fabrics, _Turn(afresh))
        while True:
            time.sleep(_WATCH_SECONDS)
            now = time.monotonic()
            again = now - afresh > _AFRESH_SECONDS
            afresh = now if again else afresh
            try:
                self._inits.scan(afresh=again)
                waiting |= dict.fromkeys(self._touched(self._inits.news()), _Turn(now))
                due = {name: turn for name, turn in waiting.items() if turn.at <= now}
                later = {n: turn.next(now) for n, turn in due.items() if not self._tend(n)}
                waiting = {n: turn for n, turn in waiting.items() if n not in due} | later
            except Exception:  # noqa: BLE001 - the watch outlives whatever a range shows it
                _log.exception("the watch stumbled")

    def _touched(self, new: dict[str, Init]) -> set[str]:
        with self._lock:
            fabrics = list(self._fabrics.items())
        return {
            name
            for name, fabric in fabrics
            if not new.keys().isdisjoint({m.container for m in fabric.machines} | {fabric.switch})
        }

    def _tend(self, name: str) -> bool:
        """Serve a range; return whether all of it that runs is through its gates."""
        fabric = self._fabrics.get(name)
        if fabric is None:
            return True
        try:
            with self.range(name):
                missing = self._serve(fabric, [], [])
        except (NodeError, OSError, GoneError) as error:
            _log.warning("%s: %s", name, error)
            return not self._runs(fabric.switch)
        except Exception:  # noqa: BLE001 - no range keeps the others waiting
            _log.exception("%s: the watch stumbled", name)
            return False
        running = {m.name for m in fabric.machines if self._runs(m.container)}
        return running.isdisjoint(one.partition(" (")[0] for one in missing)

    def _runs(self, container: str) -> bool:
        return self._find(container) is not None


def _wanted(machine: Machine) -> dict[str, str]:
    """Return what a machine is to be given: the digest of each file, and of its people's."""
    wanted = {file.path: file.digest for file in machine.files}
    return wanted | ({_PEOPLE: machine.pack} if machine.pack else {})
