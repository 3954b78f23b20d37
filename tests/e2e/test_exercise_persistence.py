"""What implants are for: they come back, whatever happens to the process or the host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from rangectl.model.events import Rebuilt
from rangectl.model.planting import Artefact
from tests.e2e import parity
from tests.e2e.playing import Playing
from tests.e2e.program import Range, wait_until
from tests.e2e.provoking import Provoked

pytestmark = [pytest.mark.engine, pytest.mark.slow]
KILLED, REBOOTED, RESET = "alder", "birch", "cedar"
PERIOD = 60.0
MARGIN = 15.0


@dataclass
class Beacon:
    """The beacon of one team, as root sees it on its host."""

    range: Range
    artefact: Artefact

    @property
    def host(self) -> str:
        return self.artefact.host

    def pids(self) -> list[str]:
        """Return the processes of the program itself, not the shell that cron runs it in."""
        (part,) = (one for one in self.artefact.components if one.kind == "process")
        assert part.path is not None
        script = f"pgrep -f '^[^ ]*python3[^ ]* [{part.path[0]}]{part.path[1:]}'"
        return self.range.sh(self.host, script)[1].split()

    def is_back(self, old: list[str]) -> Callable[[], bool]:
        return lambda: bool(set(self.pids()) - set(old))


def beacon(play: Playing, team: str) -> Beacon:
    (one,) = (one for one in parity.implants(play.events(), team) if one.entry == "c2.http")
    return Beacon(play.range(team), one)


def there(range_: Range, files: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return {one for one in files if range_.sh(one[0], f"test -f '{one[1]}'")[0] == 0}


@dataclass(frozen=True)
class Acts:
    """What was done to each team, all at once: a cycle of cron is waited for only once."""

    killed: Beacon
    pids: list[str]
    rebooted: Beacon
    began: str
    gone: int


def started(range_: Range, host: str) -> str:
    state = range_.client.api.inspect_container(range_.ids()[host])["State"]
    return str(state["StartedAt"]) if state["Running"] else ""


@pytest.fixture(scope="module")
def acts(provoked: Provoked) -> Acts:
    lasting = provoked.play
    killed, rebooted = beacon(lasting, KILLED), beacon(lasting, REBOOTED)
    pids = killed.pids()
    assert len(pids) == 1
    killed.range.must(killed.host, f"kill -9 {pids[0]}")
    left = len(killed.pids())
    began = started(rebooted.range, rebooted.host)
    rebooted.range.sh(rebooted.host, "systemctl reboot")
    lasting.program.run("reset", f"{lasting.name}/{RESET}", "web01")
    return Acts(killed, pids, rebooted, began, left)


def test_a_beacon_that_is_killed_is_back_within_its_starters_period(acts: Acts) -> None:
    assert acts.gone == 0
    wait_until(acts.killed.is_back(acts.pids), "the killed beacon", PERIOD + MARGIN)
    assert len(acts.killed.pids()) == 1


def test_a_host_that_reboots_comes_back_with_its_implants(lasting: Playing, acts: Acts) -> None:
    one = acts.rebooted
    wait_until(lambda: started(one.range, one.host) not in {"", acts.began}, "the new start")
    mine = {
        file
        for file in parity.files(parity.implants(lasting.events(), REBOOTED))
        if file[0] == one.host
    }
    assert there(one.range, mine) == mine
    wait_until(one.is_back([]), "the beacon of the rebooted host", PERIOD + MARGIN)


def test_a_host_that_the_instructor_resets_is_planted_again(lasting: Playing, acts: Acts) -> None:
    assert acts.began
    web = parity.files(parity.implants(lasting.events(), RESET))
    mine = {file for file in web if file[0] == "web01"}
    assert len(mine) >= 3
    wait_until(
        lambda: there(lasting.range(RESET), mine) == mine, "the implants of the new web01", 30
    )
    rebuilt = [one for one in lasting.events() if isinstance(one, Rebuilt)]
    assert [(one.team, one.host, one.by) for one in rebuilt] == [(RESET, "web01", "instructor")]
