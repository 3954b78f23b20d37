"""What is wrong with a file, told with its place; and a file's model together with its places."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from pydantic import BaseModel

from rangectl.model.parse.marks import Flaw, Mark, Path
from rangectl.model.parse.yaml_nodes import Entry, Node
from rangectl.model.words import short

M = TypeVar("M", bound=BaseModel)

MAX_PROBLEMS = 100
_LONGEST_WORD = 40
_MOST_NAMES = 300


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong at a path. `near` is a name nobody knows, and those that are known.

    `key`: it is the key that is at fault, not its value.
    """

    path: Path
    message: str
    hint: str | None = None
    near: tuple[str, Collection[str]] | None = None
    key: bool = False


@dataclass(frozen=True, slots=True)
class Document(Generic[M]):
    """A file that was read: its name, its model, and where everything in it stands.

    `written` is the model as the file has it, where `model` has more.
    """

    name: str
    model: M
    root: Node
    written: M


def tell(
    name: str, root: Node, found: Iterable[Problem], flaws: Iterable[Flaw] = ()
) -> tuple[str, ...]:
    """Return problems and flaws of a file as lines, in order of place, each once, and not endless.

    A line reads `FILE:LINE:COL: PATH: message (hint)`.
    """
    placed = {(place(root, one), shown(root, one.path), one.message): one for one in found}
    placed |= {(one.mark, one.path, one.message): Problem(one.path, one.message, one.hint)
               for one in flaws}  # fmt: skip
    ordered = sorted(placed.items(), key=lambda item: _order(item[0][0]))
    lines = [_line(name, root, mark, one) for (mark, *_), one in ordered[:MAX_PROBLEMS]]
    if len(ordered) > MAX_PROBLEMS:
        lines.append(f"{name}: and {len(ordered) - MAX_PROBLEMS} more problems")
    return tuple(lines)


def tell_flaws(name: str, flaws: Iterable[Flaw]) -> tuple[str, ...]:
    """Return the flaws of a text that has no tree."""
    return tell(name, Node(Mark(1, 1), None), (), flaws)


def place(root: Node, problem: Problem) -> Mark:
    """Return where a problem stands: the deepest part of its path that the file has.

    For a key, and for a mapping or list under a key, that is the key; otherwise the value.
    """
    node, mark = root, root.mark
    for index, part in enumerate(problem.path):
        found = step(node, part)
        if found is None:
            break
        last = index == len(problem.path) - 1
        if isinstance(found, Entry):
            node = found.node
            plain = last and not problem.key and (is_word(node) or _is_scalar(node))
            mark = node.mark if plain and node.value is not None else found.key
        else:
            node, mark = found, found.mark
    return mark


def step(node: Node, part: str | int) -> Entry | Node | None:
    """Return what a mapping has under a key, or a list at an index; None where there is nothing."""
    if isinstance(node.value, dict) and isinstance(part, str):
        return node.value.get(part)
    if isinstance(node.value, list) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    return None


def is_word(node: Node) -> bool:
    """Say whether a list was written as the one word in it: `group: server`."""
    value = node.value
    return isinstance(value, list) and len(value) == 1 and value[0].mark == node.mark


def shown(root: Node, path: Path) -> Path:
    """Return a path as the file has it: without the places in lists that are one word there."""
    node: Node | None = root
    kept: list[str | int] = []
    for part in path:
        if not (isinstance(part, int) and node is not None and is_word(node)):
            kept.append(part)
        found = step(node, part) if node is not None else None
        node = found.node if isinstance(found, Entry) else found
    return tuple(kept)


def node_at(root: Node, path: Path) -> Node | None:
    """Return what stands at a path; None where nothing does."""
    node: Node | None = root
    for part in path:
        found = step(node, part) if node is not None else None
        node = found.node if isinstance(found, Entry) else found
    return node


def show_path(path: Path) -> str:
    """Write a path as people do: `hosts.web01.roles[0]`."""
    shown = ""
    for part in path:
        shown += f"[{part}]" if isinstance(part, int) else f".{short(part)}"
    return shown.removeprefix(".")


def nearest(word: str, known: Collection[str]) -> str | None:
    """Return a hint: the known name that is most like a word, else the few that there are.

    Names may come from the file, too: what is no printable word is not offered.
    """
    names = sorted(name for name in islice(known, _MOST_NAMES) if name.isprintable())
    if len(word) <= _LONGEST_WORD:
        close = difflib.get_close_matches(word, names, n=1)
        if close:
            return f'did you mean "{close[0]}"?'
    return f"known: {', '.join(names)}" if 0 < len(names) <= 12 else None


def _order(mark: Mark) -> tuple[str, int, int]:
    return mark.file, mark.line, mark.column


def _is_scalar(node: Node) -> bool:
    return not isinstance(node.value, dict | list)


def _line(name: str, root: Node, mark: Mark, problem: Problem) -> str:
    hint = problem.hint or (nearest(*problem.near) if problem.near else None)
    path = shown(root, problem.path)
    where = f"{show_path(path)}: " if path else ""
    hints = "; ".join(one for one in (hint, _source(root, problem.path)) if one)
    end = f" ({hints})" if hints else ""
    return f"{mark.file or name}:{mark.line}:{mark.column}: {where}{problem.message}{end}"


def _source(root: Node, path: Path) -> str:
    """Say which variables a value was made of."""
    node = node_at(root, path)
    return node.source if node is not None else ""
