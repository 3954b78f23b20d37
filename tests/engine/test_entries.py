"""A share of the catalogue, side by side on two real hosts: planted, removed in part, whole, and
with what is the partner's. `script/soak-entries` does so with all of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest

from rangectl.engine.agent import DockerNode
from rangectl.engine.docker_engine import DockerEngine
from tests.engine.entries import Course, Site, exercise, played, single, site
from tests.implants.samples import ENTRIES

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.aside]

ALL = os.environ.get("RANGECTL_TEST_ENTRIES") == "all"
SHARE = (
    *(
        "account.local",
        "bind.hide",
        "c2.deaddrop",
        "c2.dns",
        "data.tamper",
        "deleted.bin",
        "file.cap",
    ),
    *("ld.preload", "pkg.rogue", "rogue.ca", "spray.log", "ssh.hop", "suid.copy", "systemd.timer"),
)
"""Some of each sort; nothing of it waits for a minute of cron."""
KEYS = sorted(ENTRIES) if ALL else SHARE
SEED, DECOYS = (2, 5) if ALL else (11, 3)
"""With these, every kind has a look-alike on a host where it stands itself."""
HOLD = timedelta(seconds=75 if ALL else 25)
"""Longer than what starts again, what was ended, lets pass: a unit 20 s, cron a minute."""
REMOVABLE = [key for key in KEYS if not ENTRIES[key].report_only]


@pytest.fixture(scope="module")
def planted(docker_node: DockerNode, docker_engine: DockerEngine) -> Iterator[Site]:
    with site(docker_node, docker_engine, exercise(KEYS, SEED, DECOYS), HOLD) as made:
        yield made


@pytest.fixture(scope="module")
def course(planted: Site) -> Course:
    return played(planted)


def test_everything_is_seen_as_it_was_planted_and_put_back(course: Course) -> None:
    assert (course.unseen, course.lost) == (set(), set())


def test_a_probe_of_all_of_it_is_quick(course: Course) -> None:
    assert course.seconds < 2


@pytest.mark.parametrize("key", KEYS)
def test_what_is_planted_stands(course: Course, key: str) -> None:
    assert course.fates[key].planted in {"planted", "active"}


@pytest.mark.parametrize("key", REMOVABLE)
def test_who_removes_a_part_has_removed_a_part(planted: Site, course: Course, key: str) -> None:
    (mine,) = (one for one in planted.of("implant") if one.artefact.entry == key)
    assert course.fates[key].partial == {part.id: "partial" for part in single(mine)}


@pytest.mark.parametrize("key", REMOVABLE)
def test_the_reference_removal_takes_all_of_it(course: Course, key: str) -> None:
    assert course.fates[key].removed == "ejected"


def test_the_reference_removal_takes_nothing_else(course: Course) -> None:
    assert course.broken == set()


@pytest.mark.parametrize("key", REMOVABLE)
def test_who_removes_its_look_alike_too_has_removed_too_much(course: Course, key: str) -> None:
    assert course.fates[key].over == "over-ejected"


def test_every_sort_of_part_has_its_share(planted: Site) -> None:
    kinds = {part.kind for one in planted.artefacts("implant") for part in one.components}
    assert kinds == {"cap", "file", "line", "link", "lost", "mount", "process", "suid"}
