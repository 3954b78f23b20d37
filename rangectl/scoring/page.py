"""The board as a page of its own, to be shown and kept: no scripts, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from rangectl.scoring.fold import Board, ImplantLine, TeamBoard
from rangectl.scoring.formula import Part
from rangectl.scoring.states import State
from rangectl.scoring.telling import clock, explain, ranked, span

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --soft: #5d6b7a; --page: #f6f7f9;
  --card: #fff; --edge: #d9dfe5; --good: #1f7a4d; --bad: #b3372f; --bar: #2f6db3; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf0; --soft: #9aa7b5; --page: #14191f;
  --card: #1c232b; --edge: #333e49; --good: #5cc08c; --bad: #ef8a80; --bar: #6aa5e6; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.5rem; color: var(--ink);
  background: var(--page); font: 15px/1.45 system-ui, "Liberation Sans", sans-serif; }
h1 { margin: 0; font-size: 1.7rem; } h2 { margin: 0; font-size: 1.25rem; }
h3 { margin: 1.4rem 0 .4rem; font-size: 1rem; } p { margin: .3rem 0; }
.soft { color: var(--soft); } .good { color: var(--good); } .bad { color: var(--bad); }
section { margin-top: 1.5rem; padding: 1.2rem 1.4rem; background: var(--card);
  border: 1px solid var(--edge); border-radius: 10px; }
.wide { overflow-x: auto; } table { width: 100%; border-collapse: collapse; }
th, td { padding: .35rem .6rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--edge); }
tr:last-child td { border-bottom: 0; } th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; } th { color: var(--soft); font-weight: 600; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.head { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; }
.score { font-size: 2rem; font-weight: 700; font-variant-numeric: tabular-nums; }
.track { height: .6rem; min-width: 8rem; margin-top: .45rem; border-radius: .3rem;
  background: var(--edge); } .one { white-space: nowrap; }
.fill { height: 100%; border-radius: .3rem; background: var(--bar); }
summary { cursor: pointer; margin-top: 1rem; color: var(--soft); } li { margin: .25rem 0; }
@media print { body { padding: 0; } section { break-inside: avoid; } }
"""


def as_page(board: Board) -> str:
    """Return the board as a whole page of HTML, every team with its implants and its reasons."""
    title = f"{escape(board.exercise)}: {escape(board.run)}"
    body = "\n".join(
        [*_top(board), *(line for team in ranked(board) for line in _team(board, team))]
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _top(board: Board) -> Iterator[str]:
    yield f"<h1>{escape(board.exercise)}</h1>"
    yield f'<p class="soft">Run {escape(board.run)}. {_when(board)} Formula {board.formula}.</p>'
    yield "<section><h2>Board</h2>"
    heads = ("Team", "#Score", "#Found", "#Gone", "#False", "#Services up", "#Earned", "#Taken off")
    yield from _table(heads, (_row(team) for team in ranked(board)))
    yield "</section>"


def _when(board: Board) -> str:
    if board.ended is not None:
        return f"It ended at {clock(board.ended)} ({board.why})."
    if board.started is None:
        return f"At {clock(board.at)}, before STARTEX."
    still = f" It is paused since {clock(board.paused)}." if board.paused is not None else ""
    return f"Under way, as of {clock(board.at)}.{still}"


def _row(team: TeamBoard) -> Iterator[str]:
    up, score = team.checks.availability, team.score
    yield escape(team.name)
    yield f"<strong>{score.score:.1f}</strong>"
    yield f"{score.found} of {len(team.implants)}"
    yield f"{team.gone} of {team.removable}"
    yield str(team.counted(decoys=True) + team.counted(decoys=False))
    yield "not assessed" if up is None else f"{100 * up:.1f} %"
    yield f"{score.merit:.1f}"
    yield f"{score.loss:.1f}"


def _team(board: Board, team: TeamBoard) -> Iterator[str]:
    yield f'<section><div class="head"><h2>{escape(team.name)}</h2>'
    yield f'<span class="score">{team.score.score:.1f}</span></div>'
    yield from _table(("Part", "Reached", "#Points"), (_part(team, p) for p in team.score.parts))
    yield "<h3>Implants</h3>"
    heads = ("Implant", "Host", "Found", "Named", "What became of it", "#Points")
    yield from _table(heads, (_implant(board, line) for line in team.implants))
    for head, lines in _lists(team):
        yield f"<h3>{head}</h3><ul>"
        yield from (f"<li>{escape(line)}</li>" for line in lines)
        yield "</ul>"
    yield "<details><summary>Every point, with its reason</summary><ul>"
    yield from (f"<li>{escape(reason)}</li>" for reason in explain(board, team.name))
    yield "</ul></details></section>"


def _part(team: TeamBoard, part: Part) -> Iterator[str]:
    full = part.weight * team.score.scale
    yield part.name.capitalize()
    if part.share is None:
        yield '<span class="soft">not assessed</span>'
        yield '<span class="soft">-</span>'
        return
    share = 100 * part.points / full if full else 0.0
    yield f'<div class="track"><div class="fill" style="width: {share:.1f}%"></div></div>'
    yield f"{part.points:.1f} of {full:.1f}"


def _implant(board: Board, line: ImplantLine) -> Iterator[str]:
    found = line.detection
    yield escape(line.entry)
    yield f'<span class="one">{escape(line.host)}</span>'
    if found is None:
        yield '<span class="bad">no</span>'
        yield f'<span class="soft">it is {escape(line.technique)}</span>'
    else:
        lacks = f", lacking {', '.join(line.lacks)}" if line.lacks else ""
        yield f"after {span((line.late or 0.0) * board.length)}{lacks}"
        right = line.level == "exact"
        named = escape(found.claimed or "nothing")
        yield named if right else f"{named}; it is {escape(line.technique)}"
    if line.e is None:
        yield '<span class="soft">nothing to remove</span>'
    else:
        kind = "good" if line.state == "ejected" else "bad"
        yield f'<span class="{kind}">{_FATES[line.state]}</span>{_beside(line)}'
    yield f"{line.points.total:.1f} of {line.possible.total:.1f}"


def _beside(line: ImplantLine) -> str:
    return f"; broken beside it: {escape(', '.join(line.broken))}" if line.broken else ""


def _lists(team: TeamBoard) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what else there is to tell of a team, under its heads; nothing where there is none."""
    breaches = tuple(f"{clock(b.at)}: {b.words} ({b.price:g} points)" for b in team.conduct or ())
    wrong = tuple(
        f"{one.host}: {one.because if one.about == 'nothing' else f'about {_ABOUT[one.about]}'}"
        for one in team.false
        if not one.repeated
    )
    told = tuple(f"{m.inject}: {m.mark} of 5{f', {m.why}' if m.why else ''}" for m in team.marks)
    rebuilt = tuple(f"{host}: a point" for host in team.rebuilt)
    for head, lines in (
        ("Against the rules of engagement", breaches),
        ("False findings", wrong[:_MOST]),
        ("Messages", told),
        ("Rebuilt at the team's request", rebuilt),
    ):
        if lines:
            yield head, lines
    if len(wrong) > _MOST:
        yield "More", (f"{len(wrong) - _MOST} more false findings",)


_FATES: dict[State, str] = {
    "planted": "not removed",
    "active": "not removed",
    "detected": "not removed",
    "contained": "silenced, not removed",
    "partial": "removed in part",
    "removed": "removed, the hold had not run out",
    "ejected": "ejected",
    "over-ejected": "ejected, with what is the partner's",
    "regressed": "came back",
}
_ABOUT = {"decoy": "a decoy, which counts twice", "noise": "an ordinary change"}
_MOST = 20


def _table(heads: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield a table; a head that begins with # is of numbers."""
    kinds = [' class="n"' if head.startswith("#") else "" for head in heads]
    yield '<div class="wide"><table><thead><tr>'
    yield "".join(f"<th{k}>{h.lstrip('#')}</th>" for k, h in zip(kinds, heads, strict=True))
    yield "</tr></thead><tbody>"
    for row in rows:
        cells = zip(kinds, row, strict=True)
        yield f"<tr>{''.join(f'<td{kind}>{cell}</td>' for kind, cell in cells)}</tr>"
    yield "</tbody></table></div>"
