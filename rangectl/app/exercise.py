"""Starting a run of an exercise: ranges up and proven, all composed, the director let loose."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from rangectl.app.contain import Aim
from rangectl.app.director import direct, stand_still
from rangectl.app.down import down
from rangectl.app.edges import Edges
from rangectl.app.ledger import Ledger
from rangectl.app.plant import LEASE, replant
from rangectl.app.ranges import Live, live
from rangectl.app.run import Run
from rangectl.app.up import Upped, up
from rangectl.errors import RangeError, UsageError
from rangectl.implants.briefing import (
    BUILT,
    briefing,
    built,
    listed,
    register,
    seat_accounts,
    seat_keys,
)
from rangectl.implants.compose import Facts, compose, introduced, stamped
from rangectl.implants.item import Item, Listing
from rangectl.implants.papers import contents, papers, people_listings
from rangectl.model.catalogue import Entry
from rangectl.model.events import RangeReady, RunCreated
from rangectl.model.exercise import Exercise
from rangectl.model.syntaxes import STOCK
from rangectl.model.topology import Topology
from rangectl.model.traffic import Profile
from rangectl.plan.keys import derive
from rangectl.plan.personal import host_key, is_seat
from rangectl.plan.probing import Answer, Edit, Stat, Write
from rangectl.ports import EventLog
from rangectl.progress import Progress, Tell

_BRIEFING = "/srv/briefing"


@dataclass(frozen=True, slots=True)
class Material:
    """What an exercise is made of: its files, the catalogue, the activity program's forms, and what
    the partner's people do all day.
    """

    exercise: Exercise
    topology: Topology
    briefing: str
    entries: Mapping[str, Entry]
    programs: Mapping[str, str]
    profile: Profile | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One run that is wanted: its name, its teams, what outside is, and what STARTEX sets off."""

    name: str
    teams: tuple[str, ...]
    aim: Aim
    on_startex: Callable[[Run], None] | None = None


def start(material: Material, order: Order, edges: Edges, log: EventLog, tell: Tell) -> Run:
    """Run an exercise to ENDEX and return the run as it ended.

    A run that was interrupted goes on where its log stands. Nothing is planted where containment
    does not hold (HonestNo). A run has one director: RangeError where another directs it.
    """
    with held(edges, order.name, "exercise start"):
        return go_on(material, order, edges, log, tell)


def held(edges: Edges, name: str, doing: str) -> AbstractContextManager[None]:
    """Hold a run alone, while it is entered; RangeError where another directs it."""
    return edges.hold(f"run {name}", doing)


def remove(edges: Edges, name: str, forget: Callable[[], None]) -> None:
    """Take a run's ranges down and delete its record; RangeError while somebody directs it."""
    with held(edges, name, "exercise remove"):
        down(edges, name)
        forget()


def go_on(material: Material, order: Order, edges: Edges, log: EventLog, tell: Tell) -> Run:
    """Run an exercise as `start` does, for who holds the run already."""
    ledger = Ledger.open(log)
    _may_start(ledger, material.exercise, order)
    if ledger.stands_still:
        tell(Progress("paused", f"PAUSED: waits for: rangectl exercise resume {order.name}"))
        stand_still(_run(material, order, edges, ledger, tell, live(edges, order.name)))
    upped = up(material.topology, order.name, order.teams, edges, tell, order.aim)
    seconds = "  ".join(f"{phase} {spent:.2f} s" for phase, spent in upped.seconds)
    many = "1 range" if len(upped.ranges) == 1 else f"{len(upped.ranges)} ranges"
    tell(Progress("ready", f"{many} ready and contained: {seconds}"))
    if ledger.created is None:
        ledger.add([_created(material.exercise, order, edges), *_readies(edges, upped)])
    run = _run(material, order, edges, ledger, tell, upped.ranges)
    for range_ in upped.ranges:
        _compose(run, material, range_)
        _restore(run, range_.spec.id.team)
    direct(run)
    return run


def _run(
    material: Material,
    order: Order,
    edges: Edges,
    ledger: Ledger,
    tell: Tell,
    ranges: Sequence[Live],
) -> Run:
    return Run(
        name=order.name,
        exercise=material.exercise,
        edges=edges,
        tell=tell,
        ledger=ledger,
        ranges={range_.spec.id.team: range_ for range_ in ranges},
        items={},
        on_startex=order.on_startex,
        profile=material.profile,
    )


def _restore(run: Run, team: str) -> None:
    """Plant again on hosts that were replaced while nobody directed: they lack a lease."""
    if not run.ledger.planted.get(team):
        return
    seats = run.seats(team)
    answers = run.edges.node.probe([(container, [Stat(LEASE)]) for _, container in seats])
    replant(
        run, team, [host for (host, _), (one,) in zip(seats, answers, strict=True) if _lacks(one)]
    )


def _lacks(answer: Answer) -> bool:
    return answer.stat is None and answer.error is None


def _may_start(ledger: Ledger, exercise: Exercise, order: Order) -> None:
    if ledger.ended is not None:
        message = f"the run {order.name!r} is over"
        raise UsageError(message, hint=f"see: rangectl score {order.name}; or give --name NEW")
    if ledger.created is not None and set(ledger.created.teams) != set(order.teams):
        teams = ", ".join(ledger.created.teams)
        message = f"the run {order.name!r} was begun with the teams {teams}"
        raise UsageError(message, hint="give the same teams to go on with it, or another --name")
    if ledger.created is not None and not _is_of(ledger.created, exercise):
        message = f"the run {order.name!r} was begun with another exercise, or another form of it"
        raise UsageError(message, hint="give --name NEW")


def _is_of(created: RunCreated, exercise: Exercise) -> bool:
    begun = (created.exercise, created.seed, created.length, created.compression, created.hold)
    clock = exercise.clock
    given = (exercise.name, exercise.seed, clock.length, clock.compression, exercise.scoring.hold)
    return begun == given


def _created(exercise: Exercise, order: Order, edges: Edges) -> RunCreated:
    return RunCreated(
        at=edges.clock.now(),
        run=order.name,
        exercise=exercise.name,
        teams=order.teams,
        seed=exercise.seed,
        length=exercise.clock.length,
        compression=exercise.clock.compression,
        hold=exercise.scoring.hold,
        conduct=exercise.roe is not None,
        formula="hunt-forward/2",
    )


def _readies(edges: Edges, upped: Upped) -> Sequence[RangeReady]:
    now = edges.clock.now()
    return [
        RangeReady(at=now, team=range_.spec.id.team, attempts=proof.attempts)
        for range_, proof in zip(upped.ranges, upped.proofs, strict=True)
    ]


def _compose(run: Run, material: Material, range_: Live) -> None:
    """Decide what stands where in one range, and put the briefing that goes with it in its kit."""
    if run.ledger.created is None:
        message = f"the run {run.name!r} was never created"
        raise RangeError(message)
    team = range_.spec.id.team
    secret = derive(range_.secret, "compose")
    composed = compose(
        run.exercise,
        range_.spec,
        material.entries,
        material.programs,
        secret,
        run.ledger.created.at,
    )
    known = {host.name: host_key(range_.secret, host.name) for host in range_.spec.hosts}
    run.items[team] = introduced(stamped(composed, _facts(run.edges, range_)), known)
    kit = dict(run.kits()).get(team)
    if kit is not None:
        run.edges.node.plant([(kit, _briefing(run, material, range_, run.items[team]))])


def _facts(edges: Edges, range_: Live) -> Facts:
    """Read digest and size of the programs that copies are made of, on every host."""
    hosts = [(host, seen.id) for host, seen in range_.hosts() if is_seat(range_.spec, host)]
    stock = tuple(STOCK.values())
    asked = [Stat(path) for path in stock]
    answers = edges.node.probe([(container, asked) for _, container in hosts])
    return {
        host.name: {
            path: (answer.stat.sha256, answer.stat.size)
            for path, answer in zip(stock, own, strict=True)
            if answer.stat is not None and answer.stat.sha256 is not None
        }
        for (host, _), own in zip(hosts, answers, strict=True)
    }


def _stock(run: Run, range_: Live, items: Sequence[Item]) -> tuple[Listing, ...]:
    """Read what the partner's hosts were built with."""
    hosts = [(host.name, seen.id) for host, seen in range_.hosts() if is_seat(range_.spec, host)]
    answers = run.edges.node.probe([(container, BUILT) for _, container in hosts])
    return tuple(
        one
        for (host, _), own in zip(hosts, answers, strict=True)
        for one in built(host, own, items)
    )


def _briefing(run: Run, material: Material, range_: Live, items: Sequence[Item]) -> Sequence[Edit]:
    spec, secret = range_.spec, range_.secret
    known = people_listings(spec, secret)
    also = (*seat_keys(spec, secret), *(seat_accounts(spec) if known else ()), *known)
    stock = _stock(run, range_, items)
    facts = json.dumps(register(run.exercise, spec, items, (*also, *stock)), indent=1)
    text = briefing(run.exercise, spec, material.briefing)
    folder = papers(spec, secret, listed(spec, items, also))
    files = {one.name: one.text for one in folder}
    files |= {"README.txt": contents(folder)} if folder else {}
    return [
        Write(f"{_BRIEFING}/register.json", facts.encode()),
        Write(f"{_BRIEFING}/briefing.md", text.encode()),
        *(Write(f"{_BRIEFING}/papers/{name}", told.encode()) for name, told in files.items()),
    ]
