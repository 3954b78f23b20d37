"""What became of every implant: which components are gone, since when, and whether it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from rangectl.model.events import Event
from rangectl.scoring.history import History
from rangectl.scoring.lives import Life, Part, Site, lives, sites

__all__ = [
    "State", "decided", "lives", "over_ejected", "removed_at", "share_gone", "sites", "state",
]  # fmt: skip

State = Literal[
    "planted",
    "active",
    "detected",
    "contained",
    "partial",
    "removed",
    "ejected",
    "over-ejected",
    "regressed",
]
SURVIVOR_CAP = 0.4
SETTLING = timedelta(seconds=10)


def share_gone(life: Life, hold: timedelta, now: datetime) -> float | None:
    """Return e: the share of the required components gone through the hold, at most 0.4 while one
    that persists survives. None when nothing is required.
    """
    if not life.required:
        return None
    share = sum(part.held(hold, now) for part in life.required) / len(life.required)
    return share if all(p.held(hold, now) for p in life.persistent) else min(SURVIVOR_CAP, share)


def removed_at(life: Life, hold: timedelta, now: datetime) -> datetime | None:
    """Return when the last of what is held gone was removed. Traffic says nothing of that moment
    where there is more to remove: it is missed only some time after its source went.
    """
    gone = [part for part in life.required if part.held(hold, now)]
    solid = [part for part in gone if part.component.kind != "traffic"] or gone
    return max((part.gone for part in solid if part.gone is not None), default=None)


def state(
    life: Life, hold: timedelta, now: datetime, *, detected: bool, over: Sequence[str] = ()
) -> State:
    """Return the state of an implant.

    `ejected`: all that is required (and what persists) was gone through the hold; `over-ejected`:
    so was what belongs to the partner (`over`). `regressed`: all that is required was gone once and
    something of it is back. `removed`: all is gone, the hold runs. `partial`: some is gone.
    `contained`: all of it stands, but nothing arrives of it. Else `detected` when a finding of it
    was accepted, `active` when it is seen to call, or `planted`.
    """
    gone = [part.gone is not None for part in life.required]
    if share_gone(life, hold, now) == 1.0:
        return "over-ejected" if over else "ejected"
    if gone and all(gone):
        return "removed" if _is_holding(life, hold, now) else "partial"
    if life.was_gone:
        return "regressed"
    if any(gone):
        return "contained" if life.blocked is not None else "partial"
    return _standing(life, detected=detected)


def _standing(life: Life, *, detected: bool) -> State:
    if detected:
        return "detected"
    calls = any(part.component.kind in {"process", "traffic"} for part in life.required)
    return "active" if calls and not life.hushed else "planted"


def over_ejected(life: Life, site: Site) -> tuple[str, ...]:
    """Return what was broken beside an implant since all of it that stands on its hosts went: its
    neighbours, the decoys in the same files or of the same entry, the hosts' services.

    A clean rebuild by the partner takes neighbours with it; that has its own price.
    """
    if life.removed is None:
        return ()
    kept = (
        host for host in life.artefact.hosts if site.rebuilt.get(host, life.planted) <= life.planted
    )
    return tuple(dict.fromkeys(one for host in kept for one in _broken_on(host, life, site)))


def _broken_on(host: str, life: Life, site: Site) -> Iterator[str]:
    mine = {part.component.id: part for part in life.parts.values()}
    yield from (
        f"{host}: {part.component.path or part.component.id}"
        for component in life.artefact.on(host)
        if component.neighbour and (part := mine[component.id]).gone is not None
    )
    yield from (
        f"{host}: {part.component.path or part.component.id}"
        for other in site.decoys.values()
        if _is_beside(life, other, host)
        for part in (*other.solid, *other.persistent)
        if part.gone is not None and other.artefact.host_of(part.component) == host
    )
    down = sorted(name for name, up in site.services.get(host, {}).items() if not up)
    yield from (f"{host}: service {name}" for name in down)


def decided(events: Sequence[Event], now: datetime) -> bool:
    """Say whether waiting can change nothing more: every team has said `done`, and no component of
    an implant is gone whose hold still runs.

    A component that is there is not waited for, as nobody is expected to remove it after `done`;
    but the last `done` must be some seconds old, so that the probes had time to see what was
    removed just before it, and traffic gets the time to be missed once its source is gone.
    """
    history = History.of(events)
    return settled(history, history.pauses.own(now))


def settled(history: History, now: datetime) -> bool:
    """Say what `decided` says of the log that was folded into this history; `now` is on the run's
    own time.
    """
    created, done = history.created, history.done_at
    if created is None or not set(created.teams) <= done.keys():
        return False
    if now - max(done.values()) < SETTLING:
        return False
    return not any(
        _is_holding(life, created.hold, now)
        for site in history.sites.values()
        for life in site.implants.values()
    )


def _is_beside(life: Life, other: Life, host: str) -> bool:
    mine, theirs = life.artefact, other.artefact
    if host not in theirs.hosts:
        return False
    paths = {part.path for part in mine.on(host) if part.path is not None}
    return theirs.entry == mine.entry or any(part.path in paths for part in theirs.on(host))


def _is_holding(life: Life, hold: timedelta, now: datetime) -> bool:
    return _awaits_silence(life, hold, now) or any(
        part.holding(hold, now)
        for part in life.parts.values()
        if part.component.required or part.component.persistence
    )


def _awaits_silence(life: Life, hold: timedelta, now: datetime) -> bool:
    """Say whether all that must go is gone but traffic, which may only not be missed yet."""
    gone = [p.gone for p in life.required if p.component.kind != "traffic" and p.gone is not None]
    loud: list[Part] = [part for part in life.required if part.gone is None]
    if not gone or not loud or any(part.component.kind != "traffic" for part in loud):
        return False
    return now - max(gone) < hold + max(part.component.lately for part in loud)
