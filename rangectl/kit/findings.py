"""What may be handed in: every problem of a finding, said at once."""

from __future__ import annotations

import ipaddress
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from .places import Stop

HOST = re.compile(r"^[a-z][a-z0-9-]{0,30}$")
TECHNIQUE = re.compile(r"^(T\d{4}(\.\d{3})?|TA\d{4})$")
SHA256 = re.compile(r"^[0-9a-f]{64}$")
EVIDENCE: Mapping[str, tuple[str, ...]] = {
    "file": ("path", "sha256"),
    "line": ("path", "line"),
    "process": ("pid", "start"),
    "flow": ("address", "port"),
}
NOT_YAML = (
    "no YAML there, or just above: most often a tab, an indent that differs, a missing colon, or a"
    " text with a colon or an * that needs quotes"
)
FIELDS = ("host", "evidence", "technique", "fingerprint", "malicious", "confidence", "note")


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
    problems = [
        f"{at}.{key}: is missing (evidence of kind {kind} needs it)"
        for key in wanted
        if key not in piece
    ]
    problems += [
        f"{at}.{key}: unknown key (evidence of kind {kind} has {', '.join(wanted)})"
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
    return [f"host: {host!r} is not in the register (its hosts: {', '.join(hosts)})"]


def finding_problems(finding: object, hosts: Sequence[str]) -> list[str]:
    """Return all that is wrong with a finding, each with its place in it."""
    if not isinstance(finding, dict):
        return ["not a finding: must be keys and values (see hunt template)"]
    problems = host_problems(finding.get("host"), hosts)
    if finding.get("kind", "finding") != "finding":
        problems.append("kind: must be finding, or left out (requests: hunt request)")
    problems += [
        f"{key}: unknown key (a finding has {', '.join(FIELDS)})"
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
    except yaml.MarkedYAMLError as error:
        raise Stop(3, [f"{path}{place_of(error)}: {error.problem}"], NOT_YAML) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        hint = "see hunt template for a finding to start from"
        raise Stop(3, [f"{path}: {error}"], hint) from None


def place_of(error: yaml.MarkedYAMLError) -> str:
    """Return line and column of a mistake in a file."""
    mark = error.problem_mark or error.context_mark
    return "" if mark is None else f":{mark.line + 1}:{mark.column + 1}"
