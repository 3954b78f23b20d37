"""Putting implants, decoys and noise in place, and keeping their leases fresh."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from rangectl.app.run import Run, by_host
from rangectl.implants.item import Item
from rangectl.implants.lease import lease
from rangectl.implants.places import REFRESH_ROOTS
from rangectl.model.events import Planted, Rebuilt
from rangectl.plan.keys import derive
from rangectl.plan.probing import Edit, Refresh, Write
from rangectl.ports import ExecResult
from rangectl.progress import Progress

LEASE = "/var/lib/siteops/lease.json"
LEASE_SECONDS = 600
_TRIES = 5


def plant(run: Run, team: str, items: Sequence[Item]) -> tuple[str, ...]:
    """Plant items in a team's range, record those that stand, and return what went wrong.

    All ctimes of the places where things are planted are renewed, on every host alike.
    """
    if not items:
        return ()
    standing, troubles = put(run, team, items)
    now = run.edges.clock.now()
    run.ledger.add([Planted(at=now, team=team, artefact=item.artefact) for item in standing])
    return troubles


def put(
    run: Run, team: str, items: Sequence[Item], only: str | None = None
) -> tuple[list[Item], tuple[str, ...]]:
    """Make the edits of these items, on one host alone where it is named; return the items of which
    all were made, and what went wrong.
    """
    groups = {host: own for host, own in by_host(items).items() if only in {None, host}}
    seats = run.seats(team)
    work: list[tuple[str, list[Edit]]] = [
        (seat, [*(e for _, one in groups.get(host, []) for e in one.edits), Refresh(REFRESH_ROOTS)])
        for host, seat in seats
    ]
    failed: set[str] = set()
    troubles: list[str] = []
    for (host, _), results in zip(seats, run.edges.node.plant(work), strict=True):
        left = iter(results)
        for item, share in groups.get(host, []):
            failed |= {item.artefact.id} if any([*islice(left, len(share.edits))]) else set()
        troubles += [f"{team}: {host}: {trouble}" for trouble in results if trouble]
    standing = [item for item in items if item.artefact.id not in failed]
    run.fresh |= (put_now := {(team, item.artefact.id) for item in standing if item.hides})
    run.hidden -= put_now
    troubles += _start(run, team, standing, only)
    return standing, tuple(troubles)


def _start(run: Run, team: str, items: Sequence[Item], only: str | None) -> list[str]:
    """Let the inits of hosts read units that were put in place, and start these."""
    wanted: dict[str, dict[str, None]] = {}
    for host, own in by_host(items).items():
        units = dict.fromkeys(unit for _, share in own for unit in share.units)
        if units and only in {None, host}:
            wanted[host] = units
    seats = [(host, seat) for host, seat in run.seats(team) if host in wanted]

    def start(place: tuple[str, str]) -> str | None:
        host, seat = place
        units = wanted[host]
        for command in (("daemon-reload",), ("start", "--no-block", *units)):
            result = _told(run, seat, ("systemctl", *command))
            if result.code:
                said = result.output.decode(errors="replace").strip()[:200]
                return f"{team}: {host}: systemctl {command[0]}: {said}"
        return None

    return [trouble for trouble in run.edges.each(start, seats) if trouble]


def _told(run: Run, container: str, command: Sequence[str]) -> ExecResult:
    """Tell a host's init something, again for some seconds while it is not up."""
    for _ in range(_TRIES - 1):
        result = run.edges.engine.execute(container, command)
        if not result.code:
            return result
        run.edges.clock.sleep(1)
    return run.edges.engine.execute(container, command)


def hide(run: Run) -> None:
    """Cover from outside what is to be covered once it runs: once for each time it was put there.

    What was started anew since stays uncovered.
    """
    due = [
        (team, item)
        for team in run.ranges
        for item in run.items[team]
        if item.hides and _is_bare(run, team, item)
    ]
    work: list[tuple[str, list[Edit]]] = [
        (run.ranges[team].container(item.artefact.host).id, [*item.hides]) for team, item in due
    ]
    results = run.edges.node.plant(work) if work else ()
    run.hidden |= {
        (team, item.artefact.id)
        for (team, item), troubles in zip(due, results, strict=True)
        if not any(troubles)
    }


def _is_bare(run: Run, team: str, item: Item) -> bool:
    artefact, key = item.artefact, (team, item.artefact.id)
    if artefact.id not in run.ledger.planted.get(team, {}) or key in run.hidden:
        return False
    mounts = (part.id for part in artefact.components if part.kind == "mount")
    before = any((*key, part) in run.ledger.sights for part in mounts)
    return key in run.fresh or not before


def replant(run: Run, team: str, hosts: Sequence[str]) -> None:
    """Put back what was planted on hosts that were replaced by clean ones, and record that."""
    if not hosts:
        return
    renew_leases(run)
    planted = run.ledger.planted.get(team, {})
    for host in hosts:
        mine = [one for one in run.items[team] if host in {share.host for share in one.shares}]
        _, troubles = put(run, team, [one for one in mine if one.artefact.id in planted], host)
        run.tell(Progress("replanted", "; ".join([f"{team}: {host} was replaced", *troubles])))
        now = run.edges.clock.now()
        run.ledger.add([Rebuilt(at=now, team=team, host=host, by="instructor")])


def renew_leases(run: Run) -> None:
    """Give every host of the partner a lease that lasts ten minutes from now.

    It leaves out where those actors' sinkholes are who keep quiet: their programs end, and are
    started in vain, until it covers them again. Actors of one segment go quiet together.
    """
    not_after = int(run.edges.clock.now().timestamp()) + LEASE_SECONDS
    work: list[tuple[str, list[Edit]]] = []
    for team, range_ in run.ranges.items():
        hushed = _hushed(run, team)
        networks = [
            str(segment.subnet) for segment in range_.spec.segments if segment.name not in hushed
        ]
        text = lease(derive(range_.secret, "lease"), networks, not_after)
        work += [(container, [Write(LEASE, text)]) for _, container in run.seats(team)]
    run.edges.node.plant(work)


def _hushed(run: Run, team: str) -> set[str]:
    """Return the segments of the sinkholes of actors who keep quiet in a team's range."""
    quiet = [name for whose, name in run.ledger.quiet if whose == team]
    actors = [run.exercise.actors[name] for name in quiet if name in run.exercise.actors]
    hosts = {
        name
        for actor in actors
        for name in (actor.sinkhole, *(stage.sinkhole for stage in actor.stages))
    }
    return {
        nic.segment
        for host in run.ranges[team].spec.hosts
        if host.name in hosts
        for nic in host.nics
    }
