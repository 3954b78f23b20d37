"""The reference hunter finds every entry, names its technique, and leaves all else alone."""

from __future__ import annotations

import pytest

from rangectl.hunter.leads import Lead
from rangectl.model.finding import Finding
from rangectl.scoring.matching import Match, match
from tests.app.world import ENTRIES, ROOT
from tests.implants.hunted import hunted
from tests.implants.stage import Scene, Whole

SHIPPED = sorted(path.stem for path in (ROOT / "exercises").glob("*.yaml"))


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


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", SHIPPED)
def test_of_a_whole_exercise_every_implant_is_found_and_nothing_of_the_partners(
    name: str, seed: int
) -> None:
    scene = Whole(name, seed)
    assert scene.troubles == ()
    found = [(lead, judged(scene, lead)) for lead in hunted(scene)]
    wrong = [
        lead for lead, one in found if one.artefact is None or one.artefact.nature != "implant"
    ]
    assert wrong == []
    exact = {one.artefact.id for _, one in found if one.artefact and one.level == "exact"}
    assert exact == {item.artefact.id for item in scene.of("implant")}
