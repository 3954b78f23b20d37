"""What drawings are made of: their look in light and dark, and shapes and words as safe text."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import get_args

from rangectl.model.topology import Zone
from rangectl.plan.layout import Box

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
STYLE = (
    f"{_SHAPES}{_colours(_LIGHT)}"
    f"@media screen and (prefers-color-scheme: dark) {{{_colours(_DARK)}}}\n"
)

PAGE = """<!doctype html>
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


def rectangle(kind: str, box: Box, radius: int) -> str:
    """Return a rectangle of a class, with round corners."""
    place = f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"'
    return f'<rect class="{kind}" {place} rx="{radius}"/>'


def text(kind: str, x: float, y: float, words: str, *, anchor: str = "start") -> str:
    """Return words of a class at a place."""
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{safe(words)}</text>'


def cut(words: str, letters: int) -> str:
    """Return words cut to so many letters."""
    words = " ".join(words.split())
    return words if len(words) <= letters else f"{words[: letters - 1]}…"


def safe(words: str) -> str:
    """Escape for XML; what no XML may hold becomes a question mark."""
    return html.escape("".join(one if one.isprintable() else "?" for one in words))


def told(*words: str) -> str:
    """Join lines of a label as Mermaid reads them: its entities are written with a `#`."""
    escaped = (
        "".join(one if one.isalnum() or one in " .,:/_-+" else f"#{ord(one)};" for one in word)
        for word in words
        if word
    )
    return "<br/>".join(escaped)
