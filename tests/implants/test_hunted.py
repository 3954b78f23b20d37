"""The reference hunter finds every entry, names its technique, and leaves all else alone."""

from __future__ import annotations

import pytest

from rangectl.hunter.leads import Lead
from rangectl.model.finding import Finding
from rangectl.scoring.matching import Match, match
from tests.app.world import ENTRIES
from tests.implants.hunted import hunted
from tests.implants.stage import Scene


def judged(scene: Scene, lead: Lead) -> Match:
    """Return what a lead's finding is about, taking all its evidence for shown."""
    finding = Finding.model_validate(lead.finding())
    running = scene.world.node.cron.processes(scene.world.box(lead.host).seen.id)
    processes = {
        item.artefact.id: frozenset(
            (one.pid, one.start)
            for one in running
            for part in item.artefact.components
            if part.kind == "process" and part.path in {*one.command, one.exe}
        )
        for item in scene.items
    }
    checks = [True] * len(finding.evidence)
    return match(finding, checks, [item.artefact for item in scene.items], processes)


@pytest.mark.parametrize("seed", [7, 11])
@pytest.mark.parametrize("key", sorted(ENTRIES))
def test_the_reference_hunter_finds_the_implant_and_nothing_else(key: str, seed: int) -> None:
    scene = Scene(key, seed)
    found = [judged(scene, lead) for lead in hunted(scene)]
    about = {one.artefact.nature if one.artefact else "nothing" for one in found}
    assert about == {"implant"}
    assert "exact" in {one.level for one in found}
