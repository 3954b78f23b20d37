"""What on a host acts and is explained by nobody: the leads, their evidence and their removal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any

from .manners import HTTP, technique
from .reading import FileSeen, Flow, Job, Process, View, addresses, paths
from .register import Register

Piece = dict[str, Any]
MOST_EVIDENCE = 10
_PORT = re.compile(r"^PORT = (\d{1,5})$", re.MULTILINE)
_FROM_ONE = re.compile(r'(?!\s*ssh-).*\bfrom="[^"]')
STARTER, KILL, PROGRAM = 0, 1, 2
"""The order of a removal: what starts, what runs, what it ran."""


@dataclass(frozen=True, slots=True)
class Lead:
    """Something to report and to remove; `name` stays the same from round to round.

    `waiting`: it will start something that does not run yet. `removal`: steps, each with its order.
    `file`: a set-user-id program, which not every round of looking reaches by itself.
    """

    host: str
    name: str
    technique: str
    evidence: tuple[Piece, ...]
    removal: tuple[Piece, ...]
    fingerprint: str = ""
    note: str = ""
    waiting: bool = False
    file: str = ""

    @property
    def strength(self) -> frozenset[str]:
        """The kinds of evidence there are: more of them make a better finding."""
        return frozenset(piece["kind"] for piece in self.evidence)

    def finding(self) -> Piece:
        """Return what is handed in."""
        return {
            "kind": "finding",
            "host": self.host,
            "evidence": list(self.evidence[:MOST_EVIDENCE]),
            "technique": self.technique,
            "fingerprint": self.fingerprint,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Case:
    """One host in one round, with what the partner says of it and the guests' own keys."""

    host: str
    view: View
    register: Register
    own_keys: frozenset[str]


def leads(case: Case) -> tuple[Lead, ...]:
    """Return all leads of a host."""
    strange = [job for job in case.view.jobs if is_strange_job(case, job)]
    pollers = oldest(poller(case, process, strange) for process in strange_processes(case))
    rest = [job for job in strange if not starts_one_of(case, job, pollers)]
    coming = [job for job in rest if asks_outside(case, job)]
    return (
        *pollers,
        *(coming_poller(case, job) for job in coming),
        *(plain_job(case, job) for job in rest if job not in coming),
        *(key_lead(case, index) for index in strange_keys(case)),
        *(program_lead(case, path) for path in strange_programs(case)),
    )


# ---- jobs and pollers


def is_strange_job(case: Case, job: Job) -> bool:
    """Return whether neither a package nor the register explains a job."""
    stock = "run-parts" in job.command and job.path == "/etc/crontab"
    ordered = case.register.explains_job(case.host, job.path, job.user, job.command)
    return not (ordered or stock or case.view.is_packaged(job.path))


def program(case: Case, job: Job) -> tuple[str, ...]:
    """Return the files without a package that a job names: what it starts."""
    return tuple(path for path in paths(job.command) if is_loose(case, path))


def is_loose(case: Case, path: str) -> bool:
    """Return whether a file was read here and belongs to no package."""
    return path in case.view.files and not case.view.is_packaged(path)


def outside(case: Case, text: str | None) -> frozenset[IPv4Address]:
    """Return the addresses in a text which the partner does not answer for."""
    return frozenset(a for a in addresses(text or "") if case.register.outside(a))


def asks_outside(case: Case, job: Job) -> bool:
    """Return whether what a job starts names an address outside."""
    texts = (case.view.files[path].text for path in program(case, job))
    return any(outside(case, text) for text in (job.command, *texts))


def asked(case: Case, process: Process) -> tuple[frozenset[IPv4Address], tuple[Flow, ...]]:
    """Return which addresses outside a process asks, and the connections that were seen."""
    loose = [path for path in process.argv[:3] if is_loose(case, path)]
    wanted = outside(case, process.command).union(
        *(outside(case, case.view.files[path].text) for path in loose)
    )
    seen = {
        flow
        for flow in case.view.flows
        if case.register.outside(flow.address)
        and (flow.pid == process.pid or (flow.pid is None and flow.address in wanted))
    }
    flows = sorted({(flow.address, flow.port) for flow in seen})
    return (
        wanted | {address for address, _ in flows},
        tuple(Flow(address, port, process.pid) for address, port in flows),
    )


def strange_processes(case: Case) -> list[Process]:
    """Return the processes that ask addresses outside without being registered for it, the oldest
    first.
    """
    found = []
    for process in case.view.processes:
        wanted, _ = asked(case, process)
        known = case.register.explains_poller(case.host, process.argv, wanted)
        if wanted and not known and not is_shell_of_job(case, process):
            found.append(process)
    return found


def oldest(pollers: Iterable[Lead]) -> list[Lead]:
    """Return one lead of each name: what was started again ends soon, as it finds the first."""
    kept: dict[str, Lead] = {}
    for lead in pollers:
        kept.setdefault(lead.name, lead)
    return list(kept.values())


def is_shell_of_job(case: Case, process: Process) -> bool:
    """Return whether a process is only the shell in which cron runs a job."""
    return process.argv[1:2] == ("-c",) and any(
        process.command.endswith(job.command) for job in case.view.jobs
    )


def starters(process: Process, jobs: Iterable[Job]) -> list[Job]:
    """Return the jobs that start a process: those that name a file of its command line."""
    return [job for job in jobs if set(paths(job.command)) & set(process.argv[:3])]


def poller(case: Case, process: Process, strange: list[Job]) -> Lead:
    """Make the lead of a process that talks outside, with what starts it."""
    loose = [path for path in process.argv[:3] if is_loose(case, path)]
    begun_by = [job for job in starters(process, strange) if set(program(case, job)) & set(loose)]
    _, flows = asked(case, process)
    name = loose[0] if loose else process.command
    return Lead(
        host=case.host,
        name=f"poller {name}",
        technique=technique(case.view.files[path].text for path in loose),
        evidence=(
            {"kind": "process", "pid": process.pid, "start": process.start},
            *(line_piece(job.path, job.line) for job in begun_by[:2]),
            *(file_piece(case.view.files[path]) for path in loose[:2]),
            *({"kind": "flow", "address": str(f.address), "port": f.port} for f in flows[:2]),
        ),
        removal=(
            *(remove_line(case, job) for job in begun_by),
            kill(process.pid, process.start, loose[:1]),
            *remove_programs(case, loose),
        ),
        note=f"asks an address outside, not registered: {process.command}"[:500],
    )


def starts_one_of(case: Case, job: Job, pollers: Iterable[Lead]) -> bool:
    """Return whether a job is already part of one of these leads."""
    piece = line_piece(job.path, job.line)
    names = {f"poller {path}" for path in program(case, job)}
    return any(piece in lead.evidence or lead.name in names for lead in pollers)


def coming_poller(case: Case, job: Job) -> Lead:
    """Make the lead of a job whose program will talk outside once it runs."""
    named = program(case, job)
    return Lead(
        host=case.host,
        name=f"poller {named[0] if named else job.command}",
        technique=technique(case.view.files[path].text for path in named),
        evidence=(
            line_piece(job.path, job.line),
            *(file_piece(case.view.files[path]) for path in named[:2]),
        ),
        removal=(
            remove_line(case, job),
            *(kill(0, 0, (path,)) for path in named[:1]),
            *remove_programs(case, named),
        ),
        note=f"starts a program that asks an address outside: {job.command}"[:500],
        waiting=True,
    )


def plain_job(case: Case, job: Job) -> Lead:
    """Make the lead of a job that nobody ordered."""
    table, named = case.view.files[job.path], program(case, job)
    manner = inside_manner(case, named)
    running = [one for one in case.view.processes if set(named) & set(one.argv[:3])]
    return Lead(
        host=case.host,
        name=f"job {job.path} {job.line}",
        technique="T1053.003" if manner == HTTP else manner,
        evidence=(
            line_piece(job.path, job.line),
            file_piece(table),
            *({"kind": "process", "pid": p.pid, "start": p.start} for p in running[:2]),
        ),
        removal=(
            remove_line(case, job),
            *(kill(one.pid, one.start, named[:1]) for one in running),
            *remove_programs(case, named),
        ),
        note=f"in no register, of no package: {job.command}"[:500],
    )


def inside_manner(case: Case, named: Sequence[str]) -> str:
    """Return by which technique programs speak that ask nobody outside: one that asks another host
    of the partner's passes through that, or reads what somebody left on its pages.
    """
    texts = [case.view.files[path].text or "" for path in named]
    manner = technique(texts)
    if manner not in {HTTP, "T1571"} or not any(addresses(text) for text in texts):
        return manner
    pages = {int(port) for text in texts for port in _PORT.findall(text)} <= {80, 443, 8080}
    return "T1102.001" if pages else "T1090.001"


def kill(pid: int, start: int, programs: Sequence[str]) -> Piece:
    """Say which process goes, and with it whatever else runs the same program."""
    return {
        "do": "kill",
        "order": KILL,
        "pid": pid,
        "start": start,
        "program": "".join(programs),
    }


def remove_line(case: Case, job: Job) -> Piece:
    """Say how a job goes: with its drop-in if it stands alone there, else its line only."""
    alone = all(is_strange_job(case, other) for other in case.view.jobs if other.path == job.path)
    if alone and job.path.startswith("/etc/cron.d/") and job.path not in case.view.packaged:
        return remove_file(case.view.files[job.path], STARTER)
    return {"do": "line", "order": STARTER, "path": job.path, "line": job.line}


def remove_programs(case: Case, named: Iterable[str]) -> tuple[Piece, ...]:
    """Say which programs go: loose ones that nothing explained still uses."""
    used = {
        path
        for job in case.view.jobs
        if not is_strange_job(case, job)
        for path in paths(job.command)
    }
    return tuple(
        remove_file(case.view.files[path], PROGRAM)
        for path in dict.fromkeys(named)
        if path not in used
        and not case.register.mentions(case.host, path)
        and is_program(case.view.files[path])
    )


def remove_file(file: FileSeen, order: int) -> Piece:
    """Say that a file goes, if it is still the one that was seen."""
    return {"do": "file", "order": order, "path": file.path, "sha256": file.sha256}


def is_program(file: FileSeen) -> bool:
    """Return whether a file is something to run rather than something to read."""
    return file.text is None or file.text.startswith("#!")


# ---- keys and set-user-id programs


def strange_keys(case: Case) -> list[int]:
    """Return which keys nobody registered; the guests' own are left out."""
    return [
        index
        for index, key in enumerate(case.view.keys)
        if not case.register.explains_key(case.host, key.account, key.fingerprint)
        and key.fingerprint not in case.own_keys
    ]


def key_lead(case: Case, index: int) -> Lead:
    """Make the lead of a key nobody registered."""
    key = case.view.keys[index]
    return Lead(
        host=case.host,
        name=f"key {key.path} {key.fingerprint}",
        technique="T1021.004" if _FROM_ONE.match(key.line) else "T1098.004",
        evidence=(line_piece(key.path, key.line), file_piece(case.view.files[key.path])),
        removal=({"do": "line", "order": STARTER, "path": key.path, "line": key.line},),
        fingerprint=key.fingerprint,
        note=f"a key of {key.account} which is not in the register",
    )


def strange_programs(case: Case) -> list[str]:
    """Return the set-user-id programs of no package and no register."""
    return [
        path
        for path in case.view.set_id
        if is_loose(case, path)
        and not case.register.explains_program(case.host, path, case.view.files[path].sha256)
    ]


def program_lead(case: Case, path: str) -> Lead:
    """Make the lead of a set-user-id program nobody explains."""
    file = case.view.files[path]
    return Lead(
        host=case.host,
        name=f"program {path}",
        technique="T1548.001",
        evidence=(file_piece(file),),
        removal=(remove_file(file, PROGRAM),),
        note="carries the set-user-id bit, of no package, in no register",
        file=path,
    )


def line_piece(path: str, line: str) -> Piece:
    """Return a line as evidence."""
    return {"kind": "line", "path": path, "line": line}


def file_piece(file: FileSeen) -> Piece:
    """Return a file as evidence."""
    return {"kind": "file", "path": file.path, "sha256": file.sha256}
