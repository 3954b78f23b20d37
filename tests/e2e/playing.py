"""A run of an exercise under way, with its director in the background."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import docker

from rangectl.model.events import Ended, Event, Started
from tests.e2e import parity
from tests.e2e.program import RANGECTL, Program, Range, wait_until
from tests.implants.blind import Snapshot


@dataclass
class Playing:
    """A run with one range for each team; `sightings` by team, for the blind program."""

    program: Program
    client: docker.DockerClient
    exercise: str
    name: str
    teams: tuple[str, ...]
    said: Path
    director: subprocess.Popen[bytes] | None = None
    before: dict[str, list[Snapshot]] = field(default_factory=dict)

    def range(self, team: str) -> Range:
        """Return a team's range."""
        return Range(self.program, self.client, self.name, team)

    def ranges(self) -> list[Range]:
        """Return every team's range."""
        return [self.range(team) for team in self.teams]

    def events(self) -> tuple[Event, ...]:
        """Return the log as it stands."""
        return parity.events(self.program, self.name)

    def start(self) -> None:
        """Let a director loose on the run: the same command begins it and goes on with it."""
        words = ["exercise", "start", self.exercise]
        words += ["--name", self.name, "--teams", ",".join(self.teams)]
        with self.said.open("ab") as said:
            self.director = subprocess.Popen(  # noqa: S603 - the program under test
                [RANGECTL, *words],
                env=self.program.environment(),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Kill the director as hard as can be."""
        assert self.director is not None
        os.killpg(self.director.pid, signal.SIGKILL)
        self.director.wait()

    def until(self, kind: type[Event], seconds: float) -> None:
        """Wait for an event of this kind."""
        self.wait(lambda: any(isinstance(one, kind) for one in self.events()), str(kind), seconds)

    def wait(self, true: object, what: str, seconds: float) -> None:
        """Wait until something holds, as long as the director lives."""
        assert callable(true)

        def holds() -> bool:
            assert self.director is not None
            assert self.director.poll() is None, self.said.read_text()
            return bool(true())

        wait_until(holds, f"{what}\n{self.said.read_text()[-2000:]}", seconds)

    def until_ended(self, seconds: float) -> None:
        """Wait for ENDEX."""
        wait_until(
            lambda: any(isinstance(one, Ended) for one in self.events()),
            f"ENDEX\n{self.said.read_text()[-2000:]}",
            seconds,
        )

    def end(self) -> int:
        """Wait for the director to end; return its exit code."""
        assert self.director is not None
        return self.director.wait(60)


@contextmanager
def playing(play: Playing) -> Iterator[Playing]:
    """Bring the ranges up, look at them, start the exercise, wait until all implants stand; in the
    end stop it, and leave nothing.
    """
    program = play.program
    topology = ("up", "minimal", "--name", play.name, "--teams", ",".join(play.teams))
    try:
        program.run(*topology)
        play.before = parity.collect(play.ranges())
        play.start()
        play.until(Started, 180)
        play.wait(
            lambda: all(len(parity.implants(play.events(), team)) == 5 for team in play.teams),
            "the last implant",
            90,
        )
        yield play
    finally:
        if play.director is not None and play.director.poll() is None:
            if not any(isinstance(one, Ended) for one in play.events()):
                program.run("exercise", "stop", play.name, code=None)
            try:
                play.director.wait(30)
            except subprocess.TimeoutExpired:
                play.kill()
        program.run("down", play.name, code=None)
        program.run("exercise", "remove", play.name, code=None)


def sightings(play: Playing) -> list[parity.Sighting]:
    """Look at every range again, beside what was seen before anything was planted."""
    after, found = parity.collect(play.ranges()), play.events()
    return [
        parity.Sighting(play.before[team], after[team], parity.files(parity.implants(found, team)))
        for team in play.teams
    ]


@dataclass
class Verifying:
    """`exercise verify first-light --keep` in the background: four teams that play themselves."""

    program: Program
    client: docker.DockerClient
    name: str
    answer: Path
    said: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin."""
        words = ["exercise", "verify", "first-light", "--name", self.name, "--keep", "--json"]
        with self.answer.open("wb") as answer, self.said.open("wb") as said:
            self.process = subprocess.Popen(  # noqa: S603 - the program under test
                [RANGECTL, *words],
                env=self.program.environment(),
                stdin=subprocess.DEVNULL,
                stdout=answer,
                stderr=said,
                start_new_session=True,
            )

    def until_up(self) -> None:
        """Wait until its ranges are up and planted, or for an early end."""
        assert self.process is not None
        process = self.process
        wait_until(
            lambda: process.poll() is not None or "noise edits" in self.said.read_text(),
            "the ranges of the verification",
            180,
        )

    def verdicts(self) -> dict[str, tuple[float, bool]]:
        """Wait for the end; return every play's score and whether its bound was kept."""
        assert self.process is not None
        code = self.process.wait(420)
        assert code in {0, 6}, self.said.read_text()
        return {
            one["play"]: (one["score"], one["kept"]) for one in json.loads(self.answer.read_text())
        }

    def range(self, team: str) -> Range:
        """Return a team's range."""
        return Range(self.program, self.client, self.name, team)

    def clear(self) -> None:
        """End what runs, and leave nothing."""
        assert self.process is not None
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.program.run("down", self.name, code=None)
        self.program.run("exercise", "remove", self.name, code=None)
