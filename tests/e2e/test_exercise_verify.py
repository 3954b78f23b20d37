"""first-light, played for real by four teams, and what a player could have learned from the kit."""

from __future__ import annotations

import base64
import json
import stat

import pytest

from rangectl.wiring import reading
from tests.e2e import parity
from tests.e2e.playing import Verifying

pytestmark = [pytest.mark.engine, pytest.mark.slow]
TEAM = "reference"
ROOTS = "/etc /home /opt /root /srv /usr/local /var"
GIVEN = ("/etc/resolv.conf", "/etc/hostname", "/etc/hosts")


@pytest.fixture(scope="module")
def verdicts(verifying: Verifying) -> dict[str, tuple[float, bool]]:
    return verifying.verdicts()


def test_it_is_solvable_and_not_to_be_gamed(
    verdicts: dict[str, tuple[float, bool]], verifying: Verifying
) -> None:
    assert all(kept for _, kept in verdicts.values()), verifying.said.read_text()[-4000:]
    reference = verdicts["reference"][0]
    assert reference >= 95
    assert verdicts["idle"][0] <= 5
    assert max(verdicts["everything"][0], verdicts["rebuild"][0]) < reference / 2


def test_the_report_says_the_same_as_the_verdicts(
    verdicts: dict[str, tuple[float, bool]], verifying: Verifying
) -> None:
    text = verifying.program.run("report", verifying.name, "--format", "json").stdout
    scores = {team["name"]: team["score"]["score"] for team in json.loads(text)["teams"]}
    assert scores == {play: score for play, (score, _) in verdicts.items()}


def test_every_point_of_a_score_is_explained(
    verdicts: dict[str, tuple[float, bool]], verifying: Verifying
) -> None:
    text = verifying.program.run("score", verifying.name, "--explain", TEAM).stdout
    assert text.startswith(f"{verdicts[TEAM][0]:.1f} of 100 points")
    for one in parity.implants(parity.events(verifying.program, verifying.name), TEAM):
        assert f"{one.entry} on {one.host} " in text


def secrets_of(verifying: Verifying) -> list[str]:
    """What only the instructor's side may know."""
    log = parity.events(verifying.program, verifying.name)
    entries = reading.entries().values()
    planted = parity.planted(log, TEAM)
    words = [one.id for one in planted] + [one.entry for one in planted if one.entry]
    words += [entry.title for entry in entries]
    return [*words, "rangectl", "run.db", verifying.name, str(verifying.program.home)]


@pytest.mark.usefixtures("verdicts")
def test_no_host_and_no_kit_holds_the_answers(verifying: Verifying) -> None:
    patterns = base64.b64encode("\n".join(secrets_of(verifying)).encode()).decode()
    search = f"echo {patterns} | base64 -d >/dev/shm/p && grep -raiFl -f /dev/shm/p {ROOTS}"
    range_ = verifying.range(TEAM)
    found = {host: range_.sh(host, search)[1] for host in ("hunt01", *parity.PLACES)}
    assert {host: files for host, files in found.items() if files} == {}


@pytest.mark.usefixtures("verdicts")
def test_no_process_carries_a_word_of_the_program(verifying: Verifying) -> None:
    read = "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\\0' '\\n'"
    range_ = verifying.range(TEAM)
    said = {host: range_.must(host, read) for host in ("hunt01", *parity.PLACES)}
    assert not [host for host, text in said.items() if "rangectl" in text or "RANGE" in text]


@pytest.mark.usefixtures("verdicts")
def test_the_player_had_no_way_to_the_store(verifying: Verifying) -> None:
    mounts = verifying.range(TEAM).must("hunt01", "cat /proc/mounts").splitlines()
    real = [line.split()[:2] for line in mounts if line.startswith("/dev/")]
    assert {point for _, point in real} <= set(GIVEN)
    home = verifying.program.home
    assert verifying.range(TEAM).sh("hunt01", f"test -e {home}")[0] != 0
    assert stat.S_IMODE((home / "runs" / verifying.name).stat().st_mode) & 0o077 == 0
