"""What a finding is about, and what it is worth."""

from __future__ import annotations

import pytest

from rangectl.model.finding import Evidence, FileEvidence, Finding, LineEvidence, ProcessEvidence
from rangectl.model.planting import Artefact, Technique
from rangectl.scoring.matching import Match, match
from tests.scoring.story import (
    ALL,
    BEACON,
    BEACON_FILE,
    BEACON_FLOW,
    BEACON_LINE,
    BEACON_PROCESS,
    CRON,
    DECOY_KEY,
    DECOY_LINE,
    DECOY_POLLER,
    DECOY_PROGRAM,
    JOB,
    JOB_FILE,
    KEY,
    KEY_FILE,
    KEY_LINE,
    KEYS,
    NOISE,
    NOISE_FILE,
    OTHER_FILE,
    TABLE,
    finding,
    sha,
)

PROCESSES = {"i3": frozenset({(77, 4242)})}


def matched(what: Finding, *checks: bool) -> Match:
    return match(what, checks or (True,) * len(what.evidence), ALL, PROCESSES)


@pytest.mark.parametrize(
    "item", [BEACON_LINE, BEACON_FILE, BEACON_PROCESS, BEACON_FLOW], ids=lambda item: str(item.kind)
)
def test_every_sign_of_a_beacon_is_the_same_implant(item: Evidence) -> None:
    assert matched(finding("desk-1", item)).artefact == BEACON


@pytest.mark.parametrize(
    ("technique", "level"),
    [
        ("", "general"),
        ("T1543.002", "general"),
        ("T1053.005", "general"),
        ("TA0011", "general"),
        ("TA0003", "tactic"),
        ("T1053", "parent"),
        ("T1999", "parent"),
        ("T1053.003", "exact"),
        ("T1168", "exact"),
    ],
)
def test_the_technique_decides_the_level(technique: str, level: str) -> None:
    assert matched(finding("web01", JOB_FILE, technique=technique)).level == level


def test_a_tactic_may_stand_in_the_catalogue_by_its_number() -> None:
    technique = Technique(id="T1", version="18.1", tactic="TA0003")
    job = JOB.model_copy(update={"technique": technique})
    what = finding("web01", JOB_FILE, technique="TA0003")
    assert match(what, (True,), (job,), {}).level == "tactic"


def test_evidence_that_was_not_borne_out_names_nothing() -> None:
    assert matched(finding("web01", JOB_FILE), False).artefact is None


def test_evidence_that_was_not_borne_out_does_not_count_as_required_evidence() -> None:
    assert matched(finding("desk-1", BEACON_LINE, BEACON_PROCESS), True, False).q == 0.5


def test_evidence_of_another_kind_than_required_finds_but_proves_nothing() -> None:
    found = matched(finding("desk-1", BEACON_FLOW, technique="T1071.001"))
    assert (found.d, found.q) == (1.0, 0.0)


def test_the_right_evidence_on_the_wrong_host_names_nothing() -> None:
    assert matched(finding("desk-1", JOB_FILE)).artefact is None


def test_a_path_written_differently_is_the_same_path() -> None:
    item = FileEvidence(path=f"/usr/..//{CRON}/", sha256=sha("changed since"))
    assert matched(finding("web01", item)).artefact == JOB


def test_a_line_with_other_blanks_is_the_same_line() -> None:
    line = LineEvidence(path=KEYS, line="  ssh-ed25519\t AAAAevil\u00a0ops@edge ")
    assert matched(finding("web01", line)).artefact == KEY


def test_a_moved_file_is_known_by_its_content() -> None:
    item = FileEvidence(path="/var/tmp/x", sha256=sha("job"))  # noqa: S108 - a path in a range
    assert matched(finding("web01", item)).artefact == JOB


def test_a_decoy_of_the_same_content_is_told_by_its_path() -> None:
    assert matched(finding("desk-1", DECOY_PROGRAM)).artefact == DECOY_POLLER
    assert matched(finding("desk-1", BEACON_FILE)).artefact == BEACON


def test_a_file_that_holds_an_implants_and_a_decoys_line_does_not_say_which() -> None:
    assert matched(finding("web01", KEY_FILE)).artefact is None


def test_a_fingerprint_says_which_line_of_a_file_is_meant() -> None:
    found = matched(finding("web01", KEY_FILE, fingerprint="SHA256:evil="))
    assert (found.artefact, found.level) == (KEY, "general")


def test_the_fingerprint_of_a_decoy_is_the_decoys() -> None:
    found = matched(finding("web01", KEY_FILE, fingerprint="SHA256:backup"))
    assert found.artefact == DECOY_KEY


def test_a_fingerprint_without_evidence_of_its_file_is_worth_nothing() -> None:
    assert matched(finding("web01", OTHER_FILE, fingerprint="SHA256:evil")).artefact is None


def test_a_file_that_holds_a_line_is_telemetry_while_nothing_is_said_of_it() -> None:
    table = FileEvidence(path=TABLE, sha256=sha("table"))
    alone = match(finding("desk-1", table), (True,), (BEACON,), {})
    named = match(finding("desk-1", table, technique="T1071.001"), (True,), (BEACON,), {})
    assert (alone.level, named.level) == ("telemetry", "exact")


@pytest.mark.parametrize("order", [(KEY_LINE, DECOY_LINE), (DECOY_LINE, KEY_LINE)])
def test_who_names_implant_and_decoy_alike_named_the_decoy(order: tuple[Evidence, ...]) -> None:
    assert matched(finding("web01", *order)).artefact == DECOY_KEY


def test_who_names_implant_and_noise_alike_named_the_noise() -> None:
    assert matched(finding("web01", KEY_LINE, NOISE_FILE)).artefact == NOISE


def test_a_bag_of_evidence_finds_nothing() -> None:
    others = [FileEvidence(path=f"/etc/{n}", sha256=sha(str(n))) for n in range(2)]
    assert matched(finding("web01", KEY_LINE, *others)).artefact is None


def test_one_thing_beside_the_point_does_no_harm() -> None:
    assert matched(finding("web01", KEY_LINE, OTHER_FILE)).artefact == KEY


def test_true_evidence_of_a_second_implant_does_no_harm() -> None:
    assert matched(finding("web01", KEY_LINE, JOB_FILE)).artefact in (KEY, JOB)


def test_a_process_is_told_by_its_start_not_by_its_number_alone() -> None:
    reused = ProcessEvidence(pid=77, start=99)
    assert matched(finding("desk-1", reused)).artefact is None


def test_a_line_component_without_needle_matches_no_line() -> None:
    bare: Artefact = KEY.model_copy(
        update={"components": (KEY.components[0].model_copy(update={"needle": " "}),)}
    )
    assert match(finding("web01", KEY_LINE), (True,), (bare,), {}).artefact is None
