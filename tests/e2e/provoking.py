"""What a team may do that makes the adversary react, done for real to a run under way."""

from __future__ import annotations

from dataclasses import dataclass

from rangectl.model.events import Reacted
from rangectl.model.planting import Artefact, Component
from tests.e2e import parity
from tests.e2e.playing import Playing

REMOVER, TOUCHER, BLOCKER = "alder", "cedar", "dogwood"
SINKHOLE = "sink01"


@dataclass(frozen=True)
class Provoked:
    """A run in which one team removed a key, one called the sinkhole, and one blocked the way to
    it, each without doing more.
    """

    play: Playing
    key: Artefact
    beacon: Artefact

    @property
    def line(self) -> Component:
        """The line that was removed."""
        (found,) = (part for part in self.key.components if part.kind == "line")
        return found

    def reactions(self, team: str, do: str) -> list[Reacted]:
        """Return what the adversary did of one kind in a team's range."""
        found = (one for one in self.play.events() if isinstance(one, Reacted))
        return [one for one in found if (one.team, one.do) == (team, do)]

    def holds_line(self) -> bool:
        """Say whether the key that was removed stands there."""
        range_ = self.play.range(REMOVER)
        return range_.sh(self.key.host, f"grep -qF '{self.line.needle}' {self.line.path}")[0] == 0

    def unblock(self) -> None:
        """Let everything through again."""
        self.play.range(BLOCKER).must("edge", "nft delete table inet block")


def provoke(play: Playing) -> Provoked:
    """Do all of it at once: what follows takes its time in every range alike."""
    key = implant(play, REMOVER, "ssh.authkey")
    provoked = Provoked(play, key, implant(play, BLOCKER, "c2.http"))
    address = play.range(BLOCKER).addresses()[SINKHOLE]
    block = (
        "nft add table inet block",
        "nft add chain inet block way '{ type filter hook forward priority -10; }'",
        f"nft add rule inet block way ip daddr {address} drop",
    )
    play.range(BLOCKER).must("edge", " && ".join(block))
    line = provoked.line
    play.range(REMOVER).must(key.host, f"sed -i '\\|{line.needle}|d' {line.path}")
    call = f"timeout 3 bash -c '</dev/tcp/{address}/80'"
    play.range(TOUCHER).sh("hunt01", call, user="trainee")
    return provoked


def implant(play: Playing, team: str, entry: str) -> Artefact:
    """Return a team's only implant of an entry."""
    (found,) = (one for one in parity.implants(play.events(), team) if one.entry == entry)
    return found
