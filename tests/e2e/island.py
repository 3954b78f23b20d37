"""A machine without any network, as far as an engine and its commands can tell."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.program import RANGECTL

_PATIENCE = 40.0


@dataclass(frozen=True)
class Island:
    """An engine of its own, with nothing in it, in a network namespace where only `lo` is."""

    folder: Path
    engine: subprocess.Popen[bytes]

    @property
    def host(self) -> str:
        """Where the engine listens, as in DOCKER_HOST."""
        return f"unix://{self.folder}/sock"

    def run(self, *words: str, cwd: Path | None = None, code: int = 0, seconds: float = 240) -> str:
        """Run a program in there; rangectl by its name. Return what it said."""
        place = [str(RANGECTL), *words[1:]] if words[0] == "rangectl" else list(words)
        done = subprocess.run(  # noqa: S603 - the program under test
            ["nsenter", f"--net=/proc/{self.engine.pid}/ns/net", "--", *place],  # noqa: S607
            env={
                **os.environ,
                "DOCKER_HOST": self.host,
                "RANGECTL_HOME": str(self.folder / "home"),
                "NO_COLOR": "1",
            },
            cwd=cwd or self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == code, f"{words}: exit {done.returncode}\n{done.stdout}"
        return done.stdout


@contextmanager
def island() -> Iterator[Island]:
    """Give an island, and take it away with all it holds."""
    folder = Path(tempfile.mkdtemp(prefix="isl-", dir="/tmp"))  # sockets want short names
    words = ["dockerd", "--host", f"unix://{folder}/sock", "--data-root", str(folder / "data")]
    words += ["--exec-root", str(folder / "exec"), "--pidfile", str(folder / "pid")]
    words += ["--bridge", "none", "--iptables=false", "--ip6tables=false"]
    with (folder / "log").open("wb") as log:
        engine = subprocess.Popen(  # noqa: S603 - ours
            ["unshare", "--net", *words],  # noqa: S607
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    made = Island(folder, engine)
    try:
        _wait_for(made)
        yield made
    finally:
        if engine.poll() is None:
            _clear(made.host)
        engine.send_signal(signal.SIGTERM)
        engine.wait(_PATIENCE)
        shutil.rmtree(folder)


def _wait_for(made: Island) -> None:
    end = time.monotonic() + _PATIENCE
    while not _answers(made.host):
        said = (made.folder / "log").read_text(errors="replace")
        assert made.engine.poll() is None, said
        assert time.monotonic() < end, said
        time.sleep(0.1)


def _answers(host: str) -> bool:
    return _docker(host, "version", check=False).returncode == 0


def _clear(host: str) -> None:
    left = _docker(host, "ps", "--all", "--quiet").stdout.split()
    if left:
        _docker(host, "rm", "--force", "--volumes", *left)


def _docker(host: str, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - ours
        ["docker", "--host", host, *words],  # noqa: S607
        capture_output=True,
        text=True,
        check=check,
        timeout=60,
    )
