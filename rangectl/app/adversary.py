"""What the director does for the adversary and for the instructor's script: decided by the log,
carried out here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from rangectl.app.plant import plant, put, renew_leases
from rangectl.app.run import Run
from rangectl.app.watch import heard
from rangectl.errors import RangeError
from rangectl.implants.item import Item
from rangectl.implants.noticing import REST, ROUTER_QUERY, Record, noticed, parse_records
from rangectl.model.events import Injected, Reacted, Tipped
from rangectl.model.injects import Inject
from rangectl.plan.probing import Edit, Write
from rangectl.progress import Progress
from rangectl.scoring.reactions import React, Send, Tip, due

MESSAGES = "/srv/briefing/messages"


def react(run: Run) -> None:
    """Do what the log says is due; what cannot be done now is tried again later, so that one
    team's hosts hold up nobody else's.
    """
    now = run.edges.clock.now()
    for action in due(run.ledger.history, run.ledger.own(now), run.exercise):
        match action:
            case Tip():
                tip = Tipped(
                    at=now, team=action.team, actor=action.actor, why="early_block",
                    cause=action.cause,
                )  # fmt: skip
                run.ledger.add([tip])
            case Send():
                _send(run, action)
            case React():
                _try(run, action)
            case _:
                assert_never(action)


def notice(run: Run) -> None:
    """Look through the actors' eyes: who of the hunters called a sinkhole, or scanned."""
    if run.ledger.started is None:
        return
    logs = _router_logs(run)
    hits = heard(run)
    for team, range_ in run.ranges.items():
        asked = {host: one.hits for (whose, host), one in hits.items() if whose == team}
        since = {why: _since(run, team, why) for why in ("contact", "scan")}
        records = logs.get(team, ())
        seen = noticed(run.exercise, range_.spec, asked, records, since)
        at = run.edges.clock.now()
        run.ledger.add(
            [
                Tipped(at=at, team=team, actor=one.actor, why=one.why, cause=one.cause)
                for one in seen
            ]
        )


def _since(run: Run, team: str, why: str) -> datetime:
    """Return since when something counts: what was noticed is not noticed again for a while."""
    last = run.ledger.tips.get((team, why))
    begin = run.ledger.started or run.edges.clock.now()
    return begin if last is None else last + REST


def _router_logs(run: Run) -> dict[str, tuple[Record, ...]]:
    where = [
        (team, seen.id)
        for team, range_ in run.ranges.items()
        for host, seen in range_.hosts()
        if host.kind == "router"
    ]
    now = run.edges.clock.now()
    answers = run.edges.node.probe([(container, [ROUTER_QUERY]) for _, container in where])
    found: dict[str, tuple[Record, ...]] = {}
    for (team, _), (answer,) in zip(where, answers, strict=True):
        found[team] = (*found.get(team, ()), *parse_records(answer.data, now))
    return found


def _try(run: Run, action: React) -> None:
    work = f"{action.do} {action.team} {action.actor} {action.rule}"
    if not run.rested(work):
        return
    began = run.edges.clock.now()
    try:
        troubles = _react(run, action)
    except RangeError as error:
        troubles = (str(error),)
    if troubles:
        run.rest(work, began)
        told = "; ".join(troubles[:3])
        run.tell(Progress("trouble", f"{action.team}: {action.do}: tried again later: {told}"))


def _react(run: Run, action: React) -> Sequence[str]:
    """Carry a reaction out and record it; return why it could not be."""
    items: tuple[Item, ...] = ()
    troubles: Sequence[str] = ()
    match action.do:
        case "replant":
            items = tuple(i for i in run.items[action.team] if i.artefact.id == action.subject)
            _, troubles = put(run, action.team, items)
        case "fallback" | "log_gap":
            items = run.reserved(action.team, f"{action.actor}/{action.plant}")
            planted = run.ledger.planted.get(action.team, {})
            fresh = [item for item in items if item.artefact.id not in planted]
            troubles = plant(run, action.team, fresh)
        case "go_quiet" | "return":
            pass
        case _:
            assert_never(action.do)
    if troubles:
        return troubles
    run.ledger.add([_reacted(run, action, items)])
    if action.do in {"go_quiet", "return"}:
        renew_leases(run)
    run.tell(Progress("reaction", f"{action.team}: {action.actor}: {action.do}: {action.cause}"))
    return ()


def _reacted(run: Run, action: React, items: Sequence[Item]) -> Reacted:
    implants = (item.artefact for item in items if item.artefact.nature == "implant")
    return Reacted(
        at=run.edges.clock.now(),
        team=action.team,
        actor=action.actor,
        rule=action.rule,
        do=action.do,
        cause=action.cause,
        plant=action.plant,
        artefacts=tuple(artefact.id for artefact in implants),
        until=action.until and run.ledger.history.pauses.wall(action.until),
    )


def _send(run: Run, action: Send) -> None:
    """Put an inject into the kits of the teams it is for."""
    now = run.edges.clock.now()
    inject = run.exercise.inject(action.inject)
    work: list[tuple[str, list[Edit]]] = [
        (kit, [_message(run, team, action.inject, inject, now)])
        for team, kit in run.kits()
        if action.team in {None, team}
    ]
    run.edges.node.plant(work)
    run.ledger.add([Injected(at=now, inject=action.inject, cause=action.cause, team=action.team)])
    run.tell(Progress("inject", f"{action.team or 'all'}: {action.inject} ({action.cause})"))


def _message(run: Run, team: str, name: str, inject: Inject, now: datetime) -> Edit:
    number = run.ledger.messages(team) + 1
    to = "the guests" if inject.to == "hunter" else "the partner, and you beside him"
    head = f"From: {inject.from_}\nTo: {to}\nDate: {now:%Y-%m-%d %H:%M:%SZ}\n"
    text = f"{head}Subject: {inject.title}\n\n{inject.text}\n"
    return Write(f"{MESSAGES}/{number:02d}-{name}.txt", text.encode())
