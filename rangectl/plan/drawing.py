"""A drawing as text: Mermaid, SVG, and a page that holds all it needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from rangectl.plan.graph import Card, Graph, Nic
from rangectl.plan.ink import PAGE, STYLE, cut, rectangle, safe, text, told
from rangectl.plan.layout import DROP, MARGIN, Box, Layout, layout, mark_of, rows_of

Format = Literal["mermaid", "svg", "html"]


def draw(graph: Graph, form: Format) -> str:
    """Return a drawing; the same topology gives the same text."""
    match form:
        case "mermaid":
            return mermaid(graph)
        case "svg":
            return svg(graph)
        case "html":
            return PAGE.format(name=safe(graph.name), svg=svg(graph))


def mermaid(graph: Graph) -> str:
    """Return a flowchart: a subgraph for each zone, an edge for each NIC, dotted ones for rules."""
    segments = {line.name: f"s{index}" for index, line in enumerate(graph.lines)}
    out = ["flowchart LR"]
    for zone in dict.fromkeys(line.zone for line in graph.lines):
        out.append(f'  subgraph {zone}_zone["{zone}"]')
        inside = [line for line in graph.lines if line.zone == zone]
        out += [f'    {segments[one.name]}[["{told(one.name, one.subnet)}"]]' for one in inside]
        out.append("  end")
    for index, card in enumerate(graph.cards):
        begin, end = {"router": ("{{", "}}"), "kit": ("([", "])"), "host": ("[", "]")}[card.kind]
        label = told(card.title, *mark_of(card), ", ".join(card.serves))
        out.append(f'  h{index}{begin}"{label}"{end}')
        for nic in card.nics:
            out.append(f'  {segments[nic.segment]} ---|"{told(_addresses(nic))}"| h{index}')
    for one in graph.passes:
        label = told(f"{one.router}: {', '.join(one.allow)}")
        out.append(f'  {segments[one.source]} -. "{label}" .-> {segments[one.target]}')
    return "\n".join(out) + "\n"


def svg(graph: Graph) -> str:
    """Return an image that suits light and dark surroundings and paper."""
    placed = layout(graph)
    size = f"{placed.width:g} {placed.height:g}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img">',
        f"<title>{safe(graph.name)}</title>",
        f"<style>{STYLE}</style>",
        rectangle("page", Box(0, 0, placed.width, placed.height), 0),
        text("name", MARGIN, 44, graph.name),
        text("about", MARGIN, 68, cut(graph.description, int((placed.width - 60) / 7.4))),
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
    last = ""
    for line, box in placed.bands:
        yield f'<g class="{line.zone}">'
        yield rectangle("band", box, 10)
        yield rectangle("side", Box(box.x, box.y, 6, box.height), 3)
        right = box.x + box.width - 20
        if line.zone != last:
            yield text("zone", box.x + 26, box.y + 24, line.zone)
        last = line.zone
        yield text("title", right - 150, box.y + 25, line.name, anchor="end")
        yield text("mono", right, box.y + 25, line.subnet, anchor="end")
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
                yield text("mono", x + 9, y + 19, _addresses(nic))


def _card(card: Card, box: Box) -> Iterator[str]:
    letters = int((box.width - 28) / 7.3)
    yield f'<g class="{card.kind}">'
    for back in (8, 4) if card.size > 1 else ():
        yield rectangle("card", Box(box.x + back, box.y - back, box.width, box.height), 8)
    yield rectangle("card", box, 8)
    left = box.x + 14
    mark = " · ".join(mark_of(card))
    room = box.width - 40 - len(mark) * 7.3
    yield text("title", left, box.y + 23, cut(card.title, int(room / 9)))
    yield text("small", box.x + box.width - 14, box.y + 23, mark, anchor="end")
    middle = _addresses(card.nics[0]) if len(card.nics) == 1 else f"{len(card.nics)} segments"
    yield text("mono", left, box.y + 42, cut(middle, letters))
    serves = ", ".join(card.serves) or "no roles"
    yield text("small", left, box.y + 60, cut(serves, letters))
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
    yield text("title", box.x, box.y + 24, title)
    for index, words in enumerate(rules):
        column, row = divmod(index, rows)
        x, y = box.x + column * box.width / columns, box.y + 48 + row * 23
        yield text("mono", x, y, cut(words, int(box.width / columns / 7.7)))


def _addresses(nic: Nic) -> str:
    first, *others = nic.addresses
    return f"{first} +{len(others)}" if others else str(first)
