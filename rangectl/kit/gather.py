"""Evidence, gathered from a host over ssh; all that comes from there is data."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import threading
from collections.abc import Sequence
from typing import Any

from .findings import (
    SHA256,
    finding_problems,
)
from .places import Places, Stop

MOST_BYTES = 4 * 1024 * 1024
MOST_ERRORS = 64 * 1024
SSH_SECONDS = 30


def remote(where: Places, host: str, command: str) -> bytes:
    """Run a command on a host as hunter and return what it wrote, bounded; nothing if it failed."""
    call = [*where.ssh, host, command]
    try:
        code, output, errors = _bounded(call)
    except OSError as error:
        raise Stop(5, [f"{host}: {error}"], "does `ssh HOST true` work?") from None
    if code == 255:
        raise Stop(5, [f"{host}: {errors.decode(errors='replace').strip()}"], "ssh itself failed")
    return output if code == 0 or len(output) > MOST_BYTES else b""


def _bounded(call: Sequence[str]) -> tuple[int, bytes, bytes]:
    """Run a program; return its code and what it wrote, a little more than is allowed at most."""
    with subprocess.Popen(  # noqa: S603 - the kit's own ssh, arguments as a list
        call, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        if process.stdout is None or process.stderr is None:
            raise AssertionError
        late = threading.Timer(SSH_SECONDS, process.kill)
        late.start()
        try:
            output = process.stdout.read(MOST_BYTES + 1)
            if len(output) > MOST_BYTES:
                process.kill()
            errors = process.stderr.read(MOST_ERRORS)
            process.kill() if len(errors) == MOST_ERRORS else process.wait()
        finally:
            over = late.finished.is_set()
            late.cancel()
    if over:
        message = f"no end within {SSH_SECONDS} s"
        raise TimeoutError(message)
    return process.returncode, output, errors


def read_as_hunter(tool: str, path: str) -> str:
    """Return the command that runs a reading tool on a path, by sudo where it needs to."""
    call = f"{tool} -- {shlex.quote(path)}"
    return f"if test -r {shlex.quote(path)}; then {call}; else sudo -n {call}; fi"


def path_evidence(where: Places, host: str, path: str, part: str | None) -> list[dict[str, Any]]:
    """Gather a file's digest and, where asked for, the one line of it that holds `part`."""
    digest = remote(where, host, read_as_hunter("sha256sum", path)).split(b" ")[0].lstrip(b"\\")
    if not SHA256.match(digest.decode(errors="replace")):
        raise Stop(3, [f"{host}: {path}: cannot be read"], "is the path right, and a file?")
    found: list[dict[str, Any]] = [{"kind": "file", "path": path, "sha256": digest.decode()}]
    if part is not None:
        found.append({"kind": "line", "path": path, "line": whole_line(where, host, path, part)})
    return found


def whole_line(where: Places, host: str, path: str, part: str) -> str:
    """Return the one line of a host's file that holds `part`."""
    content = remote(where, host, read_as_hunter("cat", path))
    lines = [n for n in content.decode("utf-8", "replace").split("\n") if part in n]
    if part in lines:
        return part
    if len(set(lines)) != 1:
        problem = f"{host}: {path}: {len(lines)} lines hold {part!r}"
        raise Stop(3, [problem], "--line takes a part of exactly one line")
    return lines[0]


def process_evidence(where: Places, host: str, pid: int) -> dict[str, Any]:
    """Gather the start time of a process, so that its id names it for good."""
    stat = remote(where, host, f"cat /proc/{pid}/stat").decode(errors="replace")
    fields = stat.rpartition(")")[2].split()
    if len(fields) < 20 or not fields[19].isdecimal():
        raise Stop(
            3, [f"{host}: there is no process {pid}"], "it may have ended; see ps on the host"
        )
    return {"kind": "process", "pid": pid, "start": int(fields[19])}


def flow_evidence(text: str) -> dict[str, Any]:
    """Read ADDRESS:PORT."""
    address, _, port = text.rpartition(":")
    return {"kind": "flow", "address": address, "port": int(port) if port.isdecimal() else 0}


def gathered(where: Places, args: argparse.Namespace) -> dict[str, Any]:
    """Build the finding that the options describe, with evidence taken from the host."""
    evidence: list[dict[str, Any]] = []
    for path in args.path:
        last = path == args.path[-1]
        evidence += path_evidence(where, args.host, path, args.line if last else None)
    evidence += [process_evidence(where, args.host, pid) for pid in args.pid]
    evidence += [flow_evidence(text) for text in args.flow]
    return {**described(args), "evidence": evidence}


def described(args: argparse.Namespace) -> dict[str, Any]:
    """Return a finding's fields that need no look at the host."""
    return {
        "host": args.host,
        "technique": args.technique,
        "fingerprint": args.fingerprint,
        "malicious": not args.benign,
        "confidence": args.confidence,
        "note": args.note,
    }


def option_problems(args: argparse.Namespace, hosts: Sequence[str]) -> list[str]:
    """Return what is wrong with the options of `submit`, before any host is asked."""
    sample = [{"kind": "file", "path": path, "sha256": "0" * 64} for path in args.path]
    sample += [{"kind": "process", "pid": pid, "start": 0} for pid in args.pid]
    sample += [flow_evidence(text) for text in args.flow]
    problems = finding_problems({**described(args), "evidence": sample}, hosts)
    if args.line is not None and not args.path:
        problems.append("--line: needs --path, the file that holds the line")
    return problems
