"""The steps that lead from the containers that are there to those that are wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rangectl.plan.containers import LABEL, SWITCH, Container, Seen
from rangectl.plan.drift import drift, short


@dataclass(frozen=True, slots=True)
class Create:
    """A container that is wanted and missing."""

    container: Container
    why: str


@dataclass(frozen=True, slots=True)
class Remove:
    """A container that nobody wants, or that must be made anew."""

    seen: Seen
    why: str


@dataclass(frozen=True, slots=True)
class Start:
    """A container that is wanted and stands still; `container` is what it would be made of."""

    seen: Seen
    container: Container
    why: str


@dataclass(frozen=True, slots=True)
class Thaw:
    """A container that is wanted and frozen: of a pause or a resume that was cut short."""

    seen: Seen
    why: str


Step = Create | Remove | Start | Thaw


def steps(wanted: Sequence[Container], seen: Sequence[Seen]) -> tuple[Step, ...]:
    """Return the steps in the order they must run: what goes leaves before what comes."""
    by_host = {one.host: one for one in seen}
    names = {one.hostname for one in wanted}
    removals: list[Step] = [
        Remove(one, "is not in the topology") for one in seen if one.host not in names
    ]
    additions: list[Step] = []
    for container in wanted:
        there = by_host.get(container.hostname)
        if there is None:
            additions.append(Create(container, "is missing"))
        elif why := _differs(container, there):
            removals.append(Remove(there, why))
            additions.append(Create(container, why))
        elif not there.running:
            additions.append(Start(there, container, "is stopped"))
        elif there.frozen:
            additions.append(Thaw(there, "is frozen"))
    return (*removals, *additions)


_OF_SWITCH = ("segments", "people")


def _document(parts: Mapping[str, str]) -> str:
    pairs = ", ".join(f'"{name}": {text}' for name, text in parts.items())
    return f"{{{pairs}}}"


def _differs(wanted: Container, seen: Seen) -> str | None:
    """Say why a container must be made anew: each field that differs, old -> new.

    A switch only when segments or people on its label are others: a range is read back from there.
    """
    labels = dict(wanted.labels)
    if seen.host == SWITCH:
        old = {part: seen.label(part) or "null" for part in _OF_SWITCH}
        new = {part: labels[LABEL + part] for part in _OF_SWITCH}
        if old == new:
            return None
        found = drift(_document(old), _document(new))
        return f"its {'; '.join(found) or 'segments changed'}"
    if seen.label("digest") == labels["rangectl.digest"]:
        return None
    fields = drift(seen.label("spec"), labels["rangectl.spec"])
    if (image := seen.label("image")) != labels["rangectl.image"]:
        fields = (f"image: {short(image)} -> {short(labels['rangectl.image'])}", *fields)
    return f"its {'; '.join(fields) or 'definition changed'}"
