"""Looking at the ranges from outside: components, and hosts that were replaced."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv4Address

from rangectl.app.plant import hide, replant
from rangectl.app.run import Run
from rangectl.implants.probes import (
    TRAFFIC_QUERY,
    ComponentSeen,
    SinkholeHit,
    cover,
    known_since,
    parse_hits,
    queries,
    seen,
)
from rangectl.model.events import Event, Observed
from rangectl.model.planting import Artefact
from rangectl.plan.probing import Answer, Query
from rangectl.scoring.pauses import Pauses

_UNSEEN = (None, None, None)


@dataclass(frozen=True, slots=True)
class Heard:
    """What servers were asked for; nothing is missing `since` that moment (epoch)."""

    hits: tuple[SinkholeHit, ...] = ()
    since: float = -math.inf

    def on_own_time(self, pauses: Pauses) -> Heard:
        """Return it on a run's own time."""
        if not pauses.spans:
            return self
        hits = tuple(replace(hit, time=pauses.own_epoch(hit.time)) for hit in self.hits)
        return Heard(hits, pauses.own_epoch(self.since))


def probe(run: Run) -> None:
    """Probe every component of every implant and decoy once; record what changed."""
    hide(run)
    targets = [
        (team, artefact, host)
        for team in run.ranges
        for artefact in run.ledger.watched(team)
        for host in artefact.hosts
    ]
    if not targets:
        return
    listened = run.edges.clock.now()
    pauses = run.ledger.history.pauses
    logs = heard(run) | _heard_inside(run)
    each = {place: one.on_own_time(pauses) for place, one in logs.items()}
    asked: list[tuple[str, Sequence[Query]]] = [
        (run.ranges[team].container(host).id, queries(artefact, host))
        for team, artefact, host in targets
    ]
    everywhere = cover([artefact for _, artefact, _ in targets])
    also = [(seat, everywhere) for team in run.ranges for _, seat in run.seats(team)]
    answers = run.edges.node.probe([*asked, *also])
    now = run.edges.clock.now()
    known = {team: _of_team(run, each, team) for team in run.ranges}
    events: list[Event] = []
    for (team, artefact, host), answer in zip(targets, answers, strict=False):
        what = (team, artefact, host)
        events += _changes(run, what, answer, known[team], (listened, now))
    run.ledger.add(events)


def heard(run: Run) -> dict[tuple[str, str], Heard]:
    """Read what each team's sinkholes were asked for lately, by team and host."""
    return _heard_at(run, [(team, host) for team in run.ranges for host in run.exercise.sinkholes])


def _heard_inside(run: Run) -> dict[tuple[str, str], Heard]:
    """Read what the partner's own servers were asked for that implants ask: their second hosts."""
    return _heard_at(run, list(dict.fromkeys(_asked_inside(run))))


def _asked_inside(run: Run) -> Iterator[tuple[str, str]]:
    for team, range_ in run.ranges.items():
        for artefact in run.ledger.implants(team):
            asked = {part.address for part in artefact.components if part.kind == "traffic"}
            for host in artefact.hosts[1:]:
                if asked & {nic.address.ip for nic in range_.spec.host(host).nics}:
                    yield team, host


def _heard_at(run: Run, where: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Heard]:
    answers = run.edges.node.probe(
        [(run.ranges[team].container(host).id, [TRAFFIC_QUERY]) for team, host in where]
    )
    found: dict[tuple[str, str], Heard] = {}
    for place, (answer,) in zip(where, answers, strict=True):
        hits = parse_hits(answer.data)
        since = math.inf if answer.error is not None else known_since(answer.data, hits)
        found[place] = Heard(hits, since)
    return found


def _of_team(
    run: Run, each: Mapping[tuple[str, str], Heard], team: str
) -> dict[IPv4Address | None, Heard]:
    """Return what servers of a team's were asked for, by each address of theirs; None: by any."""
    spec = run.ranges[team].spec
    mine = {host: one for (whose, host), one in each.items() if whose == team}
    found: dict[IPv4Address | None, Heard] = {
        nic.address.ip: one for host, one in mine.items() for nic in spec.host(host).nics
    }
    hits = tuple(hit for one in mine.values() for hit in one.hits)
    found[None] = Heard(hits, max((one.since for one in mine.values()), default=-math.inf))
    return found


def _changes(
    run: Run,
    what: tuple[str, Artefact, str],
    answers: Sequence[Answer],
    known: Mapping[IPv4Address | None, Heard],
    when: tuple[datetime, datetime],
) -> list[Event]:
    """Return what changed, by answers of now; sinkholes were listened to a moment before that, or
    longer where the machine is busy: what arrived is as old as it was then.
    """
    (team, artefact, place), (listened, now) = what, when
    if answers and all(answer.error for answer in answers):
        return []  # a host that is being replaced or restarts says nothing either way
    own = run.ledger.own(listened)
    host = run.ranges[team].spec.host(place)
    addresses = {str(nic.address.ip) for nic in host.nics}
    mine = [hit for hit in known[None].hits if hit.address in addresses]
    unknown = {
        part.id
        for part in artefact.components
        if part.kind == "traffic"
        and (own - part.lately).timestamp() < known.get(part.address, known[None]).since
    }
    return [
        Observed(
            at=now,
            team=team,
            artefact=artefact.id,
            component=one.component,
            present=one.present,
            pid=one.pid,
            start=one.start,
        )
        for one in seen(artefact, answers, mine, own, place)
        if (one.present or one.component not in unknown) and _is_news(run, team, artefact, one)
    ]


def _is_news(run: Run, team: str, artefact: Artefact, one: ComponentSeen) -> bool:
    """Say whether this differs from what is on record.

    What was never seen is not news while it may still come: a program that its starter has not
    started yet. It will not come once its starter is gone.
    """
    sights = run.ledger.sights
    before = sights.get((team, artefact.id, one.component))
    if before is not None:
        return before != (one.present, one.pid, one.start)
    starters = [part.id for part in artefact.components if part.persistence]
    gone = any(sights.get((team, artefact.id, part), _UNSEEN)[0] is False for part in starters)
    return one.present or gone


def notice_replaced(run: Run) -> None:
    """Plant again on hosts that the instructor replaced since the last look.

    A container that is gone may be about to be replaced: until it is, the old one is asked, which
    says nothing. So is one whose rebuild the partner has begun: it stays clean.
    """
    seen = run.edges.engine.seen(run.name)
    rebuilt = {(team, asked.host) for (team, _), asked in run.ledger.pending.items()}
    for team, range_ in run.ranges.items():
        there = {one.host: one for one in seen if one.range == range_.spec.id and one.running}
        known = {one.host: one.id for one in range_.containers}
        fresh = [
            host
            for host, old in known.items()
            if host in there and there[host].id != old and (team, host) not in rebuilt
        ]
        if fresh:
            containers = tuple(
                there[one.host] if one.host in fresh else one for one in range_.containers
            )
            run.ranges[team] = replace(range_, containers=containers)
            replant(run, team, [host for host, _ in run.seats(team) if host in fresh])
