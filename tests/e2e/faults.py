"""Random faults under `up`, `reset` and `down`, on an engine of their own, and what mends them."""

from __future__ import annotations

import json
import os
import random
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rangectl.engine.agent_container import NAME as AGENT
from tests.own_engine import OwnEngine, image_tags, kill_container, save

Verb = Literal["up", "reset", "down"]
What = Literal["rangectl", "agent", "switch", "host", "engine", "disk"]

PHASES: dict[Verb, tuple[str, ...]] = {
    "up": ("observe", "images", "create", "start", "wire", "ready", "proof"),
    "reset": ("remove", "create", "start", "wire", "ready"),
    "down": ("remove", "release"),
}
PLACES: tuple[tuple[Verb, str], ...] = tuple(
    (verb, phase) for verb, phases in PHASES.items() for phase in phases
)
WHAT: tuple[What, ...] = ("rangectl", "agent", "switch", "host", "engine", "disk")
MARK = "RANGECTL_FAULTS"
RANGECTL = Path(sys.executable).parent / "rangectl"
_LINE = re.compile(r"([a-z]+): ")
_LONG = 150.0
_MUCH = 4000


class UnmendedError(Exception):
    """A fault that was not recovered from."""


@dataclass(frozen=True)
class Fault:
    """One fault: under which command, in which phase it was, what was struck, how all ended."""

    verb: Verb
    phase: str
    what: What
    code: int
    problem: str | None


@dataclass
class Ground:
    """An engine, a range name and a folder of state, to be spoilt and mended."""

    engine: OwnEngine
    topology: Path
    folder: Path
    random: random.Random
    name: str = field(default_factory=lambda: f"faults-{secrets.token_hex(3)}")
    live: bool = False
    took: dict[tuple[Verb, str], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note what is on the engine before."""
        (self.folder / "tmp").mkdir(parents=True)
        self.images = self._images()

    def words(self, verb: Verb) -> tuple[str, ...]:
        """Return the words of a command."""
        if verb == "up":
            return ("up", str(self.topology), "--name", self.name, "--teams", "a")
        return ("reset", f"{self.name}/a", "--all") if verb == "reset" else ("down", self.name)

    def environment(self) -> dict[str, str]:
        """Return the environment of every command: the engine, state and scratch of our own."""
        own = {"RANGECTL_HOME": str(self.folder / "home"), "TMPDIR": str(self.folder / "tmp")}
        return self.engine.environment(**own, **{MARK: self.name}, PYTHONFAULTHANDLER="1")

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Start a command in a process group of its own."""
        return subprocess.Popen(  # noqa: S603 - the program under test
            [RANGECTL, *words],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *words: str) -> str:
        """Run a command that must end well."""
        process = self.begin(*words)
        try:
            out, err = process.communicate(timeout=_LONG)
        except subprocess.TimeoutExpired as late:
            abort(process)
            _, err = process.communicate()
            msg = f"{words[0]} did not end within {_LONG:g} s: {err.strip()[-_MUCH:]}"
            raise UnmendedError(msg) from late
        if process.returncode:
            msg = f"{words[0]}: exit {process.returncode}: {err.strip()[-500:]}"
            raise UnmendedError(msg)
        return out

    # --- one fault ----------------------------------------------------------------------------

    def prepare(self, verb: Verb) -> None:
        """Bring the range to where a command has something to do."""
        if verb == "up" and self.live and self.random.random() < 0.5:
            self.clear()
        elif verb == "up" and self.live:
            with self.engine.client() as client:
                client.api.remove_container(self._any_host(), force=True, v=True)
        elif verb != "up" and not self.live:
            self.run(*self.words("up"))
            self.live = True

    def clear(self) -> None:
        """Take the range down; nothing may be left."""
        self.run(*self.words("down"))
        self.live = False
        if left := self.left():
            msg = f"left behind: {', '.join(left)}"
            raise UnmendedError(msg)

    def strike(self, verb: Verb, phase: str, what: What) -> Fault:
        """Let a fault happen in a phase, and mend it by one command."""
        hit, code = "?", -1
        try:
            self.prepare(verb)
            hit, what, code = self._struck(verb, phase, what)
            self._mend(verb)
        except UnmendedError as error:
            with suppress(UnmendedError):
                self.run(*self.words("down"))
            self.live = False
            return Fault(verb, hit, what, code, str(error))
        return Fault(verb, hit, what, code, None)

    def _struck(self, verb: Verb, phase: str, what: What) -> tuple[str, What, int]:
        watched = Watched(self.begin(*self.words(verb)))
        watched.wait_for(phase)
        longest = min(1.0, self.took.get((verb, phase), 0.1))
        time.sleep(self.random.random() * 0.6 * longest)
        hit, began = watched.freeze(), time.monotonic()
        try:
            done = self._do(what, watched)
        finally:
            watched.thaw()
        try:
            code, said = watched.end(_LONG)
        finally:
            self._undo(what)
        if hit == "ended":
            self.took[verb, phase] = longest / 3
        if "Traceback" in said or code == 1:
            msg = f"a traceback after {time.monotonic() - began:.0f} s: {said.strip()[-700:]}"
            raise UnmendedError(msg)
        return hit, done, code

    def _do(self, what: What, watched: Watched) -> What:
        """Do it; where there is nothing to be struck, the command itself is."""
        if what == "engine":
            self.engine.kill()
            return what
        if what == "disk":
            self.engine.fill()
            return what
        names = {"agent": AGENT, "switch": f"rangectl-{self.name}-a-switch"}
        name = names.get(what) or (self._any_host() if what == "host" else "")
        if name:
            with self.engine.client() as client:
                if kill_container(client, name):
                    return what
        watched.kill()
        return "rangectl"

    def _undo(self, what: What) -> None:
        if what == "engine":
            self.engine.start()
        elif what == "disk":
            self.engine.drain()

    def _mend(self, verb: Verb) -> None:
        if verb == "down":
            self.clear()
            return
        self.run(*self.words("up"))
        self.live = True
        if changes := json.loads(self.run(*self.words("up"), "--json"))["changes"]:
            msg = f"a second up still changes: {changes}"
            raise UnmendedError(msg)
        self.run("status", self.name)

    # --- what is there ------------------------------------------------------------------------

    def _any_host(self) -> str:
        labels = {"label": [f"rangectl.range={self.name}/a"]}
        with self.engine.client() as client:
            rows = client.api.containers(all=True, filters=labels)
        names = sorted(row["Names"][0].lstrip("/") for row in rows)
        hosts = [name for name in names if not name.endswith("-switch")]
        return self.random.choice(hosts) if hosts else ""

    def left(self) -> list[str]:
        """Return what is left after a `down`; what is just going away gets a few seconds."""
        end = time.monotonic() + 10
        while (found := list(self._leftovers())) and time.monotonic() < end:
            time.sleep(0.3)
        return found

    def _leftovers(self) -> Iterator[str]:
        with self.engine.client() as client:
            rows = client.api.containers(all=True)
        yield from (f"container {row['Names']}" for row in rows)
        yield from (f"image {one}" for one in self._images() - self.images)
        yield from (f"file {one.name}" for one in (self.folder / "tmp").iterdir())
        yield from survivors(self.name)
        for folder in (Path(f"/run/lock/rangectl-{os.getuid()}"), self.folder / "home/locks"):
            yield from (f"lock {one}" for one in folder.glob(f"*{self.name}*"))

    def _images(self) -> set[str]:
        with self.engine.client() as client:
            return {str(row["Id"]) for row in client.api.images()}


def survivors(mark: str) -> Iterator[str]:
    """Describe every process that carries a mark in its environment."""
    marker = f"{MARK}={mark}".encode()
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if place.name != str(os.getpid()) and marker in (place / "environ").read_bytes():
                words = (place / "cmdline").read_bytes().replace(b"\0", b" ")
                yield f"process {place.name} {words[:80].decode(errors='replace').strip()}"


def abort(process: subprocess.Popen[str]) -> int:
    """End a command that hangs, with all that it started; it says first where its threads are."""
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGABRT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


class Watched:
    """A running command whose phases are read as it tells them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.phase = "before"
        self.began: dict[str, float] = {}
        self._said: list[str] = []
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=work) for work in (self._read, self._drop)]
        for thread in self._threads:
            thread.start()

    def _read(self) -> None:
        if self.process.stderr is not None:
            with self.process.stderr as lines:
                for line in lines:
                    self._said.append(line)
                    if match := _LINE.match(line):
                        self._note(match[1])
        self._note("ended")

    def _drop(self) -> None:
        if self.process.stdout is not None:
            with self.process.stdout as lines:
                for _ in lines:
                    pass

    def _note(self, phase: str) -> None:
        with self._changed:
            self.phase = phase
            self.began.setdefault(phase, time.monotonic())
            self._changed.notify_all()

    def wait_for(self, phase: str) -> None:
        """Wait until a phase begins, or the command ends."""
        with self._changed:
            self._changed.wait_for(
                lambda: phase in self.began or self.phase == "ended", timeout=_LONG
            )

    def freeze(self) -> str:
        """Let the command stand still, and return the phase that it is in."""
        self._send(signal.SIGSTOP)
        time.sleep(0.02)  # what it said before is read meanwhile
        return self.phase

    def thaw(self) -> None:
        """Let the command go on."""
        self._send(signal.SIGCONT)

    def kill(self) -> None:
        """Kill the command."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def end(self, seconds: float) -> tuple[int, str]:
        """Wait for the end; return exit code and words. UnmendedError where it hangs."""
        hung = ""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            hung = f"hung for {seconds:g} s in {self.phase}"
            code = abort(self.process)
        for thread in self._threads:
            thread.join(10)
        said = "".join(self._said)
        if hung:
            msg = f"{hung}: {said.strip()[-_MUCH:]}"
            raise UnmendedError(msg)
        return code, said


def measure(ground: Ground) -> None:
    """Note how long each phase takes when nobody disturbs it."""
    for verb in ("up", "reset", "down"):
        ground.prepare(verb)
        watched = Watched(ground.begin(*ground.words(verb)))
        code, said = watched.end(_LONG)
        assert code == 0, said
        ground.live = verb != "down"
        ends = [*list(watched.began.values())[1:], time.monotonic()]
        for (phase, began), ended in zip(watched.began.items(), ends, strict=True):
            ground.took[verb, phase] = ended - began


def faults(ground: Ground, count: int) -> Iterator[Fault]:
    """Yield as many faults, each place in its turn, and more while one was not hit twice.

    With fewer than twice as many as there are places, once is enough.
    """
    measure(ground)
    least = least_hits(count)
    hits: Counter[tuple[Verb, str]] = Counter()
    struck: Counter[What] = Counter()
    done = 0
    while done < count or (min(hits[one] for one in PLACES) < least and done < 1.5 * count):
        verb, phase = min(PLACES, key=lambda one: (hits[one], ground.random.random()))
        what = min(WHAT, key=lambda one: (struck[one], ground.random.random()))
        fault = ground.strike(verb, phase, what)
        hits[fault.verb, fault.phase] += 1
        struck[fault.what] += 1
        done += 1
        yield fault


@contextmanager
def ground(
    topology: Path, folder: Path, seed: int, size: int, tar: Path | None = None
) -> Iterator[Ground]:
    """Give an engine below a folder, with the images that a topology needs, and what to spoil.

    `tar` holds the images; without one, they are saved from the machine's engine.
    """
    engine = OwnEngine(folder / "engine", size=size)
    try:
        engine.start()
        if tar is None:
            save(image_tags(topology), folder / "images.tar")
        engine.load(tar or folder / "images.tar")
        (folder / "images.tar").unlink(missing_ok=True)
        yield Ground(engine, topology, folder / "state", random.Random(seed))  # noqa: S311
    finally:
        engine.close()


def least_hits(count: int) -> int:
    """Return how often each phase is to be hit by so many faults."""
    return 2 if count >= 2 * len(PLACES) else 1


def missed(found: Sequence[Fault], least: int) -> list[str]:
    """Return the phases that were hit less often."""
    hits = Counter((one.verb, one.phase) for one in found)
    return [f"{verb} {phase}" for verb, phase in PLACES if hits[verb, phase] < least]


def table(found: Sequence[Fault]) -> str:
    """Write how many faults each phase and each kind saw, and how many of them were mended."""
    lines = [f"{'phase':18}{'faults':>8}{'mended':>8}"]
    places = [*PLACES, *sorted({(f.verb, f.phase) for f in found} - set(PLACES))]
    for verb, phase in places:
        mine = [one for one in found if (one.verb, one.phase) == (verb, phase)]
        mended = sum(one.problem is None for one in mine)
        lines.append(f"{verb + ' ' + phase:18}{len(mine):8}{mended:8}")
    lines.append("")
    for what in WHAT:
        mine = [one for one in found if one.what == what]
        mended = sum(one.problem is None for one in mine)
        lines.append(f"{what:18}{len(mine):8}{mended:8}")
    mended = sum(one.problem is None for one in found)
    lines += ["", f"{'all':18}{len(found):8}{mended:8}"]
    return "\n".join(lines)
