"""From the traces of one host to leads: what could start, hide or prove something unexplained."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from .leads import KILL, PROGRAM, STARTER, Lead, Piece, line_piece
from .reading import addresses, paths
from .register import Register

Row = Mapping[str, Any]
STARTERS: Sequence[tuple[str, str]] = (
    (r"/etc/systemd/system-generators/[^/]+", "T1543.002"),
    (r"/etc/systemd/.*\.timer", "T1053.006"),
    (r"/etc/systemd/.*/systemd-[^/]+\.service", "T1036.004"),
    (r"/etc/systemd/.*\.(service|socket|path)", "T1543.002"),
    (r"/var/spool/cron/atjobs/[^/]+", "T1053.002"),
    (r"/etc/profile\.d/[^/]+", "T1546.004"),
    (r"/etc/update-motd\.d/[^/]+", "T1037"),
    (r"/etc/init\.d/[^/]+", "T1037.004"),
    (r"/etc/udev/rules\.d/[^/]+", "T1546.017"),
    (r"/etc/apt/apt\.conf\.d/[^/]+", "T1546.016"),
    (r"/etc/sudoers\.d/[^/]+", "T1548.003"),
    (r"/etc/xdg/autostart/[^/]+", "T1547.013"),
    (r"/usr/local/share/ca-certificates/[^/]+", "T1553.004"),
    (r"/usr/local/lib/python3[^/]*/(dist|site)-packages/[^/]+\.(pth|py)", "T1546.018"),
    (r".*/\.git/hooks/[^/]+", "T1546"),
    (r"/(srv|var)/www/.*\.html?", "T1505.003"),
)
"""Where files start something, and by which technique."""
LINES: Sequence[tuple[str, str, str]] = (
    (r"/etc/pam\.d/[^/]+", r"\s*session\s+optional\s+pam_permit\.so.*", "T1556.003"),
    (r".*/\.(bash|profile)[^/]*", r"\s*trap\s.*", "T1546.005"),
    (r"/etc/ld\.so\.preload", r"\s*/.*", "T1574.006"),
)
"""Lines that start something, by file and form."""
MOST_RARE = 6
"""More lines than these are another form of a file, not somebody's additions."""
_LOOKS_LATIN = re.compile(r"[\u0370-\u04ff]")
_HIDDEN = re.compile(r"/(\.[^/.]|\.\.|[^/]* (/|$))")
_CAPTURE = ("d4c3b2a1", "a1b2c3d4", "0a0d0d0a")
_NUMBERED = re.compile(r"\bseq=(\d+)\b")
_FAILED = re.compile(r"sshd\[(\d+)\]: Failed password for (?:invalid user )?(\S+) from (\S+)")
_ACCEPTED = re.compile(r"sshd\[\d+\]: Accepted password for (\S+) from ")
_READ = re.compile(r"\bname=(\S+\.cred)\b")
_USUAL = re.compile(
    r"/\.(bash|profile|ssh|git|lock|rnd|placeholder|dokuwiki|w3m/|local/share/|[^/]+\.swp$)"
)
_PASSING = ("/run/", "/var/tmp/", "/dev/shm/")  # noqa: S108 - looked at
_KERNEL = re.compile(r"^\[.*\]$")
_SERVICE_ACCOUNTS = frozenset(
    ("backup", "irc", "list", "lp", "mail", "man", "news", "proxy", "uucp", "www-data")
)


@dataclass(frozen=True, slots=True)
class Traces:
    """What was read on one host, what the partner says, and how many hosts hold which line."""

    host: str
    told: Mapping[str, Any]
    register: Register
    common: Mapping[tuple[str, str], int]
    hosts: int

    @property
    def files(self) -> dict[str, Row]:
        """The files that no package explains, by path."""
        return {one["path"]: one for one in self.told["files"]}

    def is_explained(self, row: Row, line: str = "") -> bool:
        """Return whether the partner knows a file as it is, or a line of it."""
        known = self.register.explains_file(self.host, row["path"], row["sha256"])
        return known or self.register.explains_change(self.host, row["path"], line)


def read_traces(
    told: Mapping[str, Mapping[str, Any]], register: Register
) -> Iterator[tuple[str, Traces]]:
    """Yield the traces of all hosts that told some, by host."""
    common: Counter[tuple[str, str]] = Counter()
    for one in told.values():
        for row in one["files"]:
            lines = (row["text"] or "").splitlines() if row["owned"] else ()
            common.update({(row["path"], line) for line in lines})
    for host, one in told.items():
        yield host, Traces(host, one, register, common, len(told))


def signs(traces: Traces) -> tuple[Lead, ...]:
    """Return all leads of a host that traces give; what one lead is about, no other repeats."""
    found: dict[str, Lead] = {}
    families = (
        *(starters, lines, altered, restored, accounts, capable, masked, packages),
        *(histories, named, captured, channels, stomped, gaps, logins, read_secrets),
    )
    taken: set[str] = set()
    for family in families:
        for lead in family(traces):
            about = {piece["path"] for piece in lead.evidence if piece["kind"] == "file"}
            if not about or not about <= taken:
                found.setdefault(lead.name, lead)
            taken |= about | {step["path"] for step in lead.removal if "path" in step}
    return tuple(found.values())


# ---- what starts


def starters(traces: Traces) -> Iterator[Lead]:
    """Yield files in places that start things, with their links and what they run."""
    files = traces.files
    timers = {path.removesuffix(".timer") for path in files if path.endswith(".timer")}
    for path, row in files.items():
        technique = next((t for form, t in STARTERS if re.fullmatch(form, path)), None)
        if technique is None or row["owned"] or row["type"] == "l" or row.get("program"):
            continue
        if path.endswith(".service") and path.removesuffix(".service") in timers:
            continue
        if traces.is_explained(row):
            continue
        yield starter(traces, row, technique)


def starter(traces: Traces, row: Row, technique: str) -> Lead:
    """Make the lead of a file that starts something."""
    files, path = traces.files, row["path"]
    whole = [row]
    if path.endswith(".timer") and (unit := files.get(path.removesuffix("timer") + "service")):
        whole.append(unit)
    mine = {one["path"] for one in whole}
    links = [one for one in files.values() if one["type"] == "l" and resolved(one) in mine]
    run = [program for one in whole for program in programs(traces, one["text"] or "")]
    units = [PurePosixPath(one).name for one in sorted(mine) if one.startswith("/etc/systemd/")]
    return Lead(
        host=traces.host,
        name=f"starter {path}",
        technique=technique,
        evidence=tuple(file_of(one) for one in whole),
        removal=(
            *({"do": "unit", "order": STARTER, "unit": unit} for unit in units),
            *(remove(one, STARTER) for one in (*links, *whole)),
            *(remove(one, PROGRAM) for one in run),
        ),
        note="starts something, of no package, in no register",
    )


def programs(traces: Traces, text: str) -> list[Row]:
    """Return the site's own programs that a text names and that nothing explained uses."""
    files = traces.files
    used = {
        path
        for row in files.values()
        if row["text"] and traces.is_explained(row)
        for path in paths(row["text"])
    }
    return [
        files[path]
        for path in dict.fromkeys(paths(text))
        if path in files
        and files[path].get("program")
        and path not in used
        and not traces.register.mentions(traces.host, path)
        and not traces.is_explained(files[path])
    ]


def resolved(link: Row) -> str:
    """Return where a link leads, without asking the host."""
    target = PurePosixPath(link["path"]).parent / link["target"]
    parts: list[str] = []
    for part in target.parts:
        if part == "..":
            parts = parts[:-1] or ["/"]
        else:
            parts.append(part)
    return str(PurePosixPath(*parts))


def lines(traces: Traces) -> Iterator[Lead]:
    """Yield lines that start something, in files that also hold what belongs there."""
    for path, row in traces.files.items():
        for form, shape, technique in LINES:
            if not re.fullmatch(form, path):
                continue
            for line in (row["text"] or "").splitlines():
                if re.fullmatch(shape, line) and not traces.is_explained(row, line):
                    yield line_lead(traces, row, line, technique)


def line_lead(traces: Traces, row: Row, line: str, technique: str) -> Lead:
    """Make the lead of a line."""
    return Lead(
        host=traces.host,
        name=f"line {row['path']} {line}",
        technique=technique,
        evidence=(line_piece(row["path"], line),),
        removal=(
            {"do": "line", "order": STARTER, "path": row["path"], "line": line},
            *(remove(one, PROGRAM) for one in programs(traces, line)),
        ),
        note="a line that nobody ordered",
    )


def path_is_loose(path: str) -> bool:
    """Return whether a path is where a site puts its own programs."""
    return path.startswith(("/opt/", "/srv/", "/usr/local/"))


def altered(traces: Traces) -> Iterator[Lead]:
    """Yield lines of packages' files that hardly any other host has."""
    for path, row in traces.files.items():
        if not row["altered"] or row["text"] is None or traces.is_explained(row):
            continue
        if any(re.fullmatch(form, path) for form, _, _ in LINES):
            continue
        rare = [
            line
            for line in row["text"].splitlines()
            if line.startswith("# ") and traces.common[path, line] * 2 <= max(2, traces.hosts)
        ]
        for line in rare if len(rare) <= MOST_RARE else ():
            if not traces.is_explained(row, line):
                yield line_lead(traces, row, line, "T1554")


def restored(traces: Traces) -> Iterator[Lead]:
    """Yield what differs from the copies that the partner vouched for."""
    for one in traces.register.baselines:
        row = traces.files.get(one.path)
        good = traces.files.get(one.copy)
        if one.host != traces.host or row is None or good is None or row["sha256"] == one.sha256:
            continue
        there, was = ((x["text"] or "").splitlines() for x in (row, good))
        changed = [line for line in there if line not in was]
        if good["sha256"] != one.sha256 or all(
            traces.is_explained(row, x) for x in changed or [""]
        ):
            continue
        yield Lead(
            host=traces.host,
            name=f"record {one.path}",
            technique="T1562.012" if one.path.startswith("/etc/audit") else "T1565.001",
            evidence=tuple(line_piece(one.path, line) for line in changed[:3]) or (file_of(row),),
            removal=({"do": "restore", "order": STARTER, "path": one.path, "copy": one.copy},),
            note="differs from what the partner vouched for",
        )


# ---- accounts, bits, processes, packages


def accounts(traces: Traces) -> Iterator[Lead]:
    """Yield accounts that the partner does not know."""
    for line in str(traces.told["passwd"]).splitlines():
        name = line.partition(":")[0]
        if not name or traces.register.explains_account(traces.host, name):
            continue
        yield Lead(
            host=traces.host,
            name=f"account {name}",
            technique="T1136.001",
            evidence=(line_piece("/etc/passwd", line),),
            removal=({"do": "account", "order": STARTER, "account": name},),
            note="an account that the partner does not know",
        )


def capable(traces: Traces) -> Iterator[Lead]:
    """Yield programs with capabilities that the partner does not know."""
    for one in traces.told["capable"]:
        if traces.register.explains_program(traces.host, one["path"], one["sha256"]):
            continue
        piece = {"kind": "file", "path": one["path"], "sha256": one["sha256"]}
        step = {"do": "file", "order": PROGRAM, "path": one["path"], "sha256": one["sha256"]}
        note = "carries capabilities, of no package, in no register"
        yield Lead(traces.host, f"program {one['path']}", "T1548", (piece,), (step,), note=note)


def masked(traces: Traces) -> Iterator[Lead]:
    """Yield processes that call themselves what they are not, or whose program is gone."""
    for one in traces.told["processes"]:
        exe, argv = one["exe"], one["argv"]
        bare = exe.removesuffix(" (deleted)")
        if not argv or not (path_is_loose(bare) or bare.startswith(_PASSING)):
            continue
        if traces.register.explains_change(traces.host, bare, "") or is_ordered(traces, bare):
            continue
        gone, lies = exe != bare, bool(_KERNEL.match(argv[0]))
        if gone or lies:
            yield Lead(
                host=traces.host,
                name=f"process {bare}",
                technique="T1036.011" if lies else "T1070.004",
                evidence=({"kind": "process", "pid": one["pid"], "start": one["start"]},),
                removal=(
                    {"do": "kill", "order": KILL, "pid": one["pid"], "start": one["start"]}
                    | {"program": ""},
                    *(remove(row, PROGRAM) for row in programs(traces, bare)),
                ),
                note="calls itself what it is not" if lies else "its program is gone",
            )


def is_ordered(traces: Traces, path: str) -> bool:
    """Return whether something that the partner knows starts a program."""
    return any(
        path in paths(row["text"] or "") and traces.is_explained(row)
        for row in traces.files.values()
    )


def packages(traces: Traces) -> Iterator[Lead]:
    """Yield packages on record that came without digests, as none from a mirror does."""
    for name in traces.told["packages"]:
        record = "/var/lib/dpkg/status"
        line = f"Package: {name}"
        listed = f"/var/lib/dpkg/info/{name}.list"
        if traces.register.explains_change(traces.host, listed, ""):
            continue
        yield Lead(
            host=traces.host,
            name=f"package {name}",
            technique="T1195.002",
            evidence=(line_piece(record, line),),
            removal=({"do": "package", "order": PROGRAM, "package": name},),
            note="a package that no mirror brought",
        )


# ---- what hides


def histories(traces: Traces) -> Iterator[Lead]:
    """Yield histories that lead nowhere."""
    for path, row in traces.files.items():
        nowhere = row["type"] == "l" and row["target"] == "/dev/null"
        if nowhere and path.endswith("_history") and not traces.is_explained(row):
            yield Lead(
                host=traces.host,
                name=f"history {path}",
                technique="T1562.003",
                evidence=(file_of(row),),
                removal=(remove(row, STARTER),),
                note="what is done there leaves no history",
            )


def named(traces: Traces) -> Iterator[Lead]:
    """Yield files with names that are hidden, or that look like others."""
    for path, row in traces.files.items():
        twin = bool(_LOOKS_LATIN.search(path)) and bool(re.search("[a-z]", path))
        hidden = _HIDDEN.search(path) and not path.startswith(("/etc/", "/home/", "/root/"))
        usual = _USUAL.search(path)
        odd = twin or (hidden and not usual)
        if row["type"] == "l" or not odd or traces.is_explained(row):
            continue
        technique = "T1036.005" if twin else "T1564.001"
        if path.endswith((".tar.gz", ".tgz", ".zip")):
            technique = "T1074.001"
        yield loose_file(traces, row, technique, "a name that hides it")


def captured(traces: Traces) -> Iterator[Lead]:
    """Yield captures of packets that nobody ordered."""
    for row in traces.files.values():
        if row.get("magic") in _CAPTURE and not traces.is_explained(row):
            yield loose_file(traces, row, "T1040", "a capture of packets")


def stomped(traces: Traces) -> Iterator[Lead]:
    """Yield data of the site's own folders whose times are whole seconds, unlike their like."""
    for path, row in traces.files.items():
        site = path_is_loose(path) and not path.startswith(("/srv/share", "/srv/www"))
        data = site and row["type"] == "f" and not int(str(row["mode"]), 8) & 0o111
        whole = row["mtime"] == int(row["mtime"])
        if data and whole and not row["owned"] and not traces.is_explained(row):
            yield loose_file(traces, row, "T1070.006", "older than it can be")


def channels(traces: Traces) -> Iterator[Lead]:
    """Yield settings that name a server outside."""
    for path, row in traces.files.items():
        settings = path_is_loose(path) and path.endswith(".conf") and not row["owned"]
        named_ = addresses(row["text"] or "") if settings else frozenset()
        if any(traces.register.outside(one) for one in named_) and not traces.is_explained(row):
            yield loose_file(traces, row, "T1008", "names a server outside")


def loose_file(traces: Traces, row: Row, technique: str, note: str) -> Lead:
    """Make the lead of one file that goes as a whole."""
    name = f"file {row['path']}"
    steps = (remove(row, PROGRAM),)
    return Lead(traces.host, name, technique, (file_of(row),), steps, note=note)


# ---- what is only reported


def gaps(traces: Traces) -> Iterator[Lead]:
    """Yield logs whose numbers jump."""
    for path, row in traces.files.items():
        numbers = [int(one) for one in _NUMBERED.findall(row["text"] or "")]
        jump = any(b - a > 5 for a, b in pairwise(numbers))
        if path.startswith("/var/log/") and jump and not traces.is_explained(row):
            piece = (file_of(row),)
            note = "lines are missing"
            yield Lead(traces.host, f"log {path}", "T1070.002", piece, (), note=note)


def logins(traces: Traces) -> Iterator[Lead]:
    """Yield what the log of logins tells: many accounts tried, service accounts that logged in."""
    path = "/var/log/auth.log"
    tried: dict[str, set[str]] = defaultdict(set)
    first: dict[str, list[str]] = defaultdict(list)
    for line in traces.told["auth"]:
        if failed := _FAILED.search(line):
            tried[failed[1]].add(failed[2])
            first[failed[1]].append(line)
        login = _ACCEPTED.search(line)
        service = login is not None and login[1] in _SERVICE_ACCOUNTS
        if service and not traces.register.explains_change(traces.host, path, line):
            piece = (line_piece(path, line),)
            note = "a service account that logged in"
            yield Lead(traces.host, f"login {line}", "T1078.003", piece, (), note=note)
    for process, names in tried.items():
        told = "\n".join(first[process])
        known = traces.register.explains_change(traces.host, path, told)
        if len(names) >= 4 and not known:
            piece = (line_piece(path, first[process][0]),)
            note = f"{len(names)} accounts were tried"
            yield Lead(traces.host, f"tries {process}", "T1110.003", piece, (), note=note)


def read_secrets(traces: Traces) -> Iterator[Lead]:
    """Yield files with passwords that the audit saw being read."""
    read = {match[1] for line in traces.told["audit"] if (match := _READ.search(line))}
    for path in sorted(read):
        row = traces.files.get(path)
        told = (row["text"] or "").splitlines() if row else []
        if row is None or not told or traces.is_explained(row, told[0]):
            continue
        secret = told[0].rpartition(":")[2]
        uses = holders(traces, secret)
        yield Lead(
            host=traces.host,
            name=f"secret {path}",
            technique="T1552.001",
            evidence=tuple(line_piece(*one) for one in uses[:3]),
            removal=tuple(
                {"do": "line", "order": STARTER, "path": where, "line": line}
                for where, line in uses
            ),
            note="a password that was read by somebody",
        )


def holders(traces: Traces, secret: str) -> list[tuple[str, str]]:
    """Return the files and lines that hold a secret."""
    return [
        (path, line)
        for path, row in traces.files.items()
        for line in (row["text"] or "").splitlines()
        if len(secret) > 7 and secret in line and not path.startswith("/var/log/")
    ]


def file_of(row: Row) -> Piece:
    """Return a file as evidence; of a link, what it says is its content."""
    says = hashlib.sha256(row["target"].encode()).hexdigest() if row["type"] == "l" else ""
    return {"kind": "file", "path": row["path"], "sha256": row["sha256"] or says}


def remove(row: Row, order: int) -> Piece:
    """Say that a file or link goes, if it is still the one that was seen."""
    if row["type"] == "l":
        return {"do": "link", "order": order, "path": row["path"], "target": row["target"]}
    return {"do": "file", "order": order, "path": row["path"], "sha256": row["sha256"]}


def watched(register: Register, host: str) -> Iterable[str]:
    """Return paths that are to be read on a host whatever they look like."""
    for one in register.baselines:
        if one.host == host:
            yield from (one.path, one.copy)
