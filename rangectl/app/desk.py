"""The partner's desk: what teams hand in is verified, recorded, answered and carried out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeGuard

from rangectl.app.mailbox import Letter, closed, collect, receipt
from rangectl.app.plant import renew_leases
from rangectl.app.reset import replace_host
from rangectl.app.run import Run
from rangectl.errors import RangeError
from rangectl.model.events import Answered, Observed, Rebuilt, Submitted
from rangectl.model.finding import Done, Finding, Reply, Request, Submission
from rangectl.plan.personal import is_seat, partner_key
from rangectl.plan.probing import Answer, Edit, Query, Write
from rangectl.progress import Progress
from rangectl.scoring.evidence import questions, verified

_MOST = 1000
_FEW = 3
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
    replies = [(one, _again(run, one)) for one in letters if one not in fresh]
    replies += _deal_with_all(run, fresh)
    receipts: dict[str, list[Edit]] = {team: [] for team, _ in run.kits()}
    for letter, reply in replies:
        receipts[letter.team] += [_receipt(run, letter.id, reply), closed(letter.id)]
    told = [(kit, receipts[team]) for team, kit in run.kits() if receipts[team]]
    if told:
        run.edges.node.plant(told)


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
    run.edges.node.plant([(dict(run.kits())[team], [_receipt(run, letter, reply)])])


def _receipt(run: Run, letter: str, reply: _Reply) -> Write:
    return receipt(letter, run.edges.clock.now(), reply.status, reply.message)


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


def _deal_with_all(run: Run, fresh: Sequence[Letter]) -> list[tuple[Letter, _Reply]]:
    """Record all that the partner takes, in one go; then grant what is granted at once."""
    now = run.edges.clock.now()
    taken: dict[tuple[str, str], Submitted] = {}
    replies: dict[tuple[str, str], _Reply] = {}
    for letter, checks in zip(fresh, _verify(run, fresh), strict=True):
        key = letter.team, letter.id
        refusal = _refusal(run, letter, tuple(taken.values()), now)
        if refusal is None and letter.content is not None:
            taken[key] = Submitted(
                at=now, team=letter.team, id=letter.id, submission=letter.content, checks=checks
            )
        replies[key] = _reply(letter, refusal)
    run.ledger.add([*taken.values()])
    _tell_of(run, [*taken.values()])
    for key, event in taken.items():
        if isinstance(event.submission, Request) and not _is_rebuild(event.submission):
            replies[key] = _grant(run, *key, event.submission)
    return [(letter, replies[letter.team, letter.id]) for letter in fresh]


def _tell_of(run: Run, taken: Sequence[Submitted]) -> None:
    """Tell what came, each piece by its id; of many of a kind from one team, how many."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for one in taken:
        kinds.setdefault((one.team, one.submission.kind), []).append(one.id)
    for (team, kind), ids in kinds.items():
        what = f"{len(ids)} {kind}s" if len(ids) > _FEW else f"{kind} {', '.join(ids)}"
        run.tell(Progress("submission", f"{team}: {what}"))


def _refusal(run: Run, letter: Letter, taken: Sequence[Submitted], now: datetime) -> str | None:
    """Say why the partner does not take a letter; `taken` are those that came with it."""
    if letter.content is None:
        return letter.trouble
    needs_host = isinstance(letter.content, Finding) or _is_rebuild(letter.content)
    if needs_host and not _knows(run, letter):
        return "host: not a host of the partner's"
    return _too_much(run, letter, taken, now)


def _reply(letter: Letter, refusal: str | None) -> _Reply:
    if refusal is not None:
        return _Reply("refused", refusal)
    if _is_rebuild(letter.content):
        return _Reply("received", "the partner will rebuild it from its clean image")
    return _Reply("received", "thank you")


def _too_much(run: Run, letter: Letter, taken: Sequence[Submitted], now: datetime) -> str | None:
    """Say why the partner takes no more of this: floods of one team must not hold up the others."""
    mine = [one.submission for one in taken if one.team == letter.team]
    pieces = len(run.ledger.submitted.get(letter.team, set())) + len(mine)
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
            now_too = any(_is_rebuild(one) and one.host == host for one in mine)
            if now_too or (letter.team, host) in pending or any(lately):
                return f"host: {host} is being rebuilt, or was a moment ago"
        case Reply(message=message) if not _was_sent(run, letter.team, message):
            return f"message: no message {message!r} has reached you"
        case Request(action="partner-seat") | Reply() | Done() if pieces >= 2 * _MOST:
            return "the partner has had enough of this team"
        case _:
            pass
    return None


def _was_sent(run: Run, team: str, message: str) -> bool:
    return any(one.inject == message and one.team in {None, team} for one in run.ledger.injected)


def _is_rebuild(content: Submission | None) -> TypeGuard[Request]:
    return isinstance(content, Request) and content.action == "rebuild"


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
