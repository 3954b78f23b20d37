"""Variables of a file: `${name}` in a value stands for what was given, the environment's, or the
default. Values go in as they are: they are never read as YAML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from rangectl.errors import UsageError
from rangectl.model.parse.marks import Flaw, Path
from rangectl.model.parse.problem import MAX_PROBLEMS, nearest
from rangectl.model.parse.yaml_nodes import MAX_BYTES, Entry, Node, Scalar, scalar
from rangectl.model.words import short

PREFIX = "RANGECTL_VAR_"
LONGEST = 500
_LONGEST_MADE = 4000
_USE = re.compile(r"(\$?)\$\{([^{}\n]{0,60})\}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_EXCLUDED = {"vars", "include", "version"}


@dataclass(frozen=True, slots=True)
class Given:
    """Values from outside: of `--var NAME=VALUE`, and of the environment by their whole names."""

    options: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


NOTHING = Given()


@dataclass(frozen=True, slots=True)
class _Known:
    """A variable's value, None where it has none, and where that came from."""

    value: Scalar
    source: str


def fill_in(name: str, root: Node, given: Given) -> tuple[list[Flaw], tuple[Node, ...]]:
    """Put values in place of variables, in place; return flaws, and the nodes left without a value.

    `name` is the file's. Raises UsageError for a value that was given and cannot be.
    """
    declared = _declared(root)
    for option in given.options:
        if option not in declared:
            hint = nearest(option, declared) if declared else "it has no vars"
            message = f"--var: {name} has no variable {short(option)!r}"
            raise UsageError(message, hint=hint)
    filling = _Filling({key: _known(key, node, given) for key, node in declared.items()})
    if isinstance(root.value, dict):
        for key, entry in root.value.items():
            if key not in _EXCLUDED:
                filling.fill(entry.node, (key,))
    for key, node in declared.items():
        unread = isinstance(_field(node, "default"), list | dict)
        if filling.known[key].value is None and not unread:
            hint = f"give one: --var {key}=VALUE, or {PREFIX}{key.upper()}=VALUE"
            flaw = Flaw(node.mark, ("vars", key), "has no default, and no value was given", hint)
            filling.flaws.append(flaw)
    return filling.flaws, tuple(filling.empty)


def _declared(root: Node) -> dict[str, Node]:
    entry = root.value.get("vars") if isinstance(root.value, dict) else None
    if entry is None or not isinstance(entry.node.value, dict):
        return {}
    return {name: one.node for name, one in entry.node.value.items() if _NAME.fullmatch(name)}


def _known(name: str, node: Node, given: Given) -> _Known:
    kept = _default(node)
    for text, source in (
        (given.options.get(name), "--var"),
        (given.environment.get(PREFIX + name.upper()), PREFIX + name.upper()),
    ):
        if text is not None:
            value = _read(f"{source} {name}" if source == "--var" else source, text, kept)
            _check_choice(source, name, value, node)
            return _Known(value, f"${{{name}}} comes from {source}")
    return _Known(kept, f"${{{name}}} is its default")


def _default(node: Node) -> Scalar:
    value = _field(node, "default") if isinstance(node.value, dict) else node.value
    return None if isinstance(value, list | dict) else value


def _field(node: Node, key: str) -> Scalar | list[Node] | dict[str, Entry]:
    entry = node.value.get(key) if isinstance(node.value, dict) else None
    return entry.node.value if entry is not None else None


def _read(source: str, text: str, default: Scalar) -> Scalar:
    """Read a given value as what the default is: text stays text, whatever it looks like."""
    if len(text) > LONGEST or not text.isprintable():
        message = f"{source}: a value is one line of at most {LONGEST} printable characters"
        raise UsageError(message)
    value = scalar(text)
    match default:
        case str():
            return text
        case bool() if not isinstance(value, bool):
            message = f"{source}: must be true or false, not {short(text)!r}"
        case int() if not isinstance(default, bool) and (
            isinstance(value, bool) or not isinstance(value, int)
        ):
            message = f"{source}: must be a whole number, not {short(text)!r}"
        case _:
            return text if value is None else value
    raise UsageError(message)


def _check_choice(source: str, name: str, value: Scalar, node: Node) -> None:
    choices = _field(node, "choices")
    if not isinstance(choices, list):
        return
    known = [one.value for one in choices]
    if known and value not in known:
        shown = " or ".join(str(one) for one in known)
        message = f"{source}: {name} must be {shown}, not {short(str(value))!r}"
        raise UsageError(message)


@dataclass(slots=True)
class _Filling:
    known: dict[str, _Known]
    flaws: list[Flaw] = field(default_factory=list)
    empty: list[Node] = field(default_factory=list)
    size: int = 0

    def fill(self, node: Node, path: Path) -> None:
        """Fill in all below a node."""
        match node.value:
            case dict() as entries:
                for key, entry in entries.items():
                    self.fill(entry.node, (*path, key))
            case list() as items:
                for index, item in enumerate(items):
                    self.fill(item, (*path, index))
            case str() as text if "${" in text:
                self._fill_text(node, text, path)
            case _:
                pass

    def _fill_text(self, node: Node, text: str, path: Path) -> None:
        uses = [match for match in _USE.finditer(text) if not match[1]]
        for match in uses:
            if (name := match[2]) not in self.known:
                hint = None if self.known else "the file has no vars"
                if self.known and len(self.flaws) < MAX_PROBLEMS:
                    hint = nearest(name, self.known)
                message = f'unknown variable "{short(name)}"'
                self.flaws.append(Flaw(node.mark, path, message, hint))
        known = [self.known.get(match[2]) for match in uses]
        if any(one is None or one.value is None for one in known):
            self.empty.append(node)
            return
        node.source = "; ".join(dict.fromkeys(one.source for one in known if one is not None))
        if len(uses) == 1 and uses[0][0] == text:
            node.value = self.known[uses[0][2]].value
            return
        made = _USE.sub(self._word, text)
        self.size += len(made)
        if len(made) > _LONGEST_MADE or self.size > MAX_BYTES:
            self.flaws.append(Flaw(node.mark, path, "grows too long with its variables' values"))
            self.empty.append(node)
            return
        node.value = made

    def _word(self, match: re.Match[str]) -> str:
        if match[1]:
            return match[0][1:]
        known = self.known.get(match[2])
        value = known.value if known is not None else None
        return str(value).lower() if isinstance(value, bool) else str(value)
