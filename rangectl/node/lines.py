"""Finding lines in the files of a host, each file read again only when it has changed."""

from __future__ import annotations

import fnmatch
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field

from rangectl.node import digests, files
from rangectl.node.bounds import Budget, telling
from rangectl.node.layers import Layers
from rangectl.node.values import Json, NodeError

_LIMIT = 8 << 20
_LINES = 1000
_LINE = 4096
_LINES_BYTES = 256 << 10
_MATCHES = 4096
_FEW_LINES = 8
_Needles = tuple[tuple[str, bytes], ...]
_Line = tuple[int, str, str]
_KNOWN: digests.Known[tuple[_Line, ...]] = digests.Known(1 << 18)


def grep(layers: Layers, query: Json, budget: Budget, found: list[Json]) -> None:
    """Look through all that matches; what was too large to be looked through, or could not be
    opened though it is there, is an error, last.
    """
    look = _Look(layers.root, tuple((one, os.fsencode(one)) for one in query["needles"]), budget)
    for where, pattern in [x for one in query["patterns"] for x in layers.matching(one)]:
        for path, entry in matching(where, pattern, budget):
            with telling(path, look.cut):
                for number, line, needle in look.lines(path, entry):
                    _add(found, {"path": path, "number": number, "line": line, "needle": needle})
    if look.cut:
        msg = f"too large to be looked through, or held: {', '.join(look.cut[:3])}"
        raise NodeError(msg)


@dataclass(slots=True)
class _Look:
    """A look for needles in files; `cut` are the paths of those that were not looked at whole."""

    root: int
    needles: _Needles
    budget: Budget
    cut: list[str] = field(default_factory=list)

    def lines(self, path: str, entry: files.Entry | None) -> Iterator[_Line]:
        """Yield the lines of a file that hold needles; `entry` is where it was met, if it was."""
        if entry is None or entry.is_link:
            with files.place(self.root, path) as spot:
                yield from self._at(spot, path)
        elif entry.is_file:
            self.budget.step()
            there = _KNOWN.of(entry.stat(), self.needles)
            if there is not None:
                yield from there
                return
            with entry.held() as spot:
                yield from self._at(spot, path)

    def _at(self, spot: int, path: str) -> Iterator[_Line]:
        before = os.fstat(spot)
        there = _KNOWN.of(before, self.needles)
        if there is not None:
            yield from there
            return
        if stat.S_ISLNK(before.st_mode):  # somebody put it there a moment ago
            self.cut.append(path)
            return
        with files.reading(spot) as file:
            content = files.read_up_to(file, _LIMIT + 1)
            self.budget.spend(len(content))
            if len(content) > _LIMIT:
                self.cut.append(path)
            met: list[_Line] = []
            for number, line, needle in _lines_with(content, self.needles):
                self.budget.spend()
                met.append((number, os.fsdecode(_around(line, os.fsencode(needle))), needle))
                yield met[-1]
            if len(content) <= _LIMIT and len(met) <= _FEW_LINES:
                _KNOWN.learn(before, file, tuple(met), self.needles)


def _add(found: list[Json], line: Json) -> None:
    if len(found) >= _LINES or sum(len(one["line"]) for one in found) > _LINES_BYTES:
        msg = f"gave up after {len(found)} lines"
        raise NodeError(msg)
    found.append(line)


def _around(line: bytes, needle: bytes) -> bytes:
    """Cut a long line, but not its needle: what runs a line reads past any number of blanks."""
    begin = max(0, line.find(needle) - _LINE // 2)
    return line[max(0, min(begin, len(line) - _LINE)) :][:_LINE]


def _lines_with(content: bytes, needles: _Needles) -> Iterator[tuple[int, bytes, str]]:
    """Yield (number, line, needle) without making all the lines: there may be millions."""
    number, counted, at = 1, 0, 0
    spots = {needle: content.find(raw) for needle, raw in needles}
    while True:
        for needle, raw in needles:
            if 0 <= spots[needle] < at:
                spots[needle] = content.find(raw, at)
        ahead = [spot for spot in spots.values() if spot >= 0]
        if not ahead:
            return
        begin = content.rfind(b"\n", 0, min(ahead)) + 1
        end = content.find(b"\n", min(ahead))
        end = len(content) if end < 0 else end
        number += content.count(b"\n", counted, begin)
        for needle, raw in needles:
            if raw in content[begin:end]:
                yield number, content[begin:end], needle
        counted, at = begin, end + 1


def matching(root: int, pattern: str, budget: Budget) -> Iterator[tuple[str, files.Entry | None]]:
    """Yield the paths that match an absolute pattern, where `*` stands within one name, each with
    where it was met if its folder was listed.
    """
    yield from _matching(root, "", pattern.strip("/").split("/"), budget)


def _matching(
    root: int, path: str, parts: list[str], budget: Budget
) -> Iterator[tuple[str, files.Entry | None]]:
    head, rest = parts[0], parts[1:]
    budget.spend()
    if "*" not in head:
        below = f"{path}/{head}"
        if rest:
            yield from _matching(root, below, rest, budget)
        else:
            yield below, None
        return
    for entry in _named(root, path, head):
        if not rest:
            yield entry.path, entry
        elif entry.is_folder or entry.is_link:
            yield from _matching(root, entry.path, rest, budget)


def _named(root: int, path: str, pattern: str) -> Iterator[files.Entry]:
    """Yield what of a folder has such a name, in the order of names, while the folder is open."""
    literal = pattern.replace("[", "[[]").replace("?", "[?]")
    try:
        folder = files.open_in(root, path or "/", files.FOLDER)
    except OSError:
        return
    with files.held(folder):
        try:
            entries = files.names_in(folder, _MATCHES + 1, path)
        except OSError:
            return
        if len(entries) > _MATCHES:
            msg = f"gave up: more than {_MATCHES} names in {path or '/'}"
            raise NodeError(msg)
        meant = (one for one in entries if fnmatch.fnmatchcase(one.name, literal))
        yield from sorted(meant, key=lambda one: one.name)
