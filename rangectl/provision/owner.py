"""Who is building: a name by which what a crashed build left behind is told from a living one."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from rangectl.provision.engine_cli import DockerCli

OWNER = "rangectl.owner"
STARTED = "rangectl.started"
_PREFIX = "rangectl-build-"
_STRANGER_AFTER = 3 * 3600
_LONGEST = 36


def me() -> str:
    """Name this process: where its number counts, the number, and when it started."""
    return f"{_where()}.{os.getpid()}.{_start(os.getpid())}"


def work_folder() -> Path:
    """Make a temporary folder whose name says whose it is."""
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{me()}.", dir=scratch()))


def scratch() -> Path:
    """Return the folder for temporary files, unless sockets below it would have too long names."""
    folder = tempfile.gettempdir()
    return Path(folder if len(folder) <= _LONGEST else "/tmp")  # noqa: S108 - a name to be made safely


def labels() -> list[str]:
    """Return the arguments that label a builder container as this process's."""
    pairs = {"rangectl.kind": "builder", OWNER: me(), STARTED: str(int(time.time()))}
    return [part for key, value in pairs.items() for part in ("--label", f"{key}={value}")]


def alive(owner: str) -> bool | None:
    """Say whether that process still runs; None when it is of another boot or container."""
    parts = owner.split(".")
    if len(parts) < 3 or not parts[1].isdigit() or parts[0] != _where():
        return None
    return _start(int(parts[1])) == parts[2]


def sweep(docker: DockerCli) -> tuple[str, ...]:
    """Remove containers and folders of builds whose process is dead; return what was removed."""
    gone, folders = orphans(docker)
    for container in gone:
        docker.remove(container)
    for folder in folders:
        remove_folder(folder)
    return (*gone, *map(str, folders))


def orphans(docker: DockerCli) -> tuple[tuple[str, ...], tuple[Path, ...]]:
    """Return containers (by id) and folders of builds whose process is dead."""
    gone = [container for container, owner, age in _builders(docker) if _orphan(owner, age)]
    folders = [
        folder
        for folder in scratch().glob(f"{_PREFIX}*")
        if _orphan(folder.name.removeprefix(_PREFIX), _age(folder))
    ]
    return tuple(gone), tuple(folders)


def remove_folder(folder: Path) -> None:
    """Remove a folder, having ended the programs of a dead build that still write into it."""
    for _ in range(20):
        for pid in _users(folder):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)


def _users(folder: Path) -> list[int]:
    """List processes that were started with this folder's name, which is like no other."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if os.fsencode(folder) in place.read_bytes() and place.parent.name != str(os.getpid()):
                found.append(int(place.parent.name))
    return found


def _orphan(owner: str, age: float) -> bool:
    """Judge by the process; strangers (of another boot, machine, container) only when long past."""
    living = alive(owner)
    return age > _STRANGER_AFTER if living is None else not living


def _builders(docker: DockerCli) -> list[tuple[str, str, float]]:
    """List builder containers: id, owner, age in seconds."""
    form = f'{{{{.ID}}}} {{{{.Label "{OWNER}"}}}} {{{{.Label "{STARTED}"}}}}'
    text = docker.run("ps", "-a", "--filter", "label=rangectl.kind=builder", "--format", form)
    rows = [line.split() for line in text.splitlines()]
    return [(row[0], row[1], time.time() - float(row[2])) for row in rows if len(row) == 3]


def _age(folder: Path) -> float:
    with suppress(OSError):
        return time.time() - folder.stat().st_mtime
    return 0.0


def _where() -> str:
    """Name this boot and this namespace of processes: a pid means nothing anywhere else."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text()
    space = Path("/proc/self/ns/pid").readlink()
    return sha256(f"{boot}{space}".encode()).hexdigest()[:8]


def _start(pid: int) -> str:
    """Return when a process started, in clock ticks since boot; nothing when there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]
