"""Putting implants, decoys and noise in place, and keeping their leases fresh."""

from __future__ import annotations

from collections.abc import Sequence

from rangectl.app.run import Run, by_host
from rangectl.errors import RangeError
from rangectl.implants.compose import REFRESH_ROOTS
from rangectl.implants.item import Item
from rangectl.implants.lease import lease
from rangectl.model.events import Planted
from rangectl.plan.keys import derive
from rangectl.plan.probing import Edit, Refresh, Write

LEASE = "/var/lib/siteops/lease.json"
LEASE_SECONDS = 600


def plant(run: Run, team: str, items: Sequence[Item]) -> None:
    """Plant items in a team's range and record them; RangeError when an edit cannot be made.

    All ctimes of the places where things are planted are renewed, on every host alike.
    """
    if not items:
        return
    put(run, team, items)
    now = run.edges.clock.now()
    run.ledger.add([Planted(at=now, team=team, artefact=item.artefact) for item in items])


def put(run: Run, team: str, items: Sequence[Item]) -> None:
    """Make the edits of these items, without recording anything."""
    range_ = run.ranges[team]
    groups = by_host(items)
    work: list[tuple[str, list[Edit]]] = []
    for container in run.seats(team):
        host = next(seen.host for seen in range_.containers if seen.id == container)
        edits = [edit for item in groups.get(host, []) for edit in item.edits]
        work.append((container, [*edits, Refresh(REFRESH_ROOTS)]))
    results = run.edges.node.plant(work)
    troubles = [trouble for answers in results for trouble in answers if trouble]
    if troubles:
        raise RangeError(f"{range_.spec.id}: could not plant: " + "; ".join(troubles[:5]))


def renew_leases(run: Run) -> None:
    """Give every host of the partner a lease that lasts ten minutes from now."""
    not_after = int(run.edges.clock.now().timestamp()) + LEASE_SECONDS
    work: list[tuple[str, list[Edit]]] = []
    for team, range_ in run.ranges.items():
        networks = [str(segment.subnet) for segment in range_.spec.segments]
        text = lease(derive(range_.secret, "lease"), networks, not_after)
        work += [(container, [Write(LEASE, text)]) for container in run.seats(team)]
    run.edges.node.plant(work)
