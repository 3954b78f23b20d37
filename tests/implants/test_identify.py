"""Looking up what something is: in what was planted, and nowhere else."""

from __future__ import annotations

import pytest

from rangectl.implants.coverage import TACTICS, coverage, whole
from rangectl.implants.identify import By, identify
from tests.implants import samples

PLANTED = [item.artefact for item in samples.items()]


def natures(by: By, value: str, host: str | None = None) -> set[str]:
    return {one.nature for one in identify(PLANTED, by, value, host)}


@pytest.mark.parametrize("nature", ["implant", "decoy", "noise"])
def test_a_path_says_what_was_planted_there(nature: str) -> None:
    for artefact in PLANTED:
        for part in artefact.components:
            if part.path is not None and part.kind == "file" and artefact.nature == nature:
                assert nature in natures("path", part.path, artefact.host)


def test_what_was_not_planted_is_none() -> None:
    assert natures("path", "/etc/passwd") == set()
    assert natures("sha256", "0" * 64) == set()
    assert natures("line", "* * * * * root /bin/true") == set()
    assert natures("account", "root") == set()
    assert natures("process", "/usr/sbin/sshd -D") == set()


def test_lines_and_processes_are_known_by_what_they_hold() -> None:
    for artefact in PLANTED:
        for part in artefact.components:
            if part.kind in {"line", "process"} and part.needle is not None:
                by: By = "line" if part.kind == "line" else "process"
                found = identify(PLANTED, by, f"x {part.needle} y", artefact.host)
                assert artefact.id in {one.artefact for one in found}


def test_another_host_knows_nothing_of_it() -> None:
    (part, *_) = PLANTED[0].components
    assert natures("path", part.path or "", "nowhere") == set()


def test_nothing_planted_nothing_known() -> None:
    assert identify((), "path", "/etc/cron.d/x") == ()


def test_every_entry_is_covered_once_under_a_tactic_that_is_known() -> None:
    rows = coverage(samples.ENTRIES)
    named = [key for row in rows for key in row.entries]
    assert sorted(named) == sorted(samples.ENTRIES)
    assert {row.tactic for row in rows} <= set(TACTICS)
    assert [TACTICS.index(row.tactic) for row in rows] == sorted(
        TACTICS.index(row.tactic) for row in rows
    )


@pytest.mark.parametrize("key", sorted(samples.ENTRIES))
def test_an_entry_is_told_whole(key: str) -> None:
    entry = samples.ENTRIES[key]
    text = "\n".join(whole(entry))
    for part in entry.components:
        assert f"    {part.id}: {part.kind}" in text
    assert entry.hunt in text
    assert entry.removal in text
    for number in (entry.attack.id, *entry.attack.aliases):
        assert number in text
