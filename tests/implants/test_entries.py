"""Every entry of the catalogue on hosts in memory: planted, removed whole, in part, and wrongly."""

from __future__ import annotations

import pytest

from rangectl.implants.item import Baseline
from rangectl.implants.site import known
from rangectl.model.parts import VALUES
from tests.app.world import ENTRIES
from tests.implants.stage import Scene

KEYS = sorted(ENTRIES)
EJECTABLE = [key for key in KEYS if not ENTRIES[key].report_only]
IN_PARTS = [
    key
    for key in EJECTABLE
    if ENTRIES[key].started_by or sum(part.required for part in ENTRIES[key].components) > 1
]
REMOVED_ALONE = ("process", "traffic", "starter", "link", "unit")


def test_the_engine_knows_every_value_that_an_entry_may_ask_for() -> None:
    assert known() == VALUES


@pytest.mark.parametrize("key", KEYS)
def test_a_planted_implant_is_there_whole_and_so_is_its_decoy(key: str) -> None:
    scene = Scene(key)
    assert scene.troubles == ()
    (decoy,) = scene.of("decoy")
    for item in (scene.implant, decoy):
        there = scene.present(item.artefact)
        missing = {part for part, present in there.items() if not present}
        if item is decoy:
            missing -= {"traffic"}  # it asks the partner's own servers
        assert missing == set()
        assert there.keys() == {part.id for part in item.artefact.components}


@pytest.mark.parametrize("key", EJECTABLE)
def test_the_reference_removal_ejects_and_leaves_the_neighbours(key: str) -> None:
    scene = Scene(key)
    scene.remove(scene.implant)
    assert scene.state_after_the_hold() == "ejected"
    for item in (*scene.of("decoy"), *scene.of("noise")):
        there = scene.present(item.artefact)
        assert all(present for part, present in there.items() if part != "traffic")


@pytest.mark.parametrize("key", IN_PARTS)
def test_removing_one_component_alone_ejects_nothing(key: str) -> None:
    required = [p.id for p in Scene(key).implant.artefact.components if p.required]
    for part in required:
        scene = Scene(key)
        scene.remove(scene.implant, only=[part])
        assert scene.state_after_the_hold() != "ejected", part


@pytest.mark.parametrize("key", EJECTABLE)
def test_removing_the_look_alike_ejects_nothing(key: str) -> None:
    scene = Scene(key)
    (decoy,) = scene.of("decoy")
    scene.remove(decoy)
    assert scene.state_after_the_hold() in {"planted", "active"}


@pytest.mark.parametrize("key", KEYS)
def test_the_register_explains_the_decoy_and_the_noise_but_not_the_implant(key: str) -> None:
    scene = Scene(key)
    assert all(isinstance(one, Baseline) for one in scene.implant.listings)
    assert all(item.listings for item in scene.of("decoy"))
    for item in scene.of("noise"):
        if any(part.persistence for part in item.artefact.components):
            assert item.listings


@pytest.mark.parametrize("key", KEYS)
def test_another_seed_gives_other_particulars(key: str) -> None:
    first, second = (Scene(key, seed).implant.artefact for seed in (7, 8))
    assert first.components != second.components
    assert first.weight == second.weight
