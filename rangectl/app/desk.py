"""The partner's desk: what teams hand in is verified, recorded, answered and carried out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rangectl.app.mailbox import Letter, closed, collect, receipt
from rangectl.app.plant import renew_leases
from rangectl.app.reset import replace_host
from rangectl.app.run import Run
from rangectl.errors import RangeError
from rangectl.model.events import Answered, Observed, Rebuilt, Submitted
from rangectl.model.finding import Done, Finding, Request
from rangectl.plan.personal import is_seat, partner_key
from rangectl.plan.probing import Answer, Query, Write
from rangectl.progress import Progress
from rangectl.scoring.evidence import questions, verified

_MOST = 1000
_REBUILD_REST = timedelta(seconds=60)

_Waiting = tuple[tuple[str, str], Request]


@dataclass(frozen=True, slots=True)
class _Reply:
    status: str
    message: str


def serve(run: Run) -> None:
    """Collect what every team handed in, and deal with each piece in the order it came.

    A piece is recorded before it leaves the outbox, and a request answered as long as it is
    pending: whatever moment a director dies at, the next one takes up there. Rebuilds take a while:
    one is carried out at a time, for the team that had the fewest, so that none waits for the many
    of another.
    """
    waiting = [one for one in run.ledger.pending.items() if run.rested(_work(*one[0]))]
    for (team, request), content in _in_turn(run, waiting)[:1]:
        _answer(run, team, request, content)
    letters = collect(run.edges, run.kits())
    fresh = [one for one in letters if _is_new(run, one)]
    for letter in letters:
        if letter not in fresh:
            _tell(run, letter.team, letter.id, _again(run, letter))
    for letter, checked in zip(fresh, _verify(run, fresh), strict=True):
        _tell(run, letter.team, letter.id, _deal(run, letter, checked, run.edges.clock.now()))
    for team, kit in run.kits():
        edits = [closed(letter.id) for letter in letters if letter.team == team]
        if edits:
            run.edges.node.plant([(kit, edits)])


def _in_turn(run: Run, waiting: list[_Waiting]) -> list[_Waiting]:
    if len(waiting) < 2:
        return waiting
    had = Counter(one.team for one in run.ledger.events if isinstance(one, Rebuilt))
    return sorted(waiting, key=lambda one: had[one[0][0]])


def _answer(run: Run, team: str, request: str, content: Request) -> None:
    """Answer a pending request; one that cannot be carried out now stops no other, nor the run."""
    began = run.edges.clock.now()
    try:
        _tell(run, team, request, _grant(run, team, request, content))
    except RangeError as error:
        run.rest(_work(team, request), began)
        run.tell(Progress("trouble", f"{team}: {content.action}: tried again later: {error}"))


def _work(team: str, request: str) -> str:
    return f"answer {team} {request}"


def _tell(run: Run, team: str, letter: str, reply: _Reply) -> None:
    edit = receipt(letter, run.edges.clock.now(), reply.status, reply.message)
    run.edges.node.plant([(dict(run.kits())[team], [edit])])


def _again(run: Run, letter: Letter) -> _Reply:
    """What was dealt with, but still lies there: its receipt may not have arrived."""
    if isinstance(letter.content, Request) and (letter.team, letter.id) not in run.ledger.pending:
        return _Reply("approved", "this was answered already")
    return _Reply("received", "thank you")


def _is_new(run: Run, letter: Letter) -> bool:
    return letter.id not in run.ledger.submitted.get(letter.team, set())


def _verify(run: Run, letters: Sequence[Letter]) -> list[tuple[bool, ...]]:
    """Ask the range about every piece of evidence of every finding, in one round."""
    asked: list[tuple[str, Sequence[Query]]] = []
    spans = []
    for letter in letters:
        wanted = _questions(run, letter)
        spans.append((len(asked), len(asked) + len(wanted)))
        asked += [(container, [query]) for container, query in wanted]
    answers = [answer for (answer,) in run.edges.node.probe(asked)] if asked else []
    return [
        _verified(run, letter, answers[begin:end])
        for letter, (begin, end) in zip(letters, spans, strict=True)
    ]


def _questions(run: Run, letter: Letter) -> list[tuple[str, Query]]:
    if not isinstance(letter.content, Finding) or not _knows(run, letter):
        return []
    container = run.ranges[letter.team].container(letter.content.host).id
    return [(container, query) for query in questions(letter.content)]


def _verified(run: Run, letter: Letter, answers: Sequence[Answer]) -> tuple[bool, ...]:
    if not isinstance(letter.content, Finding) or not _knows(run, letter):
        return ()
    planted = tuple(run.ledger.planted.get(letter.team, {}).values())
    mine = [
        event
        for event in run.ledger.events
        if isinstance(event, Observed) and event.team == letter.team
    ]
    return verified(letter.content, answers, planted, mine)


def _knows(run: Run, letter: Letter) -> bool:
    """Say whether the host that a submission names is one of the partner's."""
    range_ = run.ranges[letter.team]
    host = getattr(letter.content, "host", None)
    return any(host == spec.name and is_seat(range_.spec, spec) for spec, _ in range_.hosts())


def _deal(run: Run, letter: Letter, checks: tuple[bool, ...], now: datetime) -> _Reply:
    if letter.content is None:
        return _Reply("refused", letter.trouble)
    needs_host = isinstance(letter.content, Finding) or _is_rebuild(letter)
    if needs_host and not _knows(run, letter):
        return _Reply("refused", "host: not a host of the partner's")
    if too_much := _too_much(run, letter, now):
        return _Reply("refused", too_much)
    run.ledger.add(
        [
            Submitted(
                at=now,
                team=letter.team,
                id=letter.id,
                submission=letter.content,
                checks=checks,
            )
        ]
    )
    run.tell(Progress("submission", f"{letter.team}: {letter.content.kind} {letter.id}"))
    if _is_rebuild(letter):
        return _Reply("received", "the partner will rebuild it from its clean image")
    if isinstance(letter.content, Request):
        return _grant(run, letter.team, letter.id, letter.content)
    return _Reply("received", "thank you")


def _too_much(run: Run, letter: Letter, now: datetime) -> str | None:
    """Say why the partner takes no more of this: floods of one team must not hold up the others."""
    pieces = len(run.ledger.submitted.get(letter.team, set()))
    match letter.content:
        case Finding() if pieces >= _MOST:
            return f"the partner takes no more than {_MOST} pieces from a team"
        case Request(action="rebuild", host=host):
            pending = {(team, one.host) for (team, _), one in run.ledger.pending.items()}
            lately = (
                (event.team, event.host) == (letter.team, host) and now - event.at < _REBUILD_REST
                for event in run.ledger.events
                if isinstance(event, Rebuilt)
            )
            if (letter.team, host) in pending or any(lately):
                return f"host: {host} is being rebuilt, or was a moment ago"
        case Request(action="partner-seat") | Done() if pieces >= 2 * _MOST:
            return "the partner has had enough of this team"
        case _:
            pass
    return None


def _is_rebuild(letter: Letter) -> bool:
    return isinstance(letter.content, Request) and letter.content.action == "rebuild"


def _grant(run: Run, team: str, letter: str, request: Request) -> _Reply:
    """Approve a request and carry it out; approval is automatic in this form of exercise."""
    if request.action == "partner-seat":
        key = partner_key(run.ranges[team].secret)
        kit = dict(run.kits())[team]
        edit = Write(key.path, key.content, mode=key.mode, owner=key.owner)
        run.edges.node.plant([(kit, [edit])])
        now = run.edges.clock.now()
        run.ledger.add([Answered(at=now, team=team, request=letter, approved=True)])
        return _Reply("approved", "the partner's key is at ~/.ssh/partner: ssh HOST-partner")
    host = request.host or ""
    run.ranges[team] = replace_host(run.edges, run.ranges[team], host)
    renew_leases(run)
    now = run.edges.clock.now()
    run.ledger.add(
        [
            Answered(at=now, team=team, request=letter, approved=True),
            Rebuilt(at=now, team=team, host=host, by="partner"),
        ]
    )
    return _Reply("approved", f"{host} was rebuilt from its clean image")
