"""The board in words, as a table and as plain data: every point with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from textwrap import wrap
from typing import Any

from pydantic import TypeAdapter

from rangectl.scoring.claims import FalseClaim
from rangectl.scoring.fold import Board, ImplantLine, TeamBoard
from rangectl.scoring.formula import CONDUCT_CAP, SERVICE_CAP, Part
from rangectl.scoring.marks import BEST, MarkLine
from rangectl.scoring.plain import plain

_ADAPTER = TypeAdapter(Board)
_WIDTH = 100
_LEVELS = {
    "telemetry": "a trace of it handed in, but not judged",
    "general": "called malicious, no or a wrong technique named",
    "tactic": "tactic named",
    "parent": "technique named without its sub-technique",
    "exact": "technique named exactly",
}


def as_dict(board: Board) -> dict[str, Any]:
    """Return the board as plain data for JSON, with the reasons of every team."""
    data: dict[str, Any] = _ADAPTER.dump_python(board, mode="json")
    for team in data["teams"]:
        team["reasons"] = list(explain(board, team["name"]))
        for line in team["implants"]:
            if line["detection"] is not None:
                line["detection"]["kinds"].sort()
    return data


def as_text(board: Board, *, reasons: bool = False) -> str:
    """Return the board as a table, with the `reasons` of every team below it if they are wanted."""
    lines = [_title(board), "", *_table(board)]
    for team in board.teams if reasons else ():
        lines += ["", f"{team.name}:"]
        for reason in explain(board, team.name):
            lines += wrap(reason, _WIDTH, initial_indent="  - ", subsequent_indent="    ")
    return "\n".join(lines) + "\n"


def explain(board: Board, team: str) -> tuple[str, ...]:
    """Return where every point of a team's score comes from, in plain sentences."""
    mine = board.team(team)
    return (
        *_whole(mine),
        *(_part(mine, part) for part in mine.score.parts if part.share is not None),
        _precision(mine),
        *_strokes(board, mine),
        *(_implant(board, line) for line in mine.implants),
        *(_false(one) for one in mine.false),
        *(_mark(one) for one in mine.marks),
        *_losses(mine),
    )


def ranked(board: Board) -> list[TeamBoard]:
    """Return the teams, the best first."""
    return sorted(board.teams, key=lambda one: (-round(one.score.score, 6), one.name))


def _title(board: Board) -> str:
    when = f"at {clock(board.at)}"
    if board.ended is not None:
        when = f"at ENDEX ({board.why}), {clock(board.at)}"
    elif board.started is None:
        when += ", before STARTEX"
    elif board.paused is not None:
        when += f", paused since {clock(board.paused)}"
    return f"{board.run}: {board.exercise}, {when}, formula {board.formula}"


def _table(board: Board) -> Iterator[str]:
    width = max([4, *(len(team.name) for team in board.teams)])
    heads = ("score", "D", "P", "T", "E", "R", "M", "H", "found", "gone", "false", "up %")
    yield f"{'team':{width}} " + "".join(f"{head:>7}" for head in heads)
    for team in ranked(board):
        yield f"{team.name:{width}} " + "".join(f"{cell:>7}" for cell in _cells(team))


def _cells(team: TeamBoard) -> tuple[str, ...]:
    score, count = team.score, len(team.implants)
    up = team.checks.availability
    return (
        f"{score.score:.1f}",
        *(f"{x:.2f}" for x in (score.detection, score.precision, score.speed, score.eviction)),
        "-" if score.report is None else f"{score.report:.2f}",
        f"{score.merit:.1f}",
        f"{score.loss:.1f}",
        f"{score.found}/{count}",
        f"{team.gone}/{team.removable}",
        str(team.counted(decoys=True) + team.counted(decoys=False)),
        "-" if up is None else f"{100 * up:.1f}",
    )


def _whole(team: TeamBoard) -> Iterator[str]:
    score = team.score
    yield (
        f"{score.score:.1f} of 100 points: {score.merit:.1f} earned (M), {score.loss:.1f} taken off"
        f" (H){'; a score is never below 0' if score.merit < score.loss else ''}."
    )
    if missing := [part for part in score.parts if part.share is None]:
        names = ", ".join(f"{part.name} ({part.weight:g} points)" for part in missing)
        yield (
            f"Not assessed in this exercise: {names}; what is assessed counts"
            f" x {score.scale:.4f}, so that it makes 100."
        )


def _part(team: TeamBoard, part: Part) -> str:
    score = team.score
    terms = {
        "detection": f"D {score.detection:.3f} x precision {score.precision:.3f}; D is the weighted"
        " mean of level x (half + half the evidence)",
        "eviction": f"E {score.eviction:.3f}",
        "speed": f"T {score.speed:.3f} x precision {score.precision:.3f}; T is the weighted mean of"
        " the time that was left",
        "report": f"R {part.share:.3f}, the mean of the marks",
    }
    full = part.weight * score.scale
    return f"{part.name.capitalize()}: {part.points:.1f} of {full:.1f} points ({terms[part.name]})."


def _precision(team: TeamBoard) -> str:
    decoys, others = team.counted(decoys=True), team.counted(decoys=False)
    found = team.score.found
    if not found:
        return "Precision: 0, because no finding was accepted."
    return (
        f"Precision: {found} found / ({found} + {others} unfounded + 2 x {decoys} on decoys)"
        f" = {team.score.precision:.3f}."
    )


def _strokes(board: Board, team: TeamBoard) -> Iterator[str]:
    for stroke in team.score.strokes:
        yield (
            f"Chain {stroke.chain or '(none)'}: {100 * stroke.sigma:.0f} % of its weight was"
            f" removed within {span(board.stroke)} of its first removal,"
            f" so its removals count x {stroke.kappa:.3f}."
        )


def _implant(board: Board, line: ImplantLine) -> str:
    got, full = line.points, line.possible
    return (
        f"{line.entry} on {line.host} (weight {line.weight}):"
        f" {got.total:.1f} of {full.total:.1f} points."
        f" {_found(board, line)}: {got.detection:.1f} of {full.detection:.1f} for detection,"
        f" {got.speed:.1f} of {full.speed:.1f} for speed."
        f" {_gone(board, line)}: {got.eviction:.1f} of {full.eviction:.1f} for eviction."
    )


def _found(board: Board, line: ImplantLine) -> str:
    found = line.detection
    if found is None:
        return "Not found"
    after = span((line.late or 0.0) * board.length)
    times = f", {found.findings} findings of it count as one" if found.findings > 1 else ""
    lacks = f", evidence lacking: {', '.join(line.lacks)}" if line.lacks else ""
    claimed = found.claimed or "no technique"
    return (
        f"Found {after} after it could be (best finding {_plain(found.finding)}{times});"
        f" {_LEVELS[line.level]} ({claimed}; it is {line.technique or 'none'}), level {line.d:g},"
        f" evidence {line.q:.2f}{lacks}"
    )


def _gone(board: Board, line: ImplantLine) -> str:
    if line.e is None:
        return "There is nothing to remove"
    shares = f"share gone through the hold {line.e:.2f}"
    if line.e and not line.saved:
        shares += ", no evidence of it was handed in before (x 0.8)"
    if line.e and line.detection is None:
        shares += ", removed without a finding (x 0.5)"
    return f"{_fate(board, line)}; {shares}"


def _fate(board: Board, line: ImplantLine) -> str:
    stands = f"still there: {', '.join(line.stands)}" if line.stands else ""
    waits = ""
    if line.holding:
        waits = f"gone, but not yet for {span(board.hold)}: {', '.join(line.holding)}"
    details = "; ".join(part for part in (waits, stands) if part)
    match line.state:
        case "ejected" | "over-ejected":
            when = f"at {clock(line.removed)}" if line.removed else ""
            more = f", but so was what is the partner's: {', '.join(line.broken)}"
            return f"Ejected {when} and it held{more if line.broken else ''}"
        case "regressed":
            return f"It was gone and came back ({details})"
        case "removed":
            return f"Removed, the hold had not run out ({details})"
        case "partial":
            return f"Removed in part ({details})"
        case "contained":
            return "It was silenced, and nothing of it was removed"
        case "planted" | "active" | "detected":
            return "Nothing of it was removed"


def _false(one: FalseClaim) -> str:
    price = {
        "decoy": "a decoy: counts twice against precision",
        "noise": "an ordinary change: counts against precision",
        "nothing": f"{one.because}: counts against precision",
    }[one.about]
    if one.repeated:
        price = "a mistake made before: costs nothing more"
    return f"Finding {_plain(one.finding)} on {one.host} is false, {price}."


def _mark(one: MarkLine) -> str:
    return f"Message {one.inject}: {one.mark} of {BEST}{f': {_plain(one.why)}' if one.why else ''}."


def _losses(team: TeamBoard) -> Iterator[str]:
    checks, up = team.checks, team.checks.availability
    if up is None:
        yield "Availability: not assessed, no check counted."
    else:
        yield (
            f"Availability: {checks.ok} of {checks.counted} checks good, {checks.recovering}"
            f" recovering (half), {checks.missed} missed, {checks.excused} excused:"
            f" A {up:.4f}, {checks.longest} misses in a row at most"
            f" (surcharge {100 * checks.surcharge:.0f} %)."
        )
    if team.rebuilt:
        yield f"Rebuilt at the team's request, a point each: {', '.join(team.rebuilt)}."
    if team.score.service_loss:
        yield (
            f"Downtime and rebuilds take off {team.score.service_loss:.1f} points"
            f" (at most {SERVICE_CAP:g})."
        )
    yield from _conduct(team)


def _conduct(team: TeamBoard) -> Iterator[str]:
    if team.conduct is None:
        yield "Conduct: not assessed, the exercise has no rules of engagement that are checked."
        return
    if not team.conduct:
        yield "Conduct: nothing was done against the rules of engagement."
    for one in team.conduct:
        yield f"Conduct: the team {one.words} ({clock(one.at)}): {one.price:g} points."
    if team.score.conduct_loss:
        yield f"Conduct takes off {team.score.conduct_loss:g} points (at most {CONDUCT_CAP:g})."


def clock(moment: datetime) -> str:
    """Write a moment, UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def span(length: timedelta) -> str:
    """Write a length in minutes and seconds."""
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    if not minutes:
        return f"{seconds} s"
    return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"


def _plain(text: str) -> str:
    """Return the beginning of a text that came from a range, fit for a terminal."""
    return plain(text[:60])
