"""The installed program as its users run it, and the engine as a bystander sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker

HERE = Path(__file__).parent
RANGECTL = Path(sys.executable).parent / "rangectl"
_LONG = 300.0


@dataclass(frozen=True)
class Program:
    """`rangectl` with a state folder of its own."""

    home: Path

    def environment(self) -> dict[str, str]:
        return {**os.environ, "RANGECTL_HOME": str(self.home), "NO_COLOR": "1"}

    def run(
        self, *words: str, code: int | None = 0, seconds: float = _LONG
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end; `code` is the exit code that must come, None where any may."""
        done = subprocess.run(  # noqa: S603 - the program under test
            [RANGECTL, *words],
            env=self.environment(),
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )
        assert code in {None, done.returncode}, (
            f"{' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        )
        return done

    def json(self, *words: str, code: int | None = 0) -> Any:  # noqa: ANN401 - JSON
        """Run with --json and return what was printed."""
        return json.loads(self.run(*words, "--json", code=code).stdout)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start it in a process group of its own, both outputs piped."""
        return subprocess.Popen(  # noqa: S603 - the program under test
            [RANGECTL, *words],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


@dataclass(frozen=True)
class Range:
    """One live range, and the engine's view of its hosts."""

    program: Program
    client: docker.DockerClient
    name: str
    team: str

    def __str__(self) -> str:
        return f"{self.name}/{self.team}"

    def ids(self) -> dict[str, str]:
        """Return container id by host."""
        rows = self.client.api.containers(
            all=True, filters={"label": [f"rangectl.range={self.name}/{self.team}"]}
        )
        return {row["Labels"]["rangectl.host"]: row["Id"] for row in rows}

    def sh(self, host: str, script: str, user: str = "root") -> tuple[int, str]:
        """Run a shell script in a host through the engine alone; return exit code and output."""
        api: Any = self.client.api
        made = api.exec_create(self.ids()[host], ["/bin/sh", "-c", script], user=user)
        output: bytes = api.exec_start(made["Id"])
        return int(api.exec_inspect(made["Id"])["ExitCode"]), output.decode(errors="replace")

    def must(self, host: str, script: str, user: str = "root") -> str:
        """Run a shell script that must succeed, and return its output."""
        code, output = self.sh(host, script, user)
        assert code == 0, f"{self} {host}: {script!r}: exit {code}: {output}"
        return output

    def addresses(self) -> dict[str, str]:
        """Return the first address of every host, as `status` has it."""
        return {
            line["host"]: line["addresses"][0][1]
            for line in self.program.json("status", self.name, code=None)
            if line["range"] == str(self)
        }


def wait_until(true: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Wait until something holds; fail with `what` when it never does."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.1)
