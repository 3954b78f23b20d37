"""An exercise drawn: chains as rows of cards with the time between them, reactions below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rangectl.plan.chain import Answer, Chart, Lane, Step
from rangectl.plan.drawing import Format
from rangectl.plan.ink import PAGE, STYLE, cut, rectangle, safe, text, told
from rangectl.plan.layout import Box

_COLUMNS, _WIDTH, _HEIGHT, _GAP, _DROP = 5, 216, 106, 76, 44
_LEFT, _ROW = 40, 24
_TOTAL = 2 * _LEFT + _COLUMNS * _WIDTH + (_COLUMNS - 1) * _GAP


def draw_chart(chart: Chart, form: Format) -> str:
    """Return a drawing; the same exercise gives the same text."""
    match form:
        case "mermaid":
            return mermaid_chart(chart)
        case "svg":
            return svg_chart(chart)
        case "html":
            return PAGE.format(name=safe(chart.name), svg=svg_chart(chart))


def mermaid_chart(chart: Chart) -> str:
    """Return a flowchart: a subgraph for each actor, dwell times on its arrows, dotted arrows to
    what reactions plant.
    """
    out = ["flowchart LR"]
    for number, lane in enumerate(chart.lanes):
        out.append(f'  subgraph a{number}["{told(lane.actor, f"calls {lane.sinkhole}")}"]')
        out += [f"    {one}" for one in _nodes(lane, f"a{number}")]
        out.append("  end")
    for number, move in enumerate(chart.moves):
        out.append(f'  m{number}>"{told(move)}"]')
    return "\n".join(out) + "\n"


def svg_chart(chart: Chart) -> str:
    """Return an image that suits light and dark surroundings and paper."""
    parts: list[str] = []
    y = 96.0
    for lane in chart.lanes:
        drawn, height = _lane(lane, y)
        parts += [f'<g class="adversary">{rectangle("band", Box(20, y, _TOTAL - 40, height), 10)}']
        parts += [rectangle("side", Box(20, y, 6, height), 3), "</g>", *drawn]
        y += height + 20
    parts += _moves(chart.moves, y)
    y += _ROW * (len(chart.moves) + 1) + 20 if chart.moves else 0
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_TOTAL:g} {y:g}" role="img">',
        f"<title>{safe(chart.name)}</title>",
        f"<style>{STYLE}</style>",
        rectangle("page", Box(0, 0, _TOTAL, y), 0),
        text("name", 28, 44, chart.name),
        text("about", 28, 68, cut(f"{chart.topology}: {chart.description}", 160)),
    ]
    return "\n".join([*head, *parts, "</svg>"]) + "\n"


def _nodes(lane: Lane, prefix: str) -> Iterator[str]:
    for index, step in enumerate(lane.steps):
        yield f'{prefix}s{index}["{told(*_words(step))}"]'
    for index, step in enumerate(lane.steps[1:], 1):
        arrow = f'-->|"{told(step.dwell)}"|' if step.dwell else "-->"
        yield f"{prefix}s{index - 1} {arrow} {prefix}s{index}"
    for index, step in enumerate(lane.reserve):
        yield f'{prefix}k{index}(["{told(*_words(step))}"])'
    for index, one in enumerate(lane.answers):
        yield f'{prefix}r{index}{{{{"{told(one.when, one.words, one.bounds)}"}}}}'
        if one.plants is not None:
            yield f"{prefix}r{index} -.-> {prefix}k{one.plants}"


def _words(step: Step) -> tuple[str, ...]:
    return (step.entry, f"on {step.on}", step.when, *step.notes)


def _lane(lane: Lane, top: float) -> tuple[list[str], float]:
    """Return an actor's part of the image, and how high it is."""
    parts = [
        text("title", _LEFT, top + 28, lane.actor),
        text("mono", _TOTAL - _LEFT, top + 28, f"calls {lane.sinkhole}", anchor="end"),
    ]
    y = top + 46
    for number, step in enumerate(lane.steps):
        row, column = divmod(number, _COLUMNS)
        box = _box(column, y + row * (_HEIGHT + _DROP))
        if number:
            parts += _arrow(step, box, fresh_row=column == 0)
        parts += _card(step, box)
    y += -(-len(lane.steps) // _COLUMNS) * (_HEIGHT + _DROP)
    if lane.reserve:
        parts.append(text("small", _LEFT, y, "kept in reserve"))
        for number, step in enumerate(lane.reserve):
            row, column = divmod(number, _COLUMNS)
            parts += _card(step, _box(column, y + 12 + row * (_HEIGHT + _DROP)))
        y += 12 + -(-len(lane.reserve) // _COLUMNS) * (_HEIGHT + _DROP)
    parts += _answers(lane.answers, y)
    return parts, y + _ROW * len(lane.answers) + 12 - top


def _box(column: int, y: float) -> Box:
    return Box(_LEFT + column * (_WIDTH + _GAP), y, _WIDTH, _HEIGHT)


def _card(step: Step, box: Box) -> Iterator[str]:
    yield rectangle("card", box, 8)
    yield text("title", box.x + 12, box.y + 24, cut(step.entry, 22))
    yield text("mono", box.x + 12, box.y + 44, cut(f"on {step.on}", 24))
    for number, line in enumerate((step.when, *step.notes)):
        yield text("small", box.x + 12, box.y + 63 + number * 17, cut(line, 30))


def _arrow(step: Step, box: Box, *, fresh_row: bool) -> Iterator[str]:
    """Draw the way from the card before; a new row begins below its left end."""
    if fresh_row:
        turn = box.y - _DROP / 2
        right = _LEFT + (_COLUMNS - 1) * (_WIDTH + _GAP) + _WIDTH / 2
        way = f"M{right:g} {box.y - _DROP:g}V{turn:g}H{box.middle:g}V{box.y:g}"
        yield f'<path class="wire" d="{way}"/>'
        tip = f"M{box.middle - 5:g} {box.y - 7:g}L{box.middle:g} {box.y:g}"
        yield f'<path class="wire" d="{tip}L{box.middle + 5:g} {box.y - 7:g}"/>'
        yield text("small", box.middle + 8, turn - 4, step.dwell)
        return
    middle = box.y + _HEIGHT / 2
    yield f'<path class="wire" d="M{box.x - _GAP:g} {middle:g}H{box.x:g}"/>'
    tip = f"M{box.x - 7:g} {middle - 5:g}L{box.x:g} {middle:g}L{box.x - 7:g} {middle + 5:g}"
    yield f'<path class="wire" d="{tip}"/>'
    yield text("small", box.x - _GAP / 2, middle - 8, step.dwell, anchor="middle")


def _answers(answers: Sequence[Answer], y: float) -> Iterator[str]:
    for number, one in enumerate(answers):
        words = f"{one.when} → {one.words} ({one.bounds})"
        yield text("mono", _LEFT, y + number * _ROW, cut(words, 140))


def _moves(moves: Sequence[str], y: float) -> Iterator[str]:
    if moves:
        yield text("title", 28, y + 12, "Injects")
    for number, move in enumerate(moves, 1):
        yield text("mono", 28, y + 12 + number * _ROW, cut(move, 140))
