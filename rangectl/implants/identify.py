"""What a thing in a team's range is: looked up in what was planted there, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, assert_never

from rangectl.model.plain import plain_path, plain_text
from rangectl.model.planting import Artefact, Component, Nature

By = Literal["path", "line", "account", "process", "sha256"]


@dataclass(frozen=True, slots=True)
class Identity:
    """A thing that was planted: what it is, of which artefact, where, and what it imitates."""

    nature: Nature
    host: str
    component: str
    artefact: str
    entry: str
    actor: str
    path: str
    imitates: str


def identify(
    planted: Iterable[Artefact], by: By, value: str, host: str | None = None
) -> tuple[Identity, ...]:
    """Return what was planted that this path, line, account, command line or digest belongs to, on
    one host or on any. Nothing: it was not planted.
    """
    found = (
        _identity(artefact, component)
        for artefact in planted
        for component in artefact.components
        if host is None or artefact.host_of(component) == host
        if not component.neighbour and _is(component, by, value)
    )
    return tuple(dict.fromkeys(found))


def _is(component: Component, by: By, value: str) -> bool:
    match by:
        case "path":
            return value != "" and plain_path(component.path or "") == plain_path(value)
        case "line":
            return _holds(component, ("line",), value)
        case "process":
            return _holds(component, ("process",), value)
        case "account":
            return value in _accounts(component)
        case "sha256":
            return component.sha256 is not None and component.sha256 == value.lower()
    assert_never(by)


def _holds(component: Component, kinds: tuple[str, ...], value: str) -> bool:
    needle = plain_text(component.needle or "")
    return component.kind in kinds and needle != "" and needle in plain_text(value)


def _accounts(component: Component) -> Iterator[str]:
    """Yield the account that a line of an account's tables makes."""
    tables = ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow")
    if component.path in tables and component.needle:
        yield component.needle.lstrip("\n").partition(":")[0]


def _identity(artefact: Artefact, component: Component) -> Identity:
    return Identity(
        nature=artefact.nature,
        host=artefact.host_of(component),
        component=component.id,
        artefact=artefact.id,
        entry=artefact.entry or "",
        actor=artefact.actor or "",
        path=component.path or "",
        imitates=artefact.imitates or "",
    )
