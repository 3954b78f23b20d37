"""What is done on one host at T0: sent there over ssh, run there as root, answered as JSON.

Each step names exactly what must be there (a line word for word, a digest, a start time), so that
what changed since it was looked at is left alone and said.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

Step = dict[str, Any]


def replaced(path: Path, content: bytes) -> None:
    """Give a file new content in one go, with the mode and owner it had; cron sees the folder."""
    fact = path.lstat()
    beside = path.with_name(f".{path.name}.new")
    number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            os.fchown(file.fileno(), fact.st_uid, fact.st_gid)
            os.fchmod(file.fileno(), fact.st_mode & 0o7777)
        beside.rename(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def remove_line(step: Step) -> str:
    """Remove one line of a file, every time it stands there, and nothing else."""
    path = Path(step["path"])
    if path.is_symlink() or not path.is_file():
        return "not there"
    lines = path.read_bytes().split(b"\n")
    kept = [line for line in lines if line.decode("utf-8", "replace") != step["line"]]
    if len(kept) == len(lines):
        return "not there"
    replaced(path, b"\n".join(kept))
    return "done"


def remove_file(step: Step) -> str:
    """Remove a file, if it is the one that was looked at."""
    path = Path(step["path"])
    if path.is_symlink() or not path.is_file():
        return "not there"
    if hashlib.sha256(path.read_bytes()).hexdigest() != step["sha256"]:
        return "changed since"
    path.unlink()
    return "done"


def kill(step: Step) -> str:
    """End a process and all others that run the same program."""
    ended = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and is_meant(folder, step):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(folder.name), signal.SIGKILL)
                ended += 1
    return "done" if ended else "not there"


def is_meant(folder: Path, step: Step) -> bool:
    """Return whether this process is the one a step means, or runs its program."""
    try:
        argv = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        start = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return False
    same = int(folder.name) == step["pid"] and int(start) == step["start"]
    return same or (bool(step["program"]) and step["program"] in argv[:3])


def remove_link(step: Step) -> str:
    """Remove a link, if it still leads where it led."""
    path = Path(step["path"])
    if not path.is_symlink():
        return "not there"
    if str(path.readlink()) != step["target"]:
        return "changed since"
    path.unlink()
    return "done"


def restore(step: Step) -> str:
    """Give a file the content of its good copy."""
    path, good = Path(step["path"]), Path(step["copy"])
    if path.is_symlink() or not path.is_file() or not good.is_file():
        return "not there"
    replaced(path, good.read_bytes())
    return "done"


def remove_account(step: Step) -> str:
    """Remove the lines of one account from every file of accounts."""
    begin = f"{step['account']}:".encode()
    done = "not there"
    for name in ("passwd", "shadow", "group", "gshadow"):
        path = Path("/etc") / name
        lines = path.read_bytes().split(b"\n") if path.is_file() else []
        kept = [line for line in lines if not line.startswith(begin)]
        if len(kept) != len(lines):
            replaced(path, b"\n".join(kept))
            done = "done"
    return done


def remove_package(step: Step) -> str:
    """Remove a package that is only on record: the files it lists, its record."""
    name, info = step["package"], Path("/var/lib/dpkg/info")
    listed = info / f"{name}.list"
    for line in listed.read_text().splitlines() if listed.is_file() else []:
        if Path(line).is_file() and not Path(line).is_symlink():
            Path(line).unlink()
    listed.unlink(missing_ok=True)
    status = Path("/var/lib/dpkg/status")
    stanzas = status.read_bytes().split(b"\n\n")
    begin = f"Package: {name}\n".encode()
    kept = [one for one in stanzas if not one.lstrip(b"\n").startswith(begin)]
    if len(kept) == len(stanzas):
        return "not there"
    replaced(status, b"\n\n".join(kept))
    return "done"


def stop_unit(step: Step) -> str:
    """Stop a unit, so that nothing starts what it ran again."""
    command = ["systemctl", "stop", "--", step["unit"]]
    with subprocess.Popen(  # noqa: S603 - one fixed tool
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        return "done" if process.wait() == 0 else "not there"


ACTS = {
    "line": remove_line,
    "file": remove_file,
    "kill": kill,
    "link": remove_link,
    "restore": restore,
    "account": remove_account,
    "package": remove_package,
    "unit": stop_unit,
}


def main(plan: str) -> None:
    """Carry out the steps in their order and say how each went; the sender appends the call."""
    went = []
    for step in json.loads(plan):
        try:
            went.append(ACTS[step["do"]](step))
        except OSError as error:
            went.append(f"failed: {error}")
    sys.stdout.write(json.dumps(went))
