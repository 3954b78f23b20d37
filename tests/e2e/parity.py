"""What root sees on the hosts of a live run before and after planting, and what tricks find."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from rangectl.model.events import Event, Planted
from rangectl.model.planting import Artefact
from rangectl.store.sqlite import SqliteLog
from tests.e2e.program import Program, Range
from tests.implants import blind

PLACES = ("edge", "ns01", "web01", "desk-1", "desk-2", "desk-3")
KS = ("n", "5", "10", "20")
RANDOM = "picking at random"
RECALL = "recall at 20"
_ON_DISK = ("file", "line", "suid")


@dataclass(frozen=True)
class Sighting:
    """One range as root saw it, with the files that are implants'."""

    before: Sequence[blind.Snapshot]
    after: Sequence[blind.Snapshot]
    implants: frozenset[blind.File]


def events(program: Program, run: str) -> tuple[Event, ...]:
    """Read the log of a run: the answer key is in it."""
    with SqliteLog(program.home / "runs" / run) as log:
        return log.read()


def planted(found: Iterable[Event], team: str) -> list[Artefact]:
    """Return what was planted in a team's range so far."""
    return [one.artefact for one in found if isinstance(one, Planted) and one.team == team]


def implants(found: Iterable[Event], team: str) -> list[Artefact]:
    """Return a team's implants."""
    return [one for one in planted(found, team) if one.nature == "implant"]


def files(artefacts: Iterable[Artefact]) -> frozenset[blind.File]:
    """Return the files that artefacts are made of, or stand in."""
    return frozenset(
        (one.host, part.path)
        for one in artefacts
        for part in one.components
        if part.path is not None and part.kind in _ON_DISK
    )


def changed(one: Sighting) -> frozenset[blind.File]:
    """Return the files that are new or changed in a range."""
    return blind.changed(one.before, one.after)


def collect(
    ranges: Sequence[Range], places: Sequence[str] = PLACES
) -> dict[str, list[blind.Snapshot]]:
    """Run the blind program's collector as root on every host of the partner's."""
    command = f"python3 -c {shlex.quote(blind.COLLECT)}"
    with ThreadPoolExecutor(4) as pool:
        told = {
            one.team: pool.map(lambda host, at=one: at.must(host, command), _there(one, places))
            for one in ranges
        }
        return {team: [blind.decoded(text) for text in texts] for team, texts in told.items()}


def _there(range_: Range, places: Sequence[str]) -> list[str]:
    return [host for host in range_.ids() if host in places]


def measure(sightings: Sequence[Sighting]) -> dict[str, dict[str, float]]:
    """Return the mean precision at each k of every trick, and of picking at random."""
    tables = [_measure(one) for one in sightings]
    return {
        trick: {k: sum(table[trick][k] for table in tables) / len(tables) for k in (*KS, RECALL)}
        for trick in tables[0]
    }


def _measure(one: Sighting) -> dict[str, dict[str, float]]:
    among = changed(one)
    there = one.implants & among
    sizes = {k: len(there) if k == "n" else int(k) for k in KS}
    chance = dict.fromkeys(KS, len(there) / len(among)) | {RECALL: min(1.0, 20 / len(among))}
    found = {RANDOM: chance}
    for trick in blind.TRICKS:
        ranked = blind.rank(one.after, trick, among)
        found[trick] = {k: blind.precision_at_k(ranked, there, size) for k, size in sizes.items()}
        found[trick][RECALL] = blind.recall_at_k(ranked, there, 20)
    return found


def mean(row: Mapping[str, float]) -> float:
    """Return the mean precision over all k."""
    return sum(row[k] for k in KS) / len(KS)


def table(found: Mapping[str, Mapping[str, float]]) -> str:
    """Return the numbers as a table in Markdown, the best trick first after chance."""
    rows = sorted(found.items(), key=lambda item: (item[0] != RANDOM, -mean(item[1])))
    head = (
        f"| trick | at n | at 5 | at 10 | at 20 | mean | {RECALL} |\n"
        "|---|---|---|---|---|---|---|\n"
    )
    return head + "".join(
        f"| {trick} | {' | '.join(f'{row[k]:.3f}' for k in KS)} | {mean(row):.3f}"
        f" | {row[RECALL]:.3f} |\n"
        for trick, row in rows
    )
