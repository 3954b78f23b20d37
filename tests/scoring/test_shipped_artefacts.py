"""Findings of everything the shipped catalogue plants: each names its own artefact and no other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rangectl.model.finding import (
    Evidence,
    FileEvidence,
    Finding,
    FlowEvidence,
    LineEvidence,
    ProcessEvidence,
)
from rangectl.model.planting import Artefact, Component
from rangectl.plan.probing import AppendLine, Edit, Write
from rangectl.scoring.matching import match
from tests.implants import samples
from tests.scoring.story import sha


def lines(edits: tuple[Edit, ...], component: Component) -> Iterator[str]:
    for edit in edits:
        if isinstance(edit, AppendLine):
            yield edit.line
        if isinstance(edit, Write) and edit.path == component.path:
            yield from edit.content.decode().splitlines()


def evidence(artefact: Artefact, edits: tuple[Edit, ...], pid: int) -> Iterator[Evidence]:
    for one in artefact.components:
        if one.kind == "line" and one.path and one.needle:
            (line,) = (line for line in lines(edits, one) if one.needle in line)
            yield LineEvidence(path=one.path, line=line)
        elif one.kind in ("file", "suid") and one.path:
            yield FileEvidence(path=one.path, sha256=one.sha256 or sha("true"))
        elif one.kind == "process":
            yield ProcessEvidence(pid=pid, start=pid)
        elif one.kind == "traffic" and one.address and one.port:
            yield FlowEvidence(address=one.address, port=one.port)


@pytest.mark.parametrize("seed", range(5))
def test_evidence_of_an_artefact_names_it(seed: int) -> None:
    items = samples.items(seed)
    artefacts = tuple(item.artefact for item in items)
    processes = {a.id: frozenset({(n, n)}) for n, a in enumerate(artefacts, 1)}
    for pid, item in enumerate(items, 1):
        shown = tuple(evidence(item.artefact, item.edits, pid))
        technique = item.artefact.technique
        what = Finding(
            host=item.artefact.host, evidence=shown, technique=technique.id if technique else ""
        )
        found = match(what, (True,) * len(shown), artefacts, processes)
        assert found.artefact == item.artefact
        if item.artefact.nature == "implant":
            assert (found.level, found.q) == ("exact", 1.0)


@pytest.mark.parametrize("seed", range(5))
def test_each_sign_by_itself_names_its_artefact_but_benign_pollers_share_their_server(
    seed: int,
) -> None:
    items = samples.items(seed)
    artefacts = tuple(item.artefact for item in items)
    processes = {a.id: frozenset({(n, n)}) for n, a in enumerate(artefacts, 1)}
    for pid, item in enumerate(items, 1):
        for one in evidence(item.artefact, item.edits, pid):
            what = Finding(host=item.artefact.host, evidence=(one,))
            found = match(what, (True,), artefacts, processes).artefact
            assert found is not None
            benign = {found.nature, item.artefact.nature} <= {"decoy", "noise"}
            assert found == item.artefact or (isinstance(one, FlowEvidence) and benign)
