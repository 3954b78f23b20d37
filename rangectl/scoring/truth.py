"""How a run stands: what anybody may know, and what the instructor does; from the log alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rangectl.errors import RangeError
from rangectl.model.events import Ended, Event, Reacted, RunCreated, Submitted
from rangectl.scoring.claims import Detection, claims, detections
from rangectl.scoring.history import History
from rangectl.scoring.lives import Life, Site
from rangectl.scoring.pauses import on_own_time, on_the_wall
from rangectl.scoring.reactions import impact, quiet
from rangectl.scoring.states import State, over_ejected, state


@dataclass(frozen=True, slots=True)
class ImplantTruth:
    """One implant as it is: its state, whether it is seen to call, and what stands of it."""

    id: str
    entry: str
    host: str
    actor: str
    state: State
    channel: str
    stands: tuple[str, ...]
    beside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TeamTruth:
    """One team: what it handed in, and the truth of its range.

    `reactions` says what each actor did and why, `tips` what gave the team away, `quiet` who keeps
    silent until when, `impact` the harm done so far.
    """

    team: str
    handed_in: dict[str, int]
    services_down: tuple[str, ...]
    done: bool
    impact: float
    quiet: dict[str, datetime | None]
    reactions: tuple[str, ...]
    tips: tuple[str, ...]
    injects: tuple[str, ...]
    implants: tuple[ImplantTruth, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A run at a moment; `left` is None before STARTEX and after ENDEX."""

    run: str
    exercise: str
    phase: str
    at: datetime
    left: timedelta | None
    compression: float
    teams: tuple[TeamTruth, ...]


def standing(events: Sequence[Event], now: datetime) -> Standing:
    """Return how a run stands; RangeError when its log does not say how it began."""
    history = History.of(events)
    created = history.created
    if created is None:
        message = "the log does not say how the run began"
        raise RangeError(message)
    ended = next((event for event in events if isinstance(event, Ended)), None)
    at = history.pauses.own(ended.at if ended else now)
    phase, left = "ranges stand, STARTEX is to come", None
    if ended is not None:
        phase = f"ENDEX ({ended.why})"
    elif history.started is not None:
        length = (created.length + history.more) / created.compression
        since = history.pauses.since
        phase = "under way" if since is None else f"paused since {since:%H:%M:%S}Z"
        left = max(timedelta(0), history.started + length - at)
    own = on_own_time(events)
    found = Standing(
        run=created.run,
        exercise=created.exercise,
        phase=phase,
        at=at,
        left=left,
        compression=created.compression,
        teams=tuple(_team(own, history, created, team, at) for team in created.teams),
    )
    return on_the_wall(found, history.pauses)


def _team(
    events: Sequence[Event], history: History, created: RunCreated, team: str, at: datetime
) -> TeamTruth:
    site = history.sites.get(team, Site())
    found = detections(claims(events, team))
    handed = [e.submission for e in events if isinstance(e, Submitted) and e.team == team]
    counts: Counter[str] = Counter(one.kind for one in handed)
    actors = sorted({life.artefact.actor or "" for life in site.implants.values()})
    hushed = {name: quiet(history, team, name) for name in actors}
    harm = 0.0
    if history.started is not None:
        harm = impact(site, history.started, at, created.compression)
    return TeamTruth(
        team=team,
        handed_in=dict(counts),
        services_down=tuple(
            f"{host}: {name}"
            for host, services in sorted(site.services.items())
            for name, up in sorted(services.items())
            if not up
        ),
        done=counts["done"] > 0,
        impact=round(harm, 1),
        quiet={name: one.until for name, one in hushed.items() if one is not None},
        reactions=tuple(_told(one) for one in history.reacted if one.team == team),
        tips=tuple(f"{one.why}: {one.cause}" for one in history.tipped if one.team == team),
        injects=tuple(one.inject for one in history.injected if one.team in {None, team}),
        implants=tuple(
            _implant(created, site, life, found.get(key), at) for key, life in site.implants.items()
        ),
    )


def _told(one: Reacted) -> str:
    return f"{one.actor}: {one.do} (reaction {one.rule + 1}): {one.cause}"


def _implant(
    created: RunCreated, site: Site, life: Life, found: Detection | None, at: datetime
) -> ImplantTruth:
    over = over_ejected(life, site)
    artefact = life.artefact
    return ImplantTruth(
        id=artefact.id,
        entry=artefact.entry or "",
        host=" + ".join(artefact.hosts),
        actor=artefact.actor or "",
        state=state(life, created.hold, at, detected=found is not None, over=over),
        channel=_channel(life),
        stands=tuple(name for name, part in life.parts.items() if part.gone is None),
        beside=over,
    )


def _channel(life: Life) -> str:
    loud = [part for part in life.parts.values() if part.component.kind == "traffic"]
    if not loud:
        return "none"
    if life.hushed:
        return "quiet"
    to = ", ".join(f"{one.component.address}:{one.component.port}" for one in loud)
    return f"open to {to}" if all(one.gone is None for one in loud) else f"silent to {to}"
