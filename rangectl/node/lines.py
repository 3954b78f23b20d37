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
_FEW = 2
_SHORT = 256
_Needles = tuple[tuple[str, bytes], ...]
_Line = tuple[int, str, str]
_KNOWN: digests.Known[tuple[_Line, ...]] = digests.Known(1 << 18)


def grep(layers: Layers, query: Json, budget: Budget, found: list[Json]) -> None:
    """Look through all that matches; what was too large to be looked through, or could not be
    opened though it is there, is an error, last.

    Whatever is in one file, the others are looked at all the same, and none again while nothing
    changes: who makes files and watches them would else learn what is looked for.
    """
    needles = tuple((one, os.fsencode(one)) for one in query["needles"])
    look = _Look(layers.root, needles, budget, few=query.get("few", False))
    full = False
    for where, pattern in [x for one in query["patterns"] for x in layers.matching(one)]:
        for path, entry in matching(where, pattern, budget, layers.root):
            with telling(path, look.cut):
                for number, line, needle in look.lines(path, entry):
                    full = full or _is_full(found)
                    if full and not look.few:
                        break
                    fact = {"path": path, "number": number, "line": line, "needle": needle}
                    found += [] if full else [fact]
    if full:
        msg = f"gave up after {len(found)} lines"
        raise NodeError(msg)
    if look.cut:
        msg = f"too large to be looked through, or held: {', '.join(look.cut[:3])}"
        raise NodeError(msg)


@dataclass(slots=True)
class _Look:
    """A look for needles in files, for a `few` lines with each or for all of them; `cut` are the
    paths of those that were not looked at whole.
    """

    root: int
    needles: _Needles
    budget: Budget
    few: bool = False
    cut: list[str] = field(default_factory=list)

    def lines(self, path: str, entry: files.Entry | None) -> Iterator[_Line]:
        """Yield the lines of a file that hold needles; `entry` is where it was met, if it was."""
        if entry is None or entry.is_link:
            with files.place(self.root, path) as spot:
                yield from self._at(spot, path)
        elif entry.is_file:
            self.budget.step()
            there = _KNOWN.of(entry.stat(), (self.few, self.needles))
            if there is not None:
                yield from there
                return
            with entry.held() as spot:
                yield from self._at(spot, path)

    def _at(self, spot: int, path: str) -> Iterator[_Line]:
        before = os.fstat(spot)
        there = _KNOWN.of(before, (self.few, self.needles))
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
            for number, line, needle in _lines_with(content, self.needles, few=self.few):
                self.budget.spend()
                raw = os.fsencode(needle)
                size = max(_SHORT, 2 * len(raw)) if self.few else _LINE
                met.append((number, os.fsdecode(_around(line, raw, size)), needle))
                yield met[-1]
            if len(content) <= _LIMIT and (self.few or len(met) <= _FEW_LINES):
                _KNOWN.learn(before, file, tuple(met), (self.few, self.needles))


def _is_full(found: list[Json]) -> bool:
    return len(found) >= _LINES or sum(len(one["line"]) for one in found) > _LINES_BYTES


def _around(line: bytes, needle: bytes, size: int) -> bytes:
    """Cut a long line, but not its needle: what runs a line reads past any number of blanks."""
    begin = max(0, line.find(needle) - size // 2)
    return line[max(0, min(begin, len(line) - size)) :][:size]


def _lines_with(
    content: bytes, needles: _Needles, *, few: bool
) -> Iterator[tuple[int, bytes, str]]:
    """Yield (number, line, needle) without making all the lines: there may be millions."""
    number, counted, at = 1, 0, 0
    left = dict.fromkeys((needle for needle, _ in needles), _FEW if few else len(content) + 1)
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
            if 0 <= spots[needle] <= end - len(raw):
                yield number, content[begin:end], needle
                left[needle] -= 1
                spots[needle] = spots[needle] if left[needle] else -1
        counted, at = begin, end + 1


def matching(
    root: int, pattern: str, budget: Budget, whole: int
) -> Iterator[tuple[str, files.Entry | None]]:
    """Yield the paths that match an absolute pattern, where `*` stands within one name, each with
    where it was met if its folder was listed. Symlinks lead where they lead in the `whole` host,
    of which the root may hold a part.
    """
    yield from _matching((root, whole), "", pattern.strip("/").split("/"), budget)


def _matching(
    roots: tuple[int, int], path: str, parts: list[str], budget: Budget
) -> Iterator[tuple[str, files.Entry | None]]:
    head, rest = parts[0], parts[1:]
    budget.spend()
    if "*" not in head:
        below = f"{path}/{head}"
        if rest:
            yield from _matching(roots, below, rest, budget)
        else:
            yield below, None
        return
    for entry in _named(roots, path, head):
        if not rest:
            yield entry.path, entry
        elif entry.is_folder or entry.is_link:
            yield from _matching(roots, entry.path, rest, budget)


def _named(roots: tuple[int, int], path: str, pattern: str) -> Iterator[files.Entry]:
    """Yield what of a folder has such a name, in the order of names, while the folder is open."""
    literal = pattern.replace("[", "[[]").replace("?", "[?]")
    root, whole = roots
    try:
        where = root if files.is_plain(root, path or "/") else whole
        folder = files.open_in(where, path or "/", files.FOLDER)
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
