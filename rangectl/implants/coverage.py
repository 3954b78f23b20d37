"""What the catalogue covers of ATT&CK, and one entry whole, as people read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rangectl.model.catalogue import Entry

TACTICS = (
    *("initial-access", "execution", "persistence", "privilege-escalation", "defense-evasion"),
    *("stealth", "defense-impairment", "credential-access", "discovery", "lateral-movement"),
    *("collection", "command-and-control", "exfiltration", "impact"),
)
"""Tactics in the order of the matrix; what stood under defense-evasion up to version 18 is stealth
or defense-impairment from 19 on.
"""

_IMPAIRS = {"T1562", "T1685", "T1686", "T1689", "T1690", "T1222", "T1553"}


@dataclass(frozen=True, slots=True)
class Covered:
    """One technique under one tactic: its number, those it has had or has since, its entries;
    `newer` is its tactic from version 19 on.
    """

    tactic: str
    newer: str
    technique: str
    version: str
    also: tuple[str, ...]
    entries: tuple[str, ...]


def coverage(entries: Mapping[str, Entry]) -> tuple[Covered, ...]:
    """Return every technique that some entry stands for, by tactic."""
    found: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries.values():
        found[entry.attack.tactic, entry.attack.id].append(entry)
    rows = (
        Covered(
            tactic=tactic,
            newer=_newer(alike[0]),
            technique=number,
            version=alike[0].attack.version,
            also=tuple(sorted({name for one in alike for name in one.attack.aliases})),
            entries=tuple(sorted(one.key for one in alike)),
        )
        for (tactic, number), alike in found.items()
    )
    return tuple(sorted(rows, key=lambda row: (_rank(row.tactic), row.technique)))


def whole(entry: Entry) -> Iterator[str]:
    """Yield all that there is to know of an entry, line by line."""
    attack = entry.attack
    also = f", also {', '.join(attack.aliases)}" if attack.aliases else ""
    yield f"{entry.key} (no. {entry.number}): {entry.title}"
    yield f"  ATT&CK {attack.version}: {attack.id} ({attack.tactic}){also}"
    yield f"  difficulty {entry.difficulty} of 5, weight {entry.weight}"
    if entry.started_by:
        yield f"  started by one of: {', '.join(entry.started_by)}"
    yield from _notes(entry)
    yield "  components:"
    for part in entry.components:
        marks = [
            *(["must go"] if part.required else []),
            *(["brings others back"] if part.persistence else []),
        ]
        yield f"    {part.id}: {part.kind}" + (f" ({', '.join(marks)})" if marks else "")
    yield f"  evidence: {', '.join(entry.evidence)}; named by: {', '.join(entry.identified_by)}"
    yield f"  hunt: {entry.hunt}"
    yield f"  removal: {entry.removal}"
    yield f"  look-alike: {entry.decoy}"


def _notes(entry: Entry) -> Iterator[str]:
    if entry.report_only:
        yield "  to be reported only: there is nothing to remove"
    if entry.opt_in:
        yield "  opt-in: planted only where an exercise names it under `opt_in`"
    if entry.caution is not None:
        yield f"  caution: {entry.caution}"
    stand = entry.stands_on
    wants = [*stand.needs, *(f"the role {role}" for role in stand.roles)]
    if wants:
        yield f"  needs: {', '.join(wants)}"


def _newer(entry: Entry) -> str:
    """Return the tactic from version 19 on: defense-evasion became two."""
    if entry.attack.tactic != "defense-evasion":
        return entry.attack.tactic
    numbers = {number.partition(".")[0] for number in (entry.attack.id, *entry.attack.aliases)}
    return "defense-impairment" if numbers & _IMPAIRS else "stealth"


def _rank(tactic: str) -> int:
    return TACTICS.index(tactic) if tactic in TACTICS else len(TACTICS)
