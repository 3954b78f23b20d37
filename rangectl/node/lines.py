"""Finding lines in the files of a host, each file read again only when it has changed."""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter

from rangectl.node import digests, files
from rangectl.node.bounds import Budget, telling
from rangectl.node.folders import Tree, WideError
from rangectl.node.layers import Layers
from rangectl.node.values import Json, NodeError

_LIMIT = 8 << 20
_LINES = 1000
_LINE = 4096
_LINES_BYTES = 256 << 10
_FEW_LINES = 8
_FEW = 2
_SHORT = 256
_Needles = tuple[tuple[str, bytes], ...]
_Line = tuple[int, str, str]
_Met = tuple[Tree, str, os.stat_result | None]
_REMEMBERED = 128 << 20
_BYTES = 500
_KNOWN: digests.Known[tuple[_Line, ...]] = digests.Known(
    _REMEMBERED, lambda met: _BYTES + sum(_BYTES + len(line) for _, line, _ in met)
)


def grep(layers: Layers, query: Json, budget: Budget, found: list[Json]) -> None:
    """Look through all that matches; what was too large to be looked through, or could not be
    opened though it is there, is an error, last.

    Whatever is in one file, the others are looked at all the same, and none again while nothing
    changes: who makes files and watches them would else learn what is looked for.
    """
    needles = tuple((one, os.fsencode(one)) for one in query["needles"])
    look = _Look(layers.whole, needles, budget, few=query.get("few", False))
    full = False
    for tree, pattern in [x for one in query["patterns"] for x in layers.matching(one)]:
        for where, path, now in matching(tree, pattern, budget, layers.whole):
            for number, line, needle in look.lines(where, path, now):
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

    whole: Tree
    needles: _Needles
    budget: Budget
    few: bool = False
    cut: list[str] = field(default_factory=list)

    def lines(self, tree: Tree, path: str, now: os.stat_result | None) -> Iterable[_Line]:
        """Return the lines of a file that hold needles; `now` is what was told of it where it was
        met, and a path or symlink of which nothing was leads to what the host has there.
        """
        root, follow = (self.whole.root, True) if now is None else (tree.root, False)
        there = self._known_at(path) if now is None else _KNOWN.of(now, (self.few, self.needles))
        return self._read(root, path, follow=follow) if there is None else there

    def _known_at(self, path: str) -> tuple[_Line, ...] | None:
        """Return what is known of what a path leads to; most symlinks lead to nothing new."""
        try:
            now = self.whole.leads_to(path)
        except OSError:
            return None
        if now is None or not stat.S_ISREG(now.st_mode):
            return ()
        return _KNOWN.of(now, (self.few, self.needles))

    def _read(self, root: int, path: str, *, follow: bool) -> Iterator[_Line]:
        with telling(path, self.cut), files.place(root, path, follow=follow) as spot:
            before = os.fstat(spot)
            if stat.S_ISLNK(before.st_mode):  # somebody put it there a moment ago
                self.cut.append(path)
                return
            yield from self._lines(spot, before, path)

    def _lines(self, spot: int, before: os.stat_result, path: str) -> Iterator[_Line]:
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


def matching(tree: Tree, pattern: str, budget: Budget, whole: Tree) -> Iterator[_Met]:
    """Yield the files and symlinks that match an absolute pattern, where `*` stands within one
    name: where, the path, and what is told of a file where its folder was listed. Symlinks lead
    where they lead in the `whole` host, of which the tree may hold a part.
    """
    *above, last = pattern.strip("/").split("/")
    for trees, path in _folders((tree, whole), above, budget):
        if "*" in last:
            budget.step()
            yield from _fitting(trees[0], path, last)
        else:
            yield trees[0], f"{path}/{last}", None


def _folders(
    trees: tuple[Tree, Tree], parts: Sequence[str], budget: Budget
) -> Iterator[tuple[tuple[Tree, Tree], str]]:
    """Yield the folders that match the parts of a pattern, and in which trees each lies."""
    waiting = [(trees, "", 0)]
    while waiting:
        trees, path, at = waiting.pop()
        if at == len(parts):
            yield trees, path
        elif "*" in (part := parts[at]):
            budget.step()
            page, fits = trees[0].listed(path), _fits(part)
            there = [(trees, f"{path}/{one}", at + 1) for one in sorted(filter(fits, page.folders))]
            whole = (trees[1], trees[1])
            there += [(whole, f"{path}/{one}", at + 1) for one in sorted(filter(fits, page.links))]
            waiting += reversed(there)
        elif further := _further(trees, path, part):
            waiting.append((further, f"{path}/{part}", at + 1))


def _fitting(tree: Tree, path: str, pattern: str) -> list[_Met]:
    page, fits = tree.listed(path), _fits(pattern)
    met: list[tuple[str, os.stat_result | None]]
    met = [one for one in page.files if fits is None or fits(one[0])]
    met += [(name, None) for name in filter(fits, page.links)]
    return [(tree, f"{path}/{name}", now) for name, now in sorted(met, key=itemgetter(0))]


def _further(trees: tuple[Tree, Tree], path: str, name: str) -> tuple[Tree, Tree] | None:
    """Return where to look below a name: nowhere, if what is listed has no such folder."""
    tree, whole = trees
    try:
        page = tree.listed(path)
    except WideError:
        return trees if files.is_plain(tree.root, f"{path}/{name}") else (whole, whole)
    if name in page.folders:
        return trees
    return (whole, whole) if name in page.links else None


@lru_cache(1024)
def _fits(pattern: str) -> Callable[[str], object] | None:
    """Return what tells whether a name matches a pattern; None where all do."""
    if not pattern.strip("*"):
        return None
    literal = pattern.replace("[", "[[]").replace("?", "[?]")
    return re.compile(fnmatch.translate(literal)).match
