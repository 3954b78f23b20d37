"""Hostile text in, a tree of values with their places out; in bounded time and memory.

Scalars are read as YAML 1.2's core schema has them: `on` is a key like any other and `yes` is text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from rangectl.model.parse.marks import Flaw, Mark, Path
from rangectl.model.parse.stops import quoted
from rangectl.model.parse.syntax import explain

MAX_BYTES = 1 << 20
MAX_DEPTH = 20
MAX_NODES = 25_000

Scalar = str | int | float | bool | None

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\uf8ff\ufeff\ufff0-\uffff\U000e0000-\U0010ffff]"
)
_INT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?[0-9]{1,17}\.[0-9]{1,17}")
_WORDS: dict[str, Scalar] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(slots=True)
class Node:
    """A value with the place it begins at; `source` says where a variable's value came from."""

    mark: Mark
    value: Scalar | list[Node] | dict[str, Entry]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a mapping: where its key stands, and its value."""

    key: Mark
    node: Node


def paths_of(root: Node, wanted: Collection[Node]) -> frozenset[Path]:
    """Return the paths at which these very nodes stand."""
    ids = {id(node) for node in wanted}
    found: set[Path] = set()
    open_: list[tuple[Path, Node]] = [((), root)] if ids else []
    while open_:
        path, node = open_.pop()
        if id(node) in ids:
            found.add(path)
        elif isinstance(node.value, dict):
            open_ += [((*path, key), entry.node) for key, entry in node.value.items()]
        elif isinstance(node.value, list):
            open_ += [((*path, index), item) for index, item in enumerate(node.value)]
    return frozenset(found)


class UnreadableError(Exception):
    """The text cannot be read any further; `flaws` says why, all that was seen until then."""

    def __init__(self, flaws: list[Flaw]) -> None:
        super().__init__(flaws)
        self.flaws = flaws


def read(source: str | bytes, file: str = "") -> tuple[Node, list[Flaw]]:
    """Return the tree of a YAML document and the duplicate keys in it, of which the first counts.

    `file` names an included text. Raises UnreadableError for anything that is no plain, small,
    printable YAML mapping.
    """
    try:
        return _read(source, file)
    except UnreadableError as error:
        flaws = [replace(flaw, mark=replace(flaw.mark, file=file)) for flaw in error.flaws]
        raise UnreadableError(flaws) from None


def _read(source: str | bytes, file: str) -> tuple[Node, list[Flaw]]:
    text = _text(source)
    reader = _Reader(file)
    try:
        for event in _events(text):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        reader.stop(reader.run_on(error, text) or explain(error, text))
    except (yaml.YAMLError, ValueError) as error:
        reader.stop(Flaw(Mark(1, 1), (), f"not YAML: {str(error).splitlines()[0][:120]}"))
    if reader.fatal:
        raise UnreadableError(reader.flaws)
    root = reader.root
    if root is None or root.value is None:
        raise UnreadableError([Flaw(Mark(1, 1), (), "the file is empty")])
    if not isinstance(root.value, dict):
        raise UnreadableError([Flaw(root.mark, (), "the file must be a mapping (key: value)")])
    return root, reader.flaws


def _text(source: str | bytes) -> str:
    """Decode and look over the text before any parser sees it."""
    size = len(source) if isinstance(source, bytes) else len(source.encode(errors="replace"))
    if size > MAX_BYTES:
        flaw = Flaw(Mark(1, 1), (), f"the file is larger than {MAX_BYTES >> 20} MiB")
        raise UnreadableError([flaw])
    try:
        text = source.decode() if isinstance(source, bytes) else source
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        mark = Mark(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        flaw = Flaw(mark, (), "the file is not UTF-8 text", "save it as UTF-8")
        raise UnreadableError([flaw]) from None
    if match := _UNPRINTABLE.search(text):
        before_it = text[: match.start()]
        mark = Mark(before_it.count("\n") + 1, match.start() - before_it.rfind("\n"))
        code = f"U+{ord(match[0]):04X}"
        flaw = Flaw(mark, (), f"the file holds the unprintable character {code}", "remove it")
        raise UnreadableError([flaw])
    return text


def _events(text: str) -> Iterator[Any]:
    yield from yaml.parse(text, Loader=yaml.CSafeLoader)


def _end(event: Any) -> Mark:  # noqa: ANN401
    return Mark(event.end_mark.line + 1, event.end_mark.column + 1)


def scalar(text: str) -> Scalar:
    """Read a plain scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet; `key` waits for its value."""

    node: Node
    path: Path
    key: tuple[str, Mark] | None = None


@dataclass(slots=True)
class _Reader:
    """Builds the tree, event by event, without recursion."""

    file: str = ""
    root: Node | None = None
    flaws: list[Flaw] = field(default_factory=list)
    fatal: bool = False
    _open: list[_Open] = field(default_factory=list)
    _nodes: int = 0
    _documents: int = 0
    _quoted: tuple[Mark, Mark] | None = None

    def take(self, event: Any) -> None:  # noqa: ANN401 - the parser's events have no types
        """Add one event."""
        mark = Mark(event.start_mark.line + 1, event.start_mark.column + 1, self.file)
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self.stop(Flaw(mark, (), "a second document begins", "one file, one document"))
            case yaml.AliasEvent():
                hint = "write the value where it is meant; a text that begins with * needs quotes"
                self._refuse(mark, f"alias *{str(event.anchor)[:40]}: aliases are not read", hint)
                self._add(Node(mark, None))
            case yaml.ScalarEvent():
                if event.style in ("'", '"') and _end(event).line > mark.line:
                    self._quoted = mark, _end(event)
                self._check(event, mark)
                self._add_scalar(event, mark)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._check(event, mark)
                self._begin(Node(mark, [] if isinstance(event, yaml.SequenceStartEvent) else {}))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._open.pop()
            case _:
                pass

    def run_on(self, error: yaml.MarkedYAMLError, text: str) -> Flaw | None:
        """Return a flaw if the syntax broke where a quote ended that had run over lines."""
        place = error.problem_mark
        if self._quoted is None or place is None:
            return None
        start, end = self._quoted
        if place.line + 1 != end.line or place.column + 1 < end.column:
            return None
        line = quoted(text.split("\n")[start.line - 1])
        message = f"this quote is not closed in its line: {line}"
        return Flaw(start, (), message, f"it runs on to line {end.line}")

    def stop(self, flaw: Flaw) -> None:
        """Record a flaw after which reading makes no sense."""
        self.flaws.append(flaw)
        self.fatal = True
        raise UnreadableError(self.flaws)

    def _refuse(self, mark: Mark, message: str, hint: str | None = None) -> None:
        self.flaws.append(Flaw(mark, self._path(), message, hint))
        self.fatal = True

    def _check(self, event: Any, mark: Mark) -> None:  # noqa: ANN401
        if event.anchor is not None:
            hint = "write the value where it is meant; a text that begins with & needs quotes"
            self._refuse(mark, f"anchor &{event.anchor[:40]}: anchors are not read", hint)
        if event.tag is not None:
            hint = "a text that begins with ! needs quotes"
            self._refuse(mark, f"tag {event.tag[:60]}: tags are not read", hint)

    def _add_scalar(self, event: Any, mark: Mark) -> None:  # noqa: ANN401
        text: str = event.value
        if _UNPRINTABLE.search(text):
            self._refuse(mark, "an escape stands for an unprintable character")
        top = self._open[-1] if self._open else None
        if top is not None and isinstance(top.node.value, dict) and top.key is None:
            top.key = (text, mark)
            return
        self._add(Node(mark, scalar(text) if event.implicit[0] else text))

    def _begin(self, node: Node) -> None:
        if len(self._open) >= MAX_DEPTH:
            self.stop(Flaw(node.mark, (), f"nested deeper than {MAX_DEPTH} levels"))
        path = self._path()
        self._add(node)
        self._open.append(_Open(node, path))

    def _add(self, node: Node) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self.stop(Flaw(node.mark, (), f"more than {MAX_NODES} values"))
        if not self._open:
            self.root = node if self.root is None else self.root
            return
        top = self._open[-1]
        if isinstance(top.node.value, list):
            top.node.value.append(node)
        elif isinstance(top.node.value, dict):
            self._add_entry(top, top.node.value, node)

    def _add_entry(self, top: _Open, entries: dict[str, Entry], node: Node) -> None:
        if top.key is None:
            self._refuse(node.mark, "a key must be a word")
            top.key = ("?", node.mark)
            return
        key, mark = top.key
        top.key = None
        if key in entries:
            first = entries[key].key.line
            flaw = Flaw(mark, (*self._path(), key), f"given twice (first in line {first})")
            self.flaws.append(flaw)
            return
        entries[key] = Entry(mark, node)

    def _path(self) -> Path:
        """Return the path of what comes next; a key that waits is its last part."""
        if not self._open:
            return ()
        top = self._open[-1]
        if isinstance(top.node.value, list):
            return (*top.path, len(top.node.value))
        return (*top.path, top.key[0]) if top.key is not None else top.path
