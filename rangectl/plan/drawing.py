"""A drawing as text: Mermaid, SVG, and a page that holds all it needs."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from typing import Literal, get_args

from rangectl.model.topology import Zone
from rangectl.plan.graph import Card, Graph, Nic
from rangectl.plan.layout import DROP, MARGIN, Box, Layout, layout, mark_of, rows_of

Format = Literal["mermaid", "svg", "html"]

_LIGHT = {
    "page": "#fbfaf7",
    "ink": "#1d2733",
    "soft": "#5b6875",
    "card": "#ffffff",
    "edge": "#c9d0d6",
    "adversary": "#b3382c",
    "partner": "#1f6299",
    "hunt": "#2c7a4b",
}
_DARK = {
    "page": "#14191f",
    "ink": "#e8ecf0",
    "soft": "#a9b5c0",
    "card": "#2b3641",
    "edge": "#566472",
    "adversary": "#f08a7c",
    "partner": "#7db8ea",
    "hunt": "#79cf9b",
}

_SHAPES = """
svg { font-family: system-ui, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.band { fill-opacity: 0.09; } .wire { stroke-width: 1.5; fill: none; }
.bus { stroke-width: 5; stroke-linecap: round; fill: none; } .nic { stroke-width: 3; }
.card { stroke-width: 1.2; } .router .card, .kit .card { stroke-width: 2; }
.name { font-size: 24px; font-weight: 700; } .about { font-size: 14px; }
.zone { font-size: 13px; font-weight: 700; } .title { font-size: 15px; font-weight: 700; }
.small { font-size: 12.5px; } .mono { font-size: 12.5px;
  font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
"""
_COLOURS = """
html, .page {{ background: {page}; fill: {page}; }} text {{ fill: {ink}; }}
.about, .small {{ fill: {soft}; }} .wire {{ stroke: {soft}; }} .nic {{ fill: {page}; }}
.card {{ fill: {card}; stroke: {edge}; }} .router .card {{ stroke: {ink}; }}
.kit .card {{ stroke: {hunt}; }}
"""
_ZONE = """
.{zone} .band, .{zone} .side, .{zone} .zone {{ fill: {colour}; }}
.bus.{zone}, .nic.{zone} {{ stroke: {colour}; }}
"""


def _colours(colours: Mapping[str, str]) -> str:
    zones = (_ZONE.format(zone=zone, colour=colours[zone]) for zone in get_args(Zone))
    return _COLOURS.format_map(colours) + "".join(zones)


# Plain colours and no variables, for programs that show slides; paper is light.
_STYLE = (
    f"{_SHAPES}{_colours(_LIGHT)}"
    f"@media screen and (prefers-color-scheme: dark) {{{_colours(_DARK)}}}\n"
)

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{name}</title>
<style>
@page {{ size: A4 landscape; margin: 8mm; }}
:root {{ color-scheme: light dark; }}
body {{ margin: 0; }}
svg {{ display: block; width: 100vw; height: 100vh; }}
@media screen and (max-width: 800px) {{ svg {{ width: auto; height: auto; }} }}
@media print {{ svg {{ width: 100%; height: 190mm; }} }}
</style>
</head>
<body>
{svg}</body>
</html>
"""


def draw(graph: Graph, form: Format) -> str:
    """Return a drawing; the same topology gives the same text."""
    match form:
        case "mermaid":
            return mermaid(graph)
        case "svg":
            return svg(graph)
        case "html":
            return _PAGE.format(name=_safe(graph.name), svg=svg(graph))


def mermaid(graph: Graph) -> str:
    """Return a flowchart: a subgraph for each zone, an edge for each NIC, dotted ones for rules."""
    segments = {line.name: f"s{index}" for index, line in enumerate(graph.lines)}
    out = ["flowchart LR"]
    for zone in dict.fromkeys(line.zone for line in graph.lines):
        out.append(f'  subgraph {zone}_zone["{zone}"]')
        inside = [line for line in graph.lines if line.zone == zone]
        out += [f'    {segments[one.name]}[["{_told(one.name, one.subnet)}"]]' for one in inside]
        out.append("  end")
    for index, card in enumerate(graph.cards):
        begin, end = {"router": ("{{", "}}"), "kit": ("([", "])"), "host": ("[", "]")}[card.kind]
        label = _told(card.title, *mark_of(card), ", ".join(card.roles))
        out.append(f'  h{index}{begin}"{label}"{end}')
        for nic in card.nics:
            out.append(f'  {segments[nic.segment]} ---|"{_told(_addresses(nic))}"| h{index}')
    for one in graph.passes:
        label = _told(f"{one.router}: {', '.join(one.allow)}")
        out.append(f'  {segments[one.source]} -. "{label}" .-> {segments[one.target]}')
    return "\n".join(out) + "\n"


def svg(graph: Graph) -> str:
    """Return an image that suits light and dark surroundings and paper."""
    placed = layout(graph)
    size = f"{placed.width:g} {placed.height:g}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img">',
        f"<title>{_safe(graph.name)}</title>",
        f"<style>{_STYLE}</style>",
        _rectangle("page", Box(0, 0, placed.width, placed.height), 0),
        _text("name", MARGIN, 44, graph.name),
        _text("about", MARGIN, 68, _cut(graph.description, int((placed.width - 60) / 7.4))),
        *_bands(placed),
        *_wires(placed),
        *_buses(placed),
        *(part for card, box in placed.cards for part in _card(card, box)),
        *_nics(placed),
        *_rules(graph, placed),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _bands(placed: Layout) -> Iterator[str]:
    told = ""
    for line, box in placed.bands:
        yield f'<g class="{line.zone}">'
        yield _rectangle("band", box, 10)
        yield _rectangle("side", Box(box.x, box.y, 6, box.height), 3)
        right = box.x + box.width - 20
        if line.zone != told:
            yield _text("zone", box.x + 26, box.y + 24, line.zone)
        told = line.zone
        yield _text("title", right - 150, box.y + 25, line.name, anchor="end")
        yield _text("mono", right, box.y + 25, line.subnet, anchor="end")
        yield "</g>"


def _buses(placed: Layout) -> Iterator[str]:
    for line, _ in placed.bands:
        start, end, y = placed.buses[line.name]
        yield f'<path class="bus {line.zone}" d="M{start:g} {y:g}H{end:g}"/>'


def _wires(placed: Layout) -> Iterator[str]:
    """Draw a cable from each card to its segments: around the cards of the rows above it."""
    for card, box in placed.cards:
        x = _cable(placed, card, box)
        levels = [placed.buses[nic.segment][2] for nic in card.nics]
        way = f"V{box.y + 18:g}H{box.x:g}" if x < box.x else f"V{max(*levels, box.y):g}"
        yield f'<path class="wire" d="M{x:g} {min(*levels, box.y):g}{way}"/>'


def _cable(placed: Layout, card: Card, box: Box) -> float:
    """Return the x of a card's cable."""
    if len(card.nics) > 1:
        return box.middle
    return box.x + (14 if box.y - placed.buses[card.nics[0].segment][2] <= DROP else -7)


def _nics(placed: Layout) -> Iterator[str]:
    zones = {line.name: line.zone for line, _ in placed.bands}
    for card, box in placed.cards:
        x = _cable(placed, card, box)
        for nic in card.nics:
            y = placed.buses[nic.segment][2]
            yield f'<circle class="nic {zones[nic.segment]}" cx="{x:g}" cy="{y:g}" r="5"/>'
            if len(card.nics) > 1:
                yield _text("mono", x + 9, y + 19, _addresses(nic))


def _card(card: Card, box: Box) -> Iterator[str]:
    letters = int((box.width - 28) / 7.3)
    yield f'<g class="{card.kind}">'
    for back in (8, 4) if card.size > 1 else ():
        yield _rectangle("card", Box(box.x + back, box.y - back, box.width, box.height), 8)
    yield _rectangle("card", box, 8)
    left = box.x + 14
    mark = " · ".join(mark_of(card))
    room = box.width - 40 - len(mark) * 7.3
    yield _text("title", left, box.y + 23, _cut(card.title, int(room / 9)))
    yield _text("small", box.x + box.width - 14, box.y + 23, mark, anchor="end")
    middle = _addresses(card.nics[0]) if len(card.nics) == 1 else f"{len(card.nics)} segments"
    yield _text("mono", left, box.y + 42, _cut(middle, letters))
    roles = ", ".join(card.roles) or "no roles"
    yield _text("small", left, box.y + 60, _cut(roles, letters))
    yield "</g>"


def _rules(graph: Graph, placed: Layout) -> Iterator[str]:
    """Write what may pass, in columns."""
    rules = graph.rules
    if not rules:
        return
    box, columns = placed.rules, placed.rule_columns
    rows = rows_of(graph, columns)
    routers = list(dict.fromkeys(one.router for one in graph.passes))
    who = routers[0] if len(routers) == 1 else "routers"
    title = f"What {who} let{'s' if len(routers) == 1 else ''} pass"
    yield _text("title", box.x, box.y + 24, title)
    for index, words in enumerate(rules):
        column, row = divmod(index, rows)
        x, y = box.x + column * box.width / columns, box.y + 48 + row * 23
        yield _text("mono", x, y, _cut(words, int(box.width / columns / 7.7)))


def _addresses(nic: Nic) -> str:
    first, *others = nic.addresses
    return f"{first} +{len(others)}" if others else str(first)


def _rectangle(kind: str, box: Box, radius: int) -> str:
    place = f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"'
    return f'<rect class="{kind}" {place} rx="{radius}"/>'


def _text(kind: str, x: float, y: float, words: str, *, anchor: str = "start") -> str:
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{_safe(words)}</text>'


def _cut(words: str, letters: int) -> str:
    words = " ".join(words.split())
    return words if len(words) <= letters else f"{words[: letters - 1]}…"


def _safe(words: str) -> str:
    """Escape for XML; what no XML may hold becomes a question mark."""
    return html.escape("".join(one if one.isprintable() else "?" for one in words))


def _told(*words: str) -> str:
    """Join lines of a label as Mermaid reads them: its entities are written with a `#`."""
    escaped = (
        "".join(one if one.isalnum() or one in " .,:/_-+" else f"#{ord(one)};" for one in word)
        for word in words
        if word
    )
    return "<br/>".join(escaped)
