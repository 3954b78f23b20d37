"""The containment proof: nothing in a range reaches out of it, and its structure says why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from rangectl.app.edges import Edges
from rangectl.app.ranges import Live, fabric
from rangectl.errors import HonestNo
from rangectl.plan.containers import SWITCH
from rangectl.plan.containment import attempt_problems, structure_problems
from rangectl.plan.fabric import Fabric
from rangectl.plan.probing import Edit, ReadTail, Remove, Write

OUTSIDE = "192.0.2.1"
OUTSIDE_NAME = "example.com"
_MARK = "/var/lib/proof"


@dataclass(frozen=True, slots=True)
class Aim:
    """What counts as outside: an address that must not answer, and a name that must not resolve."""

    address: str = OUTSIDE
    name: str = OUTSIDE_NAME


@dataclass(frozen=True, slots=True)
class Proof:
    """What the proof of one range found; it holds when `problems` is empty."""

    range: str
    attempts: int
    controls: int
    problems: tuple[str, ...]


def contain(edges: Edges, ranges: Sequence[Live], aim: Aim) -> tuple[Proof, ...]:
    """Try every way out of every range and read its structure; HonestNo when one is open.

    A switch keeps a mark of what was proven, for `proven` to read.
    """
    fabrics = [fabric(range_, edges.hunt) for range_ in ranges]

    def prove(mine: Fabric) -> Proof:
        other = next((one for one in fabrics if one.range != mine.range), None)
        attempts = edges.node.attempts(mine, other, aim.address, aim.name)
        problems = attempt_problems(mine, attempts) + _structure(edges, mine)
        controls = sum(attempt.control for attempt in attempts)
        return Proof(str(mine.range), len(attempts) - controls, controls, problems)

    proofs = tuple(edges.each(prove, fabrics))
    _mark(edges, ranges, proofs, aim)
    _must_hold(proofs)
    return proofs


def proven(edges: Edges, ranges: Sequence[Live], aim: Aim) -> bool:
    """Say whether these ranges, made of these very containers, were proven with this aim."""
    query = ReadTail(_MARK, 64)
    answers = edges.node.probe([(range_.container(SWITCH).id, [query]) for range_ in ranges])
    return all(
        answer.data == _digest(range_, aim)
        for range_, (answer,) in zip(ranges, answers, strict=True)
    )


def read_structure(edges: Edges, ranges: Sequence[Live]) -> tuple[Proof, ...]:
    """Read the structure only, for ranges that were proven when they were built."""
    proofs = tuple(
        Proof(str(range_.spec.id), 0, 0, _structure(edges, fabric(range_, edges.hunt)))
        for range_ in ranges
    )
    _must_hold(proofs)
    return proofs


def _mark(edges: Edges, ranges: Sequence[Live], proofs: Sequence[Proof], aim: Aim) -> None:
    work: list[tuple[str, Sequence[Edit]]] = []
    for range_, proof in zip(ranges, proofs, strict=True):
        kept: Edit = Remove(_MARK) if proof.problems else Write(_MARK, _digest(range_, aim))
        work.append((range_.container(SWITCH).id, [kept]))
    edges.node.plant(work)


def _digest(range_: Live, aim: Aim) -> bytes:
    parts = [aim.address, aim.name, *sorted(one.id for one in range_.containers)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest().encode()


def _structure(edges: Edges, mine: Fabric) -> tuple[str, ...]:
    return structure_problems(mine, edges.node.structure(mine))


def _must_hold(proofs: Sequence[Proof]) -> None:
    lines = [f"  {proof.range}: {problem}" for proof in proofs for problem in proof.problems]
    if lines:
        raise HonestNo(
            "\n".join(["containment does not hold:", *lines]),
            hint="rangectl reset NAME/TEAM HOST makes a host that differs anew, rangectl down NAME"
            " takes all down; nothing is planted until containment holds",
        )
