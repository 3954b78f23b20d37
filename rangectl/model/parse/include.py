"""Files that a file includes: read below its folder, a few of them, and laid beneath it.

What the including file says counts before what it includes: mappings are merged key by key, single
values and lists replaced as a whole. Of a name of a host, segment, group, kind or variable that two
of them give, one must be the including file's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from rangectl.model.parse.marks import Flaw, Mark
from rangectl.model.parse.yaml_nodes import MAX_BYTES, MAX_NODES, Entry, Node, UnreadableError, read
from rangectl.model.words import short

MOST_FILES = 20
MOST_LEVELS = 5
TABLES = ("vars", "kinds", "groups", "segments", "hosts")
_PLACE = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*")


class RefusedError(Exception):
    """A file cannot be included: why, and what to do."""

    def __init__(self, why: str, hint: str | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.hint = hint


Fetch = Callable[[str], bytes]
"""Reads the file at a path below the folder of the file that is read; raises RefusedError."""


def refuse(_: str) -> bytes:
    """Stand in for the reading of files where a text has no folder."""
    why = "nothing can be included here"
    raise RefusedError(why)


def gather(name: str, root: Node, fetch: Fetch) -> tuple[Node, list[Flaw], bool]:
    """Return the tree of a file with all that it includes beneath it, what went wrong, and whether
    no file is lacking.
    """
    gathering = _Gathering(PurePosixPath(name).parent, fetch)
    gathering.nodes = _count(root)
    own = PurePosixPath(PurePosixPath(name).name)
    merged = gathering.with_included(root, (own,))
    return merged, gathering.flaws, gathering.whole


@dataclass(slots=True)
class _Gathering:
    folder: PurePosixPath
    fetch: Fetch
    flaws: list[Flaw] = field(default_factory=list)
    nodes: int = 0
    read: set[PurePosixPath] = field(default_factory=set)
    size: int = 0
    whole: bool = True

    def with_included(self, root: Node, way: tuple[PurePosixPath, ...]) -> Node:
        """Return a tree over all that it includes; `way` are the files that led to it."""
        trees: list[Node] = []
        for mark, path, item in _wanted(root):
            before = len(self.flaws)
            tree = self._tree(way, mark, path, item)
            self.whole = self.whole and (tree is not None or len(self.flaws) == before)
            if tree is not None:
                self._clashes(root, trees, tree)
                trees.append(tree)
        merged = Node(root.mark, {})
        for tree in trees:
            merged = _overlaid(tree, merged)
        own = root.value.get("include") if isinstance(root.value, dict) else None
        whole = _overlaid(root, merged)
        if own is None and isinstance(whole.value, dict):
            whole.value.pop("include", None)
        return whole

    def _tree(
        self, way: tuple[PurePosixPath, ...], mark: Mark, path: tuple[str | int, ...], text: str
    ) -> Node | None:
        """Return the tree of one included file; None where it is there already, or refused."""
        place = way[-1].parent / text
        try:
            self._check(way, text, place)
            if place in self.read:
                return None
            self.read.add(place)
            content = self.fetch(str(place))
        except RefusedError as error:
            self.flaws.append(Flaw(mark, path, error.why, error.hint))
            return None
        return self._parsed(way, mark, place, content)

    def _parsed(
        self, way: tuple[PurePosixPath, ...], mark: Mark, place: PurePosixPath, content: bytes
    ) -> Node | None:
        try:
            tree, flaws = read(content, str(self.folder / place))
        except UnreadableError as error:
            self.flaws += error.flaws
            return None
        self.flaws += flaws
        version = tree.value.get("version") if isinstance(tree.value, dict) else None
        if version is not None and version.node.value != 1:
            hint = "this program reads version: 1, and a file that is included may leave it out"
            flaw = Flaw(version.node.mark, ("version",), "is not one that can be read", hint)
            self.flaws.append(flaw)
            return None
        self.size += len(content)
        self.nodes += _count(tree)
        if self.size > MAX_BYTES or self.nodes > MAX_NODES:
            what = f"{MAX_BYTES >> 20} MiB or {MAX_NODES} values"
            self.flaws.append(Flaw(mark, ("include",), f"all files together hold more than {what}"))
            return None
        return self.with_included(tree, (*way, place))

    def _check(self, way: tuple[PurePosixPath, ...], text: str, place: PurePosixPath) -> None:
        if not _PLACE.fullmatch(text) or len(text) > 200:
            why = f'"{short(text)}" is not a path below this folder'
            raise RefusedError(why, "write parts/office.yaml: no .., no / before it")
        if place in way:
            why = f"includes itself: {' -> '.join(str(one) for one in (*way, place))}"
            raise RefusedError(why, "take it out")
        if len(way) > MOST_LEVELS:
            why = f"included files include others more than {MOST_LEVELS} levels deep"
            raise RefusedError(why)
        if len(self.read) >= MOST_FILES and place not in self.read:
            why = f"more than {MOST_FILES} files are included"
            raise RefusedError(why)

    def _clashes(self, root: Node, trees: list[Node], tree: Node) -> None:
        """Note names that two included files give, unless the including one does."""
        for table in TABLES:
            mine = _table(tree, table)
            own = _table(root, table)
            for other in trees:
                for name in mine.keys() & _table(other, table).keys() - own.keys():
                    first = _table(other, table)[name].key
                    message = f"given twice (also in {first.file}, line {first.line})"
                    self.flaws.append(Flaw(mine[name].key, (table, name), message))


def _wanted(root: Node) -> Iterator[tuple[Mark, tuple[str | int, ...], str]]:
    """Yield the paths that a file includes; whatever else stands there the schema tells."""
    entry = root.value.get("include") if isinstance(root.value, dict) else None
    if entry is None:
        return
    value = entry.node.value
    if isinstance(value, str):
        yield entry.node.mark, ("include",), value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item.value, str):
                yield item.mark, ("include", index), item.value


def _table(root: Node, key: str) -> dict[str, Entry]:
    entry = root.value.get(key) if isinstance(root.value, dict) else None
    value = entry.node.value if entry is not None else None
    return value if isinstance(value, dict) else {}


def _overlaid(over: Node, under: Node) -> Node:
    """Return a tree laid over another."""
    if not isinstance(over.value, dict) or not isinstance(under.value, dict):
        return over
    entries = dict(under.value)
    for key, entry in over.value.items():
        below = entries.get(key)
        node = entry.node if below is None else _overlaid(entry.node, below.node)
        entries[key] = Entry(entry.key, node)
    return Node(over.mark, entries)


def _count(node: Node) -> int:
    count, open_ = 0, [node]
    while open_:
        one = open_.pop()
        count += 1
        if isinstance(one.value, dict):
            open_ += [entry.node for entry in one.value.values()]
        elif isinstance(one.value, list):
            open_ += one.value
    return count
