#!/usr/bin/python3
"""The trainee's client: hands in findings and requests, and shows what became of them.

It runs in the kit host, alone, with what Debian has. Everything it learns from a host over ssh is
taken as data; everything it hands in is checked here first, and all that is wrong is said at once.
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
import re
import secrets
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HOST = re.compile(r"^[a-z][a-z0-9-]{0,30}$")
IDENT = re.compile(r"^[0-9a-z-]{1,40}$")
TECHNIQUE = re.compile(r"^(T\d{4}(\.\d{3})?|TA\d{4})$")
SHA256 = re.compile(r"^[0-9a-f]{64}$")
EVIDENCE: Mapping[str, tuple[str, ...]] = {
    "file": ("path", "sha256"),
    "line": ("path", "line"),
    "process": ("pid", "start"),
    "flow": ("address", "port"),
}
FIELDS = ("host", "evidence", "technique", "fingerprint", "malicious", "confidence", "note")
MOST_BYTES = 4 * 1024 * 1024
SSH_SECONDS = 30
TEMPLATE = """\
# One finding: what you believe the adversary left on one host, and what proves it.
# Hand it in with: hunt submit THIS-FILE
host: web01
technique: T1053.003        # an ATT&CK technique or tactic; may be left out
malicious: true             # false: you looked, and it belongs here
confidence: 80              # 0 to 100
note: not in the register, no package owns it
# fingerprint: SHA256:...   # of a key, as ssh-keygen -lf shows it
evidence:                   # one to ten pieces; all of them on this host
  - {kind: file, path: /etc/cron.d/example, sha256: 0000}        # sha256sum PATH
  - {kind: line, path: /etc/cron.d/example, line: "* * * * * root /bin/true"}
  - {kind: process, pid: 4711, start: 123456}    # start: field 22 of /proc/PID/stat
  - {kind: flow, address: 198.51.100.7, port: 80}
"""


class Stop(Exception):  # noqa: N818 - how a command ends early, with its exit code
    """The command cannot go on: what is wrong, what to do about it, and the exit code."""

    def __init__(self, code: int, problems: Sequence[str], hint: str = "") -> None:
        super().__init__("\n".join(problems))
        self.code = code
        self.problems = tuple(problems)
        self.hint = hint


@dataclass(frozen=True)
class Places:
    """Where things are in the kit."""

    outbox: Path
    receipts: Path
    briefing: Path
    ssh: tuple[str, ...]

    @property
    def sent(self) -> Path:
        """Where a copy of all that was handed in stays: the outbox itself is emptied."""
        return self.outbox / ".sent"


def places(env: Mapping[str, str]) -> Places:
    """Return the folders of the kit, or those the environment names."""
    return Places(
        outbox=Path(env.get("HUNT_OUTBOX", "/var/spool/hunt/outbox")),
        receipts=Path(env.get("HUNT_RECEIPTS", "/var/spool/hunt/receipts")),
        briefing=Path(env.get("HUNT_BRIEFING", "/srv/briefing")),
        ssh=tuple(shlex.split(env.get("HUNT_SSH", "ssh -o BatchMode=yes -o ConnectTimeout=10"))),
    )


def printable(text: str) -> str:
    """Return text without control characters: what a host says must not steer a terminal."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def say(text: str) -> None:
    """Print one text for the person."""
    sys.stdout.write(printable(text) + "\n")


# ---- what is known -------------------------------------------------------------------------------


def read_register(where: Places) -> dict[str, Any]:
    """Return the partner's register from the briefing."""
    path = where.briefing / "register.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Stop(
            4, [f"{path}: {error}"], "the briefing is put here when a range starts"
        ) from None
    if not isinstance(found, dict):
        raise Stop(4, [f"{path}: not a register"])
    return found


def known_hosts(register: Mapping[str, Any]) -> list[str]:
    """Return the names of all hosts of the register, in its order."""
    return [str(host["name"]) for host in register.get("hosts", ())]


# ---- what may be handed in -----------------------------------------------------------------------


def is_number(value: object, low: int, high: int) -> bool:
    """Return whether value is a whole number within bounds (true and false are none)."""
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def is_text(value: object, most: int) -> bool:
    """Return whether value is a text of at most so many characters."""
    return isinstance(value, str) and len(value) <= most


def is_address(value: object) -> bool:
    """Return whether value is an IPv4 address."""
    try:
        ipaddress.IPv4Address(value if isinstance(value, str) else "")
    except ValueError:
        return False
    return True


Rule = tuple[Callable[[Any], bool], str]
EVIDENCE_RULES: Mapping[str, Rule] = {
    "path": (
        lambda v: is_text(v, 512) and v.startswith("/"),
        "must be an absolute path of at most 512 characters",
    ),
    "sha256": (
        lambda v: isinstance(v, str) and bool(SHA256.match(v)),
        "must be 64 hex digits in lower case, in quotes if it is all digits (sha256sum PATH)",
    ),
    "line": (lambda v: is_text(v, 4096) and "\n" not in v, "must be one line, word for word"),
    "pid": (lambda v: is_number(v, 1, 2**22), "must be a process id"),
    "start": (
        lambda v: is_number(v, 0, 2**63),
        "must be the start time in clock ticks (field 22 of /proc/PID/stat)",
    ),
    "address": (is_address, "must be an IPv4 address, without the port"),
    "port": (lambda v: is_number(v, 1, 65535), "must be 1 to 65535"),
}
FINDING_RULES: Mapping[str, Rule] = {
    "technique": (
        lambda v: v == "" or (isinstance(v, str) and bool(TECHNIQUE.match(v))),
        "must look like T1053.003, T1053 or TA0003",
    ),
    "fingerprint": (
        lambda v: v == "" or (is_text(v, 100) and v.startswith("SHA256:")),
        "must begin with SHA256: as ssh-keygen -lf shows it",
    ),
    "malicious": (lambda v: isinstance(v, bool), "must be true or false"),
    "confidence": (lambda v: is_number(v, 0, 100), "must be 0 to 100"),
    "note": (lambda v: is_text(v, 2000), "must be a text of at most 2000 characters"),
}


def evidence_problems(piece: object, at: str) -> list[str]:
    """Return all that is wrong with one piece of evidence; `at` says where it stands."""
    kind = str(piece.get("kind")) if isinstance(piece, dict) else ""
    if not isinstance(piece, dict) or kind not in EVIDENCE:
        return [f"{at}: kind must be one of {', '.join(EVIDENCE)}"]
    wanted = EVIDENCE[kind]
    problems = [f"{at}.{key}: lacks (a {kind} needs it)" for key in wanted if key not in piece]
    problems += [
        f"{at}.{key}: unknown (a {kind} has {', '.join(wanted)})"
        for key in piece
        if key not in ("kind", *wanted)
    ]
    for key in wanted:
        fits, message = EVIDENCE_RULES[key]
        if key in piece and not fits(piece[key]):
            problems.append(f"{at}.{key}: {message}")
    return problems


def host_problems(host: object, hosts: Sequence[str]) -> list[str]:
    """Return what is wrong with the name of a host."""
    if isinstance(host, str) and HOST.match(host) and host in hosts:
        return []
    return [f"host: {host!r} is not in the register (there are {', '.join(hosts)})"]


def finding_problems(finding: object, hosts: Sequence[str]) -> list[str]:
    """Return all that is wrong with a finding, each with its place in it."""
    if not isinstance(finding, dict):
        return ["not a finding: must be keys and values (see hunt template)"]
    problems = host_problems(finding.get("host"), hosts)
    if finding.get("kind", "finding") != "finding":
        problems.append("kind: must be finding, or left out (requests: hunt request)")
    problems += [
        f"{key}: unknown (a finding has {', '.join(FIELDS)})"
        for key in finding
        if key not in ("kind", *FIELDS)
    ]
    for key, (fits, message) in FINDING_RULES.items():
        if key in finding and not fits(finding[key]):
            problems.append(f"{key}: {message}")
    pieces = finding.get("evidence")
    if not isinstance(pieces, list) or not 1 <= len(pieces) <= 10:
        return [*problems, "evidence: one to ten pieces are needed"]
    for number, piece in enumerate(pieces):
        problems += evidence_problems(piece, f"evidence[{number}]")
    return problems


def parse(path: str) -> object:
    """Read a finding's file: JSON is YAML, too."""
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
        return yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise Stop(
            3, [f"{path}: {error}"], "see hunt template for a finding to start from"
        ) from None


# ---- evidence, from the host ---------------------------------------------------------------------


def remote(where: Places, host: str, command: str) -> bytes:
    """Run a command on a host as hunter and return what it wrote, bounded; nothing if it failed."""
    call = [*where.ssh, host, command]
    try:
        with subprocess.Popen(  # noqa: S603 - the kit's own ssh, arguments as a list
            call, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            output, errors = process.communicate(timeout=SSH_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Stop(5, [f"{host}: {error}"], "does `ssh HOST true` work?") from None
    if process.returncode == 255:
        raise Stop(5, [f"{host}: {errors.decode(errors='replace').strip()}"], "ssh itself failed")
    return output[: MOST_BYTES + 1] if process.returncode == 0 else b""


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


# ---- the outbox ----------------------------------------------------------------------------------


def new_id(now: float) -> str:
    """Return an id that sorts by time and that nobody else has."""
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(now))
    return f"{stamp}-{int(now % 1 * 1_000_000):06d}{secrets.token_hex(3)}"


def hand_in(where: Places, submission: Mapping[str, Any]) -> str:
    """Put a submission into the outbox, whole and never over another; return its id."""
    hint = "the kit is not connected to an exercise: tell the instructor"
    if not where.outbox.is_dir():
        raise Stop(4, [f"{where.outbox}: there is no outbox"], hint)
    content = json.dumps(submission, indent=1).encode()
    try:
        handle, name = tempfile.mkstemp(prefix=".", dir=where.outbox)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), 0o644)
        return settle(where, Path(name))
    except OSError as error:
        raise Stop(4, [f"{where.outbox}: {error}"], hint) from None


def settle(where: Places, written: Path) -> str:
    """Give a written file its place under an id that is free, and keep a copy of one's own."""
    try:
        where.sent.mkdir(exist_ok=True)
        while True:
            ident = new_id(time.time())
            try:
                os.link(written, where.sent / f"{ident}.json")
                os.link(written, where.outbox / f"{ident}.json")
            except FileExistsError:
                continue
            return ident
    finally:
        written.unlink()


def load(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file; an empty one if there is none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def submissions(where: Places) -> dict[str, dict[str, Any]]:
    """Return all that was handed in from here, by id, oldest first."""
    found = [p for folder in (where.outbox, where.sent) for p in folder.glob("[0-9a-z]*.json")]
    return {path.stem: load(path) for path in sorted(found, key=lambda p: p.stem)}


def one_submission(where: Places, ident: str) -> dict[str, Any]:
    """Return the submission of that id."""
    found = submissions(where)
    if not IDENT.match(ident) or ident not in found:
        raise Stop(3, [f"{ident}: you handed in nothing with this id"], "see hunt list")
    return found[ident]


def receipt(where: Places, ident: str) -> dict[str, Any]:
    """Return the receipt of a submission; empty while there is none."""
    return load(where.receipts / f"{ident}.json")


# ---- commands ------------------------------------------------------------------------------------


def submit(where: Places, args: argparse.Namespace) -> int:
    """Hand in findings: those in files, or the one the options describe."""
    if bool(args.files) == bool(args.host):
        raise Stop(2, ["give either files or --host with its evidence"], "see hunt submit --help")
    hosts = known_hosts(read_register(where))
    if args.files:
        found = [(path, parse(path)) for path in args.files]
    else:
        stop_on(option_problems(args, hosts))
        found = [("finding", gathered(where, args))]
    stop_on([f"{path}: {p}" for path, one in found for p in finding_problems(one, hosts)])
    for _, one in found:
        if isinstance(one, dict):
            say(hand_in(where, {"kind": "finding", **one}))
    return 0


def stop_on(problems: Sequence[str]) -> None:
    """Stop with all problems, if there are any."""
    if problems:
        raise Stop(3, problems, "nothing was handed in; hunt template shows how a finding looks")


def request(where: Places, args: argparse.Namespace) -> int:
    """Ask the partner for something."""
    if (args.action == "rebuild") != (args.host is not None):
        raise Stop(2, ["a rebuild needs a HOST, the partner seat has none"])
    if args.host is not None:
        stop_on(host_problems(args.host, known_hosts(read_register(where))))
    asked = {"kind": "request", "action": args.action, "host": args.host, "why": args.why[:2000]}
    say(hand_in(where, asked))
    return 0


def done(where: Places, args: argparse.Namespace) -> int:
    """Say that nothing more is coming."""
    say(hand_in(where, {"kind": "done", "note": args.note[:2000]}))
    return 0


def template(_where: Places, _args: argparse.Namespace) -> int:
    """Print a finding to start from."""
    say(TEMPLATE.rstrip())
    return 0


def summary(sub: Mapping[str, Any]) -> str:
    """Describe a submission in a few words."""
    if sub.get("kind") != "finding":
        return " ".join(str(sub[k]) for k in ("action", "host", "why", "note") if sub.get(k))
    pieces = [p for p in sub.get("evidence", ()) if isinstance(p, dict)]
    first = next((str(p["path"]) for p in pieces if "path" in p), "")
    verdict = "" if sub.get("malicious", True) else "(benign)"
    words = (str(sub.get("host", "")), str(sub.get("technique", "")), first, verdict)
    return " ".join(word for word in words if word)


def table(rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns."""
    kept = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*kept, strict=True)]
    for row in kept:
        say("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip())


def list_own(where: Places, args: argparse.Namespace) -> int:
    """List what was handed in, with the receipts."""
    own = [(i, sub, receipt(where, i)) for i, sub in submissions(where).items()]
    if args.json:
        say(json.dumps([{"id": i, "submission": s, "receipt": r or None} for i, s, r in own]))
        return 0
    rows = [("ID", "KIND", "RECEIPT", "WHAT", "MESSAGE")]
    for ident, sub, got in own:
        status, message = str(got.get("status", "-")), str(got.get("message", ""))
        rows.append((ident, str(sub.get("kind", "?")), status, summary(sub), message))
    table(rows)
    return 0


def show(where: Places, args: argparse.Namespace) -> int:
    """Show one submission with its receipt."""
    own = one_submission(where, args.id)
    got = receipt(where, args.id) or None
    say(json.dumps({"id": args.id, "submission": own, "receipt": got}, indent=2))
    return 0


def wait(where: Places, args: argparse.Namespace) -> int:
    """Wait for the receipt; of a request, for the partner's answer."""
    asked = one_submission(where, args.id).get("kind") == "request"
    last = time.monotonic() + args.timeout
    while True:
        got = receipt(where, args.id)
        status = str(got.get("status", ""))
        if status and not (asked and status == "received"):
            say(f"{status} {got.get('message', '')}".rstrip())
            return 6 if status in ("refused", "denied") else 0
        if time.monotonic() >= last:
            problem = f"{args.id}: no answer within {args.timeout:g} s"
            raise Stop(6, [problem], "it stays in the outbox; wait again, or tell the instructor")
        time.sleep(0.5)


def briefing(where: Places, _args: argparse.Namespace) -> int:
    """Print the briefing."""
    try:
        say((where.briefing / "briefing.md").read_text(encoding="utf-8").rstrip())
    except OSError as error:
        raise Stop(4, [str(error)], "the briefing is put here when a range starts") from None
    return 0


def hosts(where: Places, args: argparse.Namespace) -> int:
    """List the hosts of the register."""
    found = read_register(where).get("hosts", [])
    if args.json:
        say(json.dumps(found))
        return 0
    keys = ("name", "address", "segment")
    rows = [(*(str(h.get(k, "")) for k in keys), ", ".join(h.get("roles", ()))) for h in found]
    table([("NAME", "ADDRESS", "SEGMENT", "ROLES"), *rows])
    return 0


def parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    top = argparse.ArgumentParser(prog="hunt", description="Hand in what you found.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[..., int]) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        made.set_defaults(run=run)
        return made

    add_submit(command("submit", submit))
    asked = command("request", request)
    asked.add_argument("action", choices=("partner-seat", "rebuild"))
    asked.add_argument("host", nargs="?", metavar="HOST")
    asked.add_argument("--why", required=True, help="what the partner needs to know to decide")
    command("done", done).add_argument("--note", default="")
    command("list", list_own).add_argument("--json", action="store_true")
    command("show", show).add_argument("id", metavar="ID")
    waiting = command("wait", wait)
    waiting.add_argument("id", metavar="ID")
    waiting.add_argument("--timeout", type=float, default=600, metavar="SECONDS")
    command("hosts", hosts).add_argument("--json", action="store_true")
    command("template", template)
    command("briefing", briefing)
    return top


def add_submit(sub: argparse.ArgumentParser) -> None:
    """Add the options of `submit`."""
    sub.add_argument(
        "files", nargs="*", metavar="FILE", help="a finding in YAML or JSON; - is stdin"
    )
    sub.add_argument("--host", help="build the finding here: its host; evidence is taken over ssh")
    sub.add_argument("--path", action="append", default=[], help="a file of the host (repeatable)")
    sub.add_argument("--line", help="a line of the (last) file, or a part of exactly one")
    sub.add_argument("--pid", action="append", default=[], type=int, help="a process (repeatable)")
    sub.add_argument("--flow", action="append", default=[], metavar="ADDRESS:PORT")
    sub.add_argument("--technique", default="", help="ATT&CK, such as T1053.003")
    sub.add_argument("--fingerprint", default="", help="of a key, SHA256:...")
    sub.add_argument("--benign", action="store_true", help="you looked, and it belongs here")
    sub.add_argument("--confidence", type=int, default=80, metavar="0-100")
    sub.add_argument("--note", default="")


def main(argv: Sequence[str]) -> int:
    """Run one command; return its exit code."""
    args = parser().parse_args(argv)
    where = places(os.environ)
    try:
        code: int = args.run(where, args)
    except Stop as stop:
        for problem in stop.problems:
            sys.stderr.write(printable(f"hunt: {problem}") + "\n")
        if stop.hint:
            sys.stderr.write(printable(f"  hint: {stop.hint}") + "\n")
        return stop.code
    return code


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
