"""What is wrong with a text that is no YAML, in the words of who wrote it.

The parser says where it could not go on. What is to be mended often stands before: a line without
its colon is read as a text that runs on, and the next line's colon is the first surprise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import yaml

from rangectl.model.parse import layout
from rangectl.model.parse.marks import Flaw, Mark
from rangectl.model.parse.stops import Stop, quoted, stopped

_CLOSERS = {"[": "]", "{": "}"}
_ODD_BLANK = re.compile(r"[^\S ]")
_IN_BRACKETS = re.compile(r"[,\[{]|:\s")
_MEANS_ELSE = "@`%*&!"


def explain(error: yaml.MarkedYAMLError, text: str) -> Flaw:
    """Say what is probably wrong, where, and how it is mended, from where the parser stopped."""
    stop = stopped(error, text)
    told = _odd_blank(stop) or _EXPLAINED.get(stop.said, _letter)(stop)
    return told or stop.flaw(stop.at, f"not YAML: {stop.said}", layout.USUAL)


def _odd_blank(stop: Stop) -> Flaw | None:
    """Explain a tab, or another white character than a space, before the first word of a line."""
    for number in (stop.at.line, stop.above(stop.at.line)):
        line = stop.line(number)
        odd = _ODD_BLANK.search(line[: len(line) - len(line.lstrip())])
        if odd is not None:
            what = "a tab" if odd[0] == "\t" else f"the character U+{ord(odd[0]):04X}"
            mark = Mark(number, odd.start() + 1)
            return stop.flaw(mark, f"{what} cannot indent", "use spaces")
    if stop.rest.startswith("\t"):
        return stop.flaw(stop.at, "a tab cannot indent", "use spaces")
    return None


def _key(stop: Stop) -> Flaw:
    """Explain what is no key: something behind a value, or a line that begins amiss."""
    if stop.rest[:1] in ("]", "}"):
        return _closes_nothing(stop)
    if not stop.before.strip():
        return layout.no_key(stop)
    ended = stop.before.rstrip()[-1:]
    value = re.sub(r"^[^:]*:\s+", "", stop.line(stop.at.line)).strip()
    if ended in ("'", '"'):
        return _behind_quote(stop, ended, value)
    message = f"a text goes on behind the closing {ended}"
    return stop.flaw(stop.at, message, f"put all of it in quotes: {quoted(value)}")


def _behind_quote(stop: Stop, quote: str, value: str) -> Flaw:
    other = "'" if quote == '"' else '"'
    inside = value[1:-1] if value.endswith(quote) else value.replace(quote, "")
    hint = f"put all of it in one pair of quotes: {quoted(inside)}"
    if other in inside:
        hint = f"in it write {quote} as " + ("''" if quote == "'" else '\\"')
    return stop.flaw(stop.at, "a text goes on behind its closing quote", hint)


def _closes_nothing(stop: Stop) -> Flaw:
    return stop.flaw(stop.at, f"this {stop.rest[0]} closes nothing", "remove it, or open it before")


def _end(stop: Stop) -> Flaw:
    """Explain what stands behind the end of the whole."""
    if stop.rest[:1] in ("]", "}"):
        return _closes_nothing(stop)
    hint = "a file is one mapping: keys at the left edge, a colon and a value behind each"
    return stop.flaw(stop.at, "it goes on behind the end of the file's one value", hint)


def _brackets(stop: Stop) -> Flaw:
    """Explain what is wrong between [ ] or { }."""
    opener = stop.behind(stop.since)[:1]
    closer = _CLOSERS.get(opener, "]")
    line = stop.line(stop.at.line)
    if "${" in line and ("{" in line.replace("${", "") or "[" in line):
        hint = 'inside { } and [ ] a variable needs quotes: "${name}"'
        mark = Mark(stop.at.line, line.index("${") + 1)
        return stop.flaw(mark, "a variable without quotes", hint)
    if stop.rest[:1] in ("]", "}"):
        return stop.flaw(
            stop.at, f"this {stop.rest[0]} does not close the {opener}", f"write {closer}"
        )
    if stop.at.line == stop.since.line and stop.rest:
        return _between(stop, closer)
    hint = f"close it with {closer}"
    if stop.line(stop.since.line).rstrip().endswith((opener, ",")):
        hint = f"{hint}, or put a comma before line {stop.at.line}"
    return stop.flaw(stop.since, f"this {opener} is not closed", hint)


def _between(stop: Stop, closer: str) -> Flaw:
    """Explain what stands where a comma or the end of a list or mapping must."""
    if not stop.rest.startswith(":"):
        hint = f"a comma is missing before it, or {closer}"
        return stop.flaw(stop.at, "something between two values", hint)
    value = _IN_BRACKETS.split(stop.before)[-1].strip()
    whole = value + re.split(r"[,\]}]", stop.rest)[0]
    hint = f"a text with a colon needs quotes: {quoted(whole)}"
    if " " in value:
        hint = f"a comma is missing before {quoted(value.rsplit(None, 1)[-1])}, or {hint}"
    return stop.flaw(stop.at, "a second colon", hint)


def _tight(stop: Stop) -> Flaw:
    word = re.split(r"[,\[{\s]", stop.before)[-1]
    return stop.flaw(stop.at, "no space behind the colon", f'write "{word}: "')


def _nothing(stop: Stop) -> Flaw:
    hint = "a value is missing before it, or it is one too many"
    return stop.flaw(stop.at, f"{stop.rest[:1]} stands where a value must", hint)


def _open_quote(stop: Stop) -> Flaw:
    return stop.flaw(stop.since, "this quote is not closed", "close it in its own line")


def _escape(stop: Stop) -> Flaw:
    letter = stop.rest.lstrip("\\")[:1]
    hint = r"write \\ for one backslash, or put the text in single quotes"
    return stop.flaw(stop.at, f"\\{letter} means nothing in double quotes", hint)


def _dash(stop: Stop) -> Flaw:
    hint = "write [a, b], or each item in a line of its own, with a dash before it"
    return stop.flaw(stop.at, "a list cannot begin behind its key", hint)


def _letter(stop: Stop) -> Flaw | None:
    """Explain a text that begins with a letter of which YAML makes something else."""
    at = stop.at if stop.reading == "while scanning for the next token" else stop.since
    rest = stop.behind(at)
    letter = rest[:1]
    if letter and letter in _MEANS_ELSE:
        text = re.split(r"[,\]}]|\s#|:(?=\s|$)", rest)[0]
        hint = f"put it in quotes: {quoted(text)}"
        return stop.flaw(at, f"a text cannot begin with {letter}", hint)
    if letter in ("|", ">"):
        hint = f"the text goes into the lines below, indented; or in quotes: {quoted(rest)}"
        return stop.flaw(at, f"a text cannot begin with {letter}", hint)
    return None


_EXPLAINED: Mapping[str, Callable[[Stop], Flaw | None]] = {
    "mapping values are not allowed in this context": layout.second_colon,
    "could not find expected ':'": lambda stop: layout.no_colon(stop, stop.since.line),
    "did not find expected key": _key,
    "did not find expected '-' indicator": layout.no_dash,
    "block sequence entries are not allowed in this context": _dash,
    "did not find expected ',' or ']'": _brackets,
    "did not find expected ',' or '}'": _brackets,
    "did not find expected <document start>": _end,
    "did not find expected node content": _nothing,
    "found unexpected ':'": _tight,
    "found unexpected document indicator": _open_quote,
    "found unexpected end of stream": _open_quote,
    "found unknown escape character": _escape,
}
"""What explains each thing that the parser says."""
