"""What a catalogue entry says of one kind of implant: data and prose, never a command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from itertools import product
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator

from rangectl.errors import InvalidFileError
from rangectl.model import placing, syntaxes
from rangectl.model.base import Model
from rangectl.model.parts import (
    RUNNABLE,
    VALUES,
    ActivityPart,
    AnyPart,
    ChangePart,
    FilePart,
    LinePart,
    Placed,
)
from rangectl.model.planting import EvidenceKind, Technique
from rangectl.model.topology import Host
from rangectl.model.words import told

EntryKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(\.[a-z][a-z0-9]*)*$")]
Prose = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 ,.:()'/*-]+$", max_length=600)]
DrawName = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,16}$")]
Key = Literal["path", "line", "fingerprint", "process", "flow"]
WEIGHTS = {1: 1, 2: 2, 3: 3, 4: 5, 5: 8}
"""What an implant of each difficulty is worth."""


class Stand(Model):
    """What a host must offer for an implant of the entry to stand in it: one of these `roles`, if
    any are named, and to be no router, if those are left out.
    """

    init: Literal["systemd", "process", "any"] = "systemd"
    needs: tuple[Literal["cron", "sshd", "python"], ...] = ()
    roles: tuple[str, ...] = ()
    router: bool = True

    def refuses(self, host: Host) -> str | None:
        """Say why an implant cannot stand on a host of a topology that was read; None if it can."""
        if not self.router and host.kind == "router":
            return "it is a router"
        if self.init not in {"any", host.init}:
            return f"that runs {host.init}, it needs {self.init}"
        if self.roles and not {role.name for role in host.roles} & set(self.roles):
            return f"it needs the role {' or '.join(self.roles)}"
        return None


class Second(Stand):
    """What a second host must offer; `over` says by what the first must reach it: one TCP port, or
    any that is free there.
    """

    over: Annotated[int, Field(ge=1, le=65535)] | None = None


class Entry(Model):
    """One kind of implant, as its file says it."""

    version: Literal[1]
    key: EntryKey
    number: Annotated[int, Field(ge=1, le=999)]
    title: Prose
    attack: Technique
    difficulty: Annotated[int, Field(ge=1, le=5)]
    components: Annotated[tuple[AnyPart, ...], Field(min_length=1)]
    evidence: Annotated[tuple[EvidenceKind, ...], Field(min_length=1)]
    identified_by: Annotated[tuple[Key, ...], Field(min_length=1)]
    decoy: Prose
    hunt: Prose
    removal: Prose
    stands_on: Stand = Stand()
    second: Second | None = None
    started_by: tuple[EntryKey, ...] = ()
    draws: dict[DrawName, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(
        default_factory=dict
    )
    company: dict[EntryKey, Annotated[int, Field(ge=1, le=20)]] = Field(default_factory=dict)
    loud: Annotated[float, Field(ge=0, le=1)] = 1.0
    report_only: bool = False
    opt_in: bool = False
    caution: Prose | None = None

    @property
    def weight(self) -> int:
        """What finding and ejecting an implant of this entry is worth."""
        return WEIGHTS[self.difficulty]

    @field_validator("attack")
    @classmethod
    def _is_numbered(cls, attack: Technique) -> Technique:
        for number in (attack.id, *attack.aliases):
            if not _is_technique(number):
                message = f"not an ATT&CK technique: {number!r} (write T1053 or T1053.003)"
                raise ValueError(message)
        return attack

    @model_validator(mode="after")
    def _is_whole(self) -> Entry:
        twice = [name for name, n in Counter(part.id for part in self.components).items() if n > 1]
        if twice:
            message = f"components: the id {twice[0]!r} is there twice"
            raise ValueError(message)
        if any(part.required for part in self.components) == self.report_only:
            message = "components: some are required exactly if the entry is not report_only"
            raise ValueError(message)
        found = [*_unknown_values(self), *_unsafe(self), *_unplaced(self)]
        if found:
            message = "; ".join(found)
            raise ValueError(message)
        return self


def _unplaced(entry: Entry) -> Iterator[str]:
    """Yield which parts ask for a second host that the entry does not have."""
    if entry.second is None:
        for part in entry.components:
            if part.at == "second" or (isinstance(part, ActivityPart) and part.to == "second"):
                yield f"{part.id}: the entry has no second host"


def _unknown_values(entry: Entry) -> Iterator[str]:
    for part in entry.components:
        for name in sorted(set(syntaxes.PLACEHOLDER.findall(part.model_dump_json()))):
            if name.rstrip("0123456789") not in VALUES | entry.draws.keys():
                yield f"{part.id}: there is no value {{{name}}}"


def _unsafe(entry: Entry) -> Iterator[str]:
    """Yield what the files of an entry must not say."""
    programs = [part for part in entry.components if isinstance(part, RUNNABLE)]
    files = {part.id: part for part in entry.components if isinstance(part, FilePart)}
    for part in entry.components:
        commands = {one.path for one in programs if one.at == part.at}
        if isinstance(part, FilePart | LinePart):
            for draws in _all_draws(entry):
                path, text = (_drawn(one, draws) for one in (part.path, part.text))
                found = syntaxes.problems(part.syntax, path, part.mode, text, commands)
                yield from (f"{part.id}: {one}" for one in found)
        elif isinstance(part, ChangePart):
            yield from _unsafe_change(part, files.get(part.of), commands)
        elif isinstance(part, Placed) and ".." in part.path.split("/"):
            yield f"{part.id}: a path that leads upwards"
    misplaced = (
        placing.problems(entry.components, partial(_drawn, draws=draws))
        for draws in _all_draws(entry)
    )
    yield from dict.fromkeys(one for found in misplaced for one in found)


def _all_draws(entry: Entry) -> Iterator[dict[str, str]]:
    """Yield every choice of what an entry draws by itself."""
    for chosen in product(*entry.draws.values()):
        yield dict(zip(entry.draws, chosen, strict=True))


def _drawn(template: str, draws: Mapping[str, str]) -> str:
    """Return a template in which an entry's own draws are filled in."""
    return syntaxes.PLACEHOLDER.sub(lambda one: draws.get(one[1], one[0]), template)


def _unsafe_change(
    part: ChangePart, file: FilePart | None, commands: Collection[str]
) -> Iterator[str]:
    if file is None or part.line not in file.text.split("\n"):
        yield f"{part.id}: there is no file {part.of!r} with the line {part.line!r}"
        return
    found = syntaxes.problems(file.syntax, file.path, file.mode, part.becomes, commands)
    yield from (f"{part.id}: {one}" for one in found)


def load(texts: Mapping[str, str]) -> dict[str, Entry]:
    """Read entries from the texts of their files (by file name); name every problem at once."""
    problems: list[str] = []
    entries: dict[str, Entry] = {}
    for name, text in sorted(texts.items()):
        entry = _read(name, text, problems)
        if entry is None:
            continue
        problems.extend(_clashes(name, entry, entries))
        entries[entry.key] = entry
    known = frozenset(entries)
    problems.extend(
        f"catalogue: {entry.key}: started_by: unknown entry {starter!r}"
        for entry in entries.values()
        for starter in entry.started_by
        if starter not in known
    )
    if problems:
        raise InvalidFileError(
            tuple(problems), hint="a catalogue entry is data: see model/catalogue"
        )
    return entries


def _read(name: str, text: str, problems: list[str]) -> Entry | None:
    try:
        value: Any = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        problems.append(f"{name}: not YAML: {' '.join(str(error).split())}")
        return None
    try:
        return Entry.model_validate(value)
    except ValidationError as error:
        problems.extend(f"{name}: {one}" for one in told(error))
        return None


def _clashes(name: str, entry: Entry, entries: Mapping[str, Entry]) -> Iterator[str]:
    if entry.key in entries:
        yield f"{name}: key: {entry.key!r} is another entry's already"
    if any(other.number == entry.number for other in entries.values()):
        yield f"{name}: number: {entry.number} is another entry's already"


def _is_technique(text: str) -> bool:
    base, _, sub = text.partition(".")
    right = len(base) == 5 and base[0] == "T" and base[1:].isdigit()
    return right and (not sub or (len(sub) == 3 and sub.isdigit())) and not text.endswith(".")
