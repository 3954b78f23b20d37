"""What is wrong with lines that do not belong together as they stand: colons, dashes, indents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rangectl.model.parse.marks import Flaw, Mark
from rangectl.model.parse.stops import Stop, column_of, cut, quoted

USUAL = "most often an indent that differs, a missing colon, or a text that needs quotes"

_DASH = re.compile(r"-(?=\s|$)")
_KEY = re.compile(r"(?:-\s+)?[^\s:#'\"\[\]{},&*!|>@`%-][^:#'\"]*:(?=\s|$)")
_TIGHT = re.compile(r"(?:-\s+)?([A-Za-z_][\w.-]*):([^\s:/].*)")
_WORDS = re.compile(r"(?:-\s+)?([\w<][^\s'\"]*)(?:\s*=)?(?:\s+(.*))?")


def second_colon(stop: Stop) -> Flaw:
    """Explain a colon in what seemed to be a text: one of this line, or of the line above."""
    if first := re.search(r":\s+", stop.before):
        value = stop.before[first.end() :] + stop.rest
        hint = f"a text with a colon needs quotes: {quoted(value)}"
        return stop.flaw(stop.at, "a second colon", f"{hint}; a second key needs its own line")
    above = stop.above(stop.at.line)
    if _KEY.match(stop.line(above).strip()):
        return _deeper(stop, above)
    return no_colon(stop, above)


def no_colon(stop: Stop, number: int) -> Flaw:
    """Explain a line that is no key: its colon is missing, or the space behind it."""
    line = stop.line(number)
    body, mark = line.strip(), Mark(number, column_of(line))
    if tight := _TIGHT.fullmatch(body):
        place = Mark(number, line.index(f"{tight[1]}:") + len(tight[1]) + 1)
        hint = f'write "{tight[1]}: {cut(tight[2])}"'
        return stop.flaw(place, "no space behind the colon", hint)
    if stop.line(stop.above(number)).rstrip().endswith((" |", " >")):
        return stop.flaw(mark, "a text below | or > must be indented", "indent all of its lines")
    words = _WORDS.fullmatch(body)
    if words is None:
        return stop.flaw(mark, "neither a key nor an item of a list", USUAL)
    hint = f'write "{cut(words[1])}: {cut(words[2])}"' if words[2] else f'write "{cut(words[1])}:"'
    above = stop.above(number)
    if not words[2] and stop.line(above).rstrip().endswith(":"):
        hint += f", or put it behind the colon of line {above}, if it is its value"
    return stop.flaw(mark, "a colon is missing", hint)


def no_key(stop: Stop) -> Flaw:
    """Explain a line that begins where keys of a mapping should, and is none of them."""
    columns = [one for one, line in _columns(stop) if not _DASH.match(stop.line(line)[one - 1 :])]
    if _DASH.match(stop.rest) and stop.at.column in columns:
        hint = "remove the dash, or indent the list below its key"
        return stop.flaw(stop.at, "a dash among keys", hint)
    return wrong_indent(stop)


def no_dash(stop: Stop) -> Flaw:
    """Explain a line in a list that is no item of it."""
    if re.match(r"-[^\s-]", stop.rest):
        hint = f'write "- {cut(stop.rest[1:])}"'
        return stop.flaw(stop.at, "no space behind the dash", hint)
    begun = stop.since
    dashes = [
        one
        for one in range(begun.line, stop.at.line)
        if _DASH.match(stop.line(one)[begun.column - 1 :])
    ]
    if len(dashes) == 1 and stop.at.column == begun.column:
        hint = (
            f"line {stop.at.line} begins in the same column without a dash: remove this one, or"
            f" begin line {stop.at.line} in column {begun.column + 2}"
        )
        return stop.flaw(begun, "a dash begins a list", hint)
    return wrong_indent(stop)


def wrong_indent(stop: Stop) -> Flaw:
    """Explain a line that begins where nothing above it does."""
    column = stop.at.column
    known = list(_columns(stop))
    if known and _is_odd_one(known[0][0], (column, *(one for one, _ in known[1:]))):
        column, number = known[0]
        hint = f"line {stop.at.line}, which goes on from there, begins in column {stop.at.column}"
        return stop.flaw(Mark(number, column), f"wrong indent (column {column})", hint)
    deeper = [f"{one} (line {line})" for one, line in known if one > column][-1:]
    outer = [f"{one} (line {line})" for one, line in known if one < column][:1]
    hint = f"lines above begin in column {' or '.join([*deeper, *outer])}" if known else USUAL
    return stop.flaw(stop.at, f"wrong indent (column {column})", hint)


def _is_odd_one(column: int, others: Sequence[int]) -> bool:
    """Say whether a column alone has an odd indent."""
    return column % 2 == 0 and all(one % 2 == 1 for one in others)


def _deeper(stop: Stop, above: int) -> Flaw:
    """Explain a key deeper than the one above, which has a value already: one of them is wrong,
    that with the odd indent if there is one.
    """
    line = stop.line(above)
    high = column_of(line) + (len(dash[0]) if (dash := re.match(r"-\s+", line.lstrip())) else 0)
    low = column_of(stop.line(stop.at.line))
    wrong, right = (above, stop.at.line), (high, low)
    if not _is_odd_one(high, (low,)):
        wrong, right = (stop.at.line, above), (low, high)
    hint = f"line {wrong[1]} begins in column {right[1]}; keys of one thing begin in one column"
    message = f"wrong indent (column {right[0]})"
    return stop.flaw(Mark(wrong[0], right[0]), message, hint)


def _columns(stop: Stop) -> Iterator[tuple[int, int]]:
    """Yield the columns in which something above begins that may go on, each with its line, the
    innermost first.
    """
    least, number = 1000, stop.above(stop.at.line)
    while number and least > 1:
        line = stop.line(number)
        column = column_of(line)
        if column < least:
            item = re.match(r"-\s+", line.lstrip())
            if item and _KEY.match(line.lstrip()) and column + len(item[0]) < least:
                yield column + len(item[0]), number
            yield column, number
            least = column
        number = stop.above(number)
