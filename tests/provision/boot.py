"""Boots a host from an image the way a range does, but for the agent, for tests of roles."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LABEL = "rangectl.test=roles"
_CAPABILITIES = [
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "SETFCAP",
    "NET_BIND_SERVICE",
    "SYS_CHROOT",
    "AUDIT_WRITE",
    "NET_RAW",
]
_GATE = "mkfifo -m 600 /run/gate && read -r _ </run/gate; rm -f /run/gate; exec "
_OWN_CGROUPS = ("/sys/fs/cgroup/systemd", "/sys/fs/cgroup")


@dataclass(frozen=True)
class Booted:
    """A running host."""

    id: str

    def sh(self, script: str, *, ok: bool = True) -> str:
        """Run a script in the host as root."""
        return docker("exec", "-i", self.id, "/bin/bash", "-s", stdin=script, ok=ok)

    def until(self, script: str, wanted: str, seconds: float = 15) -> str:
        """Repeat a script until it says what is wanted; return the last it said."""
        end = time.monotonic() + seconds
        while wanted not in (said := self.sh(script, ok=False)) and time.monotonic() < end:
            time.sleep(0.1)
        return said


def docker(*args: str, stdin: str | None = None, ok: bool = True) -> str:
    """Run docker and return what it wrote."""
    done = subprocess.run(  # noqa: S603
        ["docker", *args],  # noqa: S607
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert not ok or done.returncode == 0, done.stderr + done.stdout
    return done.stdout.strip()


@contextmanager
def booted(
    image: str,
    init: str,
    capabilities: tuple[str, ...] = (),
    files: Mapping[str, str] = {},
    memory: str = "128m",
) -> Iterator[Booted]:
    """Create a host, write its files, open its gate, and remove it in the end."""
    caps = [part for name in (*_CAPABILITIES, *capabilities) for part in ("--cap-add", name)]
    tmpfs = [part for path in ("/run", "/run/lock", "/tmp") for part in ("--tmpfs", path)]  # noqa: S108
    container = docker(
        *["create", "--label", LABEL, "--network", "none", "--hostname", "host1"],
        *["--add-host", "host1:127.0.1.1", "--cgroupns", "private", "--cap-drop", "ALL", *caps],
        *[*tmpfs, "--memory", memory, "--pids-limit", "200", "--env", "container=docker"],
        *["--entrypoint", "/bin/sh", image, "-c", _GATE + init],
    )
    try:
        docker("start", container)
        host = Booted(container)
        for path, text in files.items():
            script = f"mkdir -p $(dirname {path}); cat >{path}"
            docker("exec", "-i", container, "/bin/sh", "-c", script, stdin=text)
        _open_gate(container, remount=init == "/sbin/init")
        yield host
    finally:
        docker("rm", "--force", "--volumes", container)


def _open_gate(container: str, *, remount: bool) -> None:
    """Give init its own cgroup, as the agent does, and let it go."""
    pid = docker("inspect", "--format", "{{.State.Pid}}", container)
    root = Path(f"/proc/{pid}/root")
    if remount:
        own = next(path for path in _OWN_CGROUPS if (root / path.lstrip("/")).is_dir())
        enter = ["nsenter", "-t", pid, "-m", "-C", "mount", "-o", "remount,rw,bind", own]
        subprocess.run(enter, check=True)  # noqa: S603
    (root / ".dockerenv").unlink(missing_ok=True)
    end = time.monotonic() + 10
    while not (root / "run/gate").is_fifo() and time.monotonic() < end:
        time.sleep(0.02)
    (root / "run/gate").write_text("\n")
