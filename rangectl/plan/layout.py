"""Where everything of a drawing lies: segments as lines, hosts hung below, routers at the left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rangectl.plan.graph import Card, Graph, Line

MARGIN, GAP, DROP = 28, 22, 25
CARD_HEIGHT = 70
_HEAD, _BUS, _FOOT = 82, 38, 12
_NARROW, _WIDE, _WIDEST = 168, 320, 380
_SHAPE = 16 / 9
_RULE_ROW, _RULE_HEAD = 23, 40
_PER_LETTER, _PER_SMALL, _PER_MONO = 9, 7.3, 7.8


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Return the x of its middle."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes of bands, cards and the rules; `buses`: the left end, right end and y of a segment."""

    width: float
    height: float
    bands: tuple[tuple[Line, Box], ...]
    buses: Mapping[str, tuple[float, float, float]]
    cards: tuple[tuple[Card, Box], ...]
    rules: Box
    rule_columns: int


def layout(graph: Graph) -> Layout:
    """Return the layout, among those with more and fewer cards in a row, nearest to a slide."""
    most = max((len(_below(graph, line)) for line in graph.lines), default=1)
    width = _card_width(graph)
    tried = {columns: _layout(graph, columns, width) for columns in range(1, max(most, 3) + 1)}
    columns = min(tried, key=lambda one: abs(tried[one].width / tried[one].height - _SHAPE))
    lacking = _SHAPE * tried[columns].height - tried[columns].width
    more = max(0, lacking) / (columns + len(_between(graph)))
    return _layout(graph, columns, max(width, min(_WIDEST, width + more)))


def rows_of(graph: Graph, columns: int) -> int:
    """Return how many rows the rules take."""
    return -(-len(graph.rules) // columns)


def mark_of(card: Card) -> tuple[str, ...]:
    """Return what a card says of its kind and size."""
    kind = () if card.kind == "host" else (card.kind,)
    return (*kind, f"{card.size} hosts") if card.size > 1 else kind


def _between(graph: Graph) -> tuple[Card, ...]:
    """Return the cards on several segments: they stand at the left, a column each."""
    return tuple(card for card in graph.cards if len(card.nics) > 1)


def _below(graph: Graph, line: Line) -> tuple[Card, ...]:
    return tuple(card for card in graph.cards if [nic.segment for nic in card.nics] == [line.name])


def _card_width(graph: Graph) -> float:
    letters = max(
        len(card.title) * _PER_LETTER + len(" · ".join(mark_of(card))) * _PER_SMALL
        for card in graph.cards
    )
    smalls = max(len(", ".join(card.serves)) for card in graph.cards) * _PER_SMALL
    return min(_WIDE, max(_NARROW, letters + 44, smalls + 28))


def _layout(graph: Graph, columns: int, card_width: float) -> Layout:
    step, between = card_width + GAP, _between(graph)
    left = MARGIN + 26
    hung = left + len(between) * (step + GAP)
    width = hung + max(columns * step, 340) + MARGIN
    bands, buses, cards, top = [], {}, [], float(_HEAD)
    for line in graph.lines:
        here = _below(graph, line)
        rows = max(1, -(-len(here) // columns))
        height = _BUS + rows * (DROP + CARD_HEIGHT) + _FOOT
        bands.append((line, Box(MARGIN, top, width - 2 * MARGIN, height)))
        for index, card in enumerate(here):
            row, column = divmod(index, columns)
            y = top + _BUS + DROP + row * (DROP + CARD_HEIGHT)
            cards.append((card, Box(hung + column * step, y, card_width, CARD_HEIGHT)))
        buses[line.name] = (_bus_start(between, line, left, step), width - MARGIN - 20, top + _BUS)
        top += height + 10
    cards += _spine(between, buses, Box(left, 0, card_width, CARD_HEIGHT))
    longest = max((len(rule) for rule in graph.rules), default=0) * _PER_MONO + GAP
    rule_columns = max(1, min(len(graph.rules), int((width - 2 * MARGIN) // max(200, longest))))
    height = _RULE_HEAD + rows_of(graph, rule_columns) * _RULE_ROW if graph.rules else 0
    rules = Box(MARGIN, top + 4, width - 2 * MARGIN, height)
    end = top + height + MARGIN
    return Layout(width, end, tuple(bands), buses, tuple(cards), rules, rule_columns)


def _bus_start(between: tuple[Card, ...], line: Line, left: float, step: float) -> float:
    """Return where a segment begins: at the first card of the left that is on it, or after all."""
    columns = (
        index
        for index, card in enumerate(between)
        if line.name in {nic.segment for nic in card.nics}
    )
    return left + next(columns, len(between)) * (step + GAP)


def _spine(
    between: tuple[Card, ...], buses: Mapping[str, tuple[float, float, float]], first: Box
) -> list[tuple[Card, Box]]:
    """Place each card of the left below the segment in the middle of its own."""
    order = list(buses)
    placed = []
    for index, card in enumerate(between):
        on = sorted(order.index(nic.segment) for nic in card.nics)
        y = buses[order[(on[0] + on[-1]) // 2]][2] + DROP
        x = first.x + index * (first.width + 2 * GAP)
        placed.append((card, Box(x, y, first.width, first.height)))
    return placed
