"""Whether the range bears out what a finding shows: what to ask it, and what answers prove."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from rangectl.model.events import Observed
from rangectl.model.finding import (
    Evidence,
    FileEvidence,
    Finding,
    FlowEvidence,
    LineEvidence,
    ProcessEvidence,
)
from rangectl.model.plain import plain_path, plain_text, tidy_path
from rangectl.model.planting import Artefact, Component
from rangectl.plan.probing import Answer, Grep, Mounts, Processes, Query, Stat
from rangectl.scoring.matching import MOUNT_TABLES, is_over

Process = tuple[int, int | None]
_LONGEST_ON_RECORD = 600
"""The answer key bears out no longer line: one that was made up of all names there may be."""


def questions(finding: Finding) -> tuple[Query, ...]:
    """Return what to ask the node agent about the finding's host, each query once."""
    return tuple(dict.fromkeys(_question(item) for item in finding.evidence))


def verified(
    finding: Finding,
    answers: Sequence[Answer],
    artefacts: Iterable[Artefact],
    observed: Iterable[Observed],
) -> tuple[bool, ...]:
    """Say of each piece of evidence whether the range shows it now, or the answer key that it stood
    there: what was removed since it was noted still counts.

    `answers` are those to `questions(finding)`, in that order; none at all when the host could not
    be asked. `artefacts` are those planted in the team's range so far, `observed` what was seen of
    them.
    """
    asked = dict(zip(questions(finding), answers, strict=False))
    here = {artefact.id: artefact.on(finding.host) for artefact in artefacts}
    ids = {(key, component.id) for key, mine in here.items() for component in mine}
    processes = {
        (o.pid, o.start) for o in observed if (o.artefact, o.component) in ids and o.pid is not None
    }
    components = tuple(component for mine in here.values() for component in mine)
    return tuple(
        _shown(item, asked.get(_question(item), Answer()))
        or _on_record(item, components, processes)
        for item in finding.evidence
    )


def _question(item: Evidence) -> Query:
    match item:
        case FileEvidence():
            return Stat(tidy_path(item.path))
        case LineEvidence():
            return _line_question(item)
        case ProcessEvidence() | FlowEvidence():
            return Processes()


def _line_question(item: LineEvidence) -> Query:
    """Ask for the line's longest word. A path that would be taken for a pattern is not grepped."""
    path = tidy_path(item.path)
    if path in MOUNT_TABLES:
        return Mounts()
    words = sorted(item.line.split(), key=len)
    if not words or "\0" in item.line or any(sign in path for sign in "*?[\0"):
        return Stat(path)
    return Grep(patterns=(path,), needles=(words[-1],))


def _shown(item: Evidence, answer: Answer) -> bool:
    match item:
        case FileEvidence():
            return answer.stat is not None and answer.stat.sha256 == item.sha256
        case LineEvidence():
            line = plain_text(item.line)
            if any(is_over(item, pid) for pid in answer.covered):
                return True
            return bool(line) and any(plain_text(fact.line) == line for fact in answer.lines)
        case ProcessEvidence():
            return any((p.pid, p.start) == (item.pid, item.start) for p in answer.processes)
        case FlowEvidence():
            return any(_talks_to(item, p.connections) for p in answer.processes)


def _talks_to(item: FlowEvidence, connections: Sequence[tuple[str, int]]) -> bool:
    return (str(item.address), item.port) in connections


def _on_record(
    item: Evidence,
    components: Sequence[Component],
    processes: set[Process],
) -> bool:
    match item:
        case FileEvidence():
            return any(_stood_file(item, component) for component in components)
        case LineEvidence() if item.path in MOUNT_TABLES:
            covers = any(component.kind == "mount" for component in components)
            return covers and any(is_over(item, pid) for pid, _ in processes)
        case LineEvidence():
            return any(_stood_line(item, component) for component in components)
        case ProcessEvidence():
            return (item.pid, item.start) in processes
        case FlowEvidence():
            return any(
                (c.kind, c.address, c.port) == ("traffic", item.address, item.port)
                for c in components
            )


def _stood_file(item: FileEvidence, component: Component) -> bool:
    if not component.is_whole or component.sha256 != item.sha256:
        return False
    path = plain_path(item.path)
    if component.path is not None:
        return path == plain_path(component.path)
    return any(PurePosixPath(path).is_relative_to(root) for root in component.look_in)


def _stood_line(item: LineEvidence, component: Component) -> bool:
    needle = plain_text(component.needle or "")
    if component.kind != "line" or not needle or needle not in plain_text(item.line):
        return False
    if len(item.line) > max(_LONGEST_ON_RECORD, 2 * len(needle)):
        return False
    path = plain_path(item.path)
    if component.path is not None:
        return path == plain_path(component.path)
    return any(PurePosixPath(path).match(pattern) for pattern in component.look_in)
