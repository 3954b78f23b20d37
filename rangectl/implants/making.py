"""The one engine that makes an artefact from a catalogue entry: its components, edits and papers.

Implants, decoys and noise come out of the same moulds. Scripts do nothing, copied programs are
`true`, `sleep` or a library of mathematics, and the one program that speaks is the activity
program with its constants filled in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import assert_never

from rangectl.implants import contents, speaking, texts, words
from rangectl.implants.item import (
    Account,
    Baseline,
    Change,
    Job,
    Key,
    Listing,
    Poller,
    Program,
    Share,
)
from rangectl.implants.places import PATTERNS, ROOTS
from rangectl.implants.site import SECOND, Site, Values
from rangectl.model.catalogue import Entry
from rangectl.model.parts import (
    ActivityPart,
    AnyPart,
    ChangePart,
    CopyPart,
    FilePart,
    LinePart,
    LinkPart,
    MountPart,
    ProcessPart,
    ScriptPart,
    TrafficPart,
)
from rangectl.model.planting import Component, ComponentKind
from rangectl.model.syntaxes import STOCK
from rangectl.plan.probing import AppendLine, Copy, Edit, Grant, Hide, MakeFolder, Symlink, Write

_GRACE = timedelta(seconds=10)
_BITS: dict[str, ComponentKind] = {"suid": "suid", "cap": "cap"}
_TRIES = 200
_OWNED = (ScriptPart, CopyPart, ActivityPart, FilePart, LinkPart)
_EXPLAINED = ("sshkey", "passwd", "shadow", "group")
"""Lines that a register of their own explains."""


@dataclass(frozen=True, slots=True)
class Made:
    """What came out: components, edits, what a register would say, a key's fingerprint, and what is
    put `beyond` its host.
    """

    components: tuple[Component, ...]
    edits: tuple[Edit, ...]
    listings: tuple[Listing, ...] = ()
    fingerprint: str | None = None
    period: timedelta = timedelta(0)
    units: tuple[str, ...] = ()
    beyond: tuple[Share, ...] = ()
    hides: tuple[Hide, ...] = ()


@dataclass(slots=True)
class _Making:
    """One artefact being made; `at` is the number of the host that is at hand."""

    site: Site
    values: Values
    parts: tuple[AnyPart, ...]
    components: list[Component] = field(default_factory=list)
    at: str = ""
    placed: dict[str, list[Edit]] = field(default_factory=dict)
    listings: list[Listing] = field(default_factory=list)
    hides: list[Hide] = field(default_factory=list)
    fingerprint: str | None = None
    period: timedelta = timedelta(0)
    report_only: bool = False

    @property
    def host(self) -> str:
        return self.site.host_of(self.at).name

    @property
    def edits(self) -> list[Edit]:
        return self.placed.setdefault(self.at, [])

    @property
    def purpose(self) -> str:
        return self.values.name(self.at).purpose

    def add(self, part: AnyPart, kind: ComponentKind, **more: object) -> None:
        """Note a component."""
        facts = {"required": part.required, "persistence": part.persistence, **more}
        if self.at:
            facts["host"] = self.host
        self.components.append(Component.model_validate({"id": part.id, "kind": kind, **facts}))

    def explain(self, path: str, line: str = "") -> None:
        """Note what the partner's register of changes says of a path."""
        ticket, owner = self.values.get("ticket"), self.values.get("owner")
        self.listings.append(Change(self.host, path, line, ticket, owner, self.purpose))


def make(site: Site, entry: Entry, starter: Entry | None = None) -> Made:
    """Make one artefact. What persists of `starter` starts it.

    Where its places are taken on the host already, others are drawn.
    """
    own = entry.components if site.loud else tuple(p for p in entry.components if not p.acts)
    starts = starter is not None and site.loud
    parts = (*(p for p in starter.components if p.persistence), *own) if starter and starts else own
    for attempt in range(_TRIES):
        choose = site.choose if attempt == 0 else site.choose.fork(f"attempt {attempt}")
        there = replace(site, choose=choose, resident=starts)
        values = Values(there, entry.draws if starter is None else starter.draws | entry.draws)
        paths = [
            {values.fill(p.path) for p in parts if isinstance(p, _OWNED) and p.at == at}
            for at in ("first", "second")
        ]
        names = (site.names_of(""), site.names_of(SECOND))
        if not any(mine & known.paths for mine, known in zip(paths, names, strict=True)):
            for mine, known in zip(paths, names, strict=True):
                known.paths |= mine
            return _made(_Making(there, values, parts, report_only=entry.report_only))
    message = f"{site.host.name}: no place is left for another {entry.key}"
    raise ValueError(message)


def _made(making: _Making) -> Made:
    for part in making.parts:
        making.at = SECOND if part.at == "second" else ""
        _put(making, part)
    shares = {number: _in_order(edits) for number, edits in making.placed.items()}
    edits = shares.pop("", ())
    return Made(
        components=tuple(making.components),
        edits=edits,
        listings=tuple(making.listings),
        fingerprint=making.fingerprint,
        period=making.period,
        units=_units(edits),
        hides=tuple(making.hides),
        beyond=tuple(
            Share(making.site.host_of(number).name, own, _units(own))
            for number, own in shares.items()
        ),
    )


def _units(edits: Iterable[Edit]) -> tuple[str, ...]:
    """Return the units among these edits that can be started: no moulds of such."""
    return tuple(
        path.rpartition("/")[2]
        for one in edits
        if isinstance(one, Write | Symlink)
        and (path := one.path).startswith("/etc/systemd/system/")
        and path.count("/") == 4
        and path.endswith((".service", ".timer", ".socket"))
        and not path.endswith("@.service")
    )


def _in_order(edits: list[Edit]) -> tuple[Edit, ...]:
    """Put programs in place before what starts them."""
    return tuple(
        sorted(edits, key=lambda one: not (isinstance(one, Copy | Write) and one.mode & 1))
    )


def _put(making: _Making, part: AnyPart) -> None:
    match part:
        case ScriptPart():
            _script(making, part)
        case CopyPart():
            _copy(making, part)
        case ActivityPart():
            _activity(making, part)
        case FilePart():
            _file(making, part)
        case LinePart():
            _line(making, part)
        case ChangePart():
            _change(making, part)
        case LinkPart():
            _link(making, part)
        case ProcessPart() | MountPart():
            _running(making, part)
        case TrafficPart():
            _traffic(making, part)
        case _:
            assert_never(part)


def _script(making: _Making, part: ScriptPart) -> None:
    values = making.values
    choose = values.own("script", part.id)
    area = f"{choose.pick(words.ROOTS)}/{choose.pick(words.NOUNS)}"
    name = values.name()
    settings = (area, 2 + choose.below(60), choose.token(8))
    text = texts.script(name.text, name.purpose, values.get("owner"), values.get("day"), settings)
    _write(making, part, text.encode(), 0o755)


def _write(
    making: _Making,
    part: ScriptPart | ActivityPart | FilePart,
    content: bytes,
    mode: int,
    owner: str = "root",
) -> None:
    """Write a file that is looked for by its content."""
    path = making.values.fill(part.path)
    making.edits.append(Write(path, content, mode, owner, _mtime(making, part)))
    making.add(
        part,
        "file",
        path=path,
        look_in=ROOTS.get(part.look_in, ()),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )


def _mtime(making: _Making, part: AnyPart) -> float:
    """Return when a file was last changed, as its time says; a stomped one is as old as others."""
    mtime = making.values.mtime(part.id)
    if isinstance(part, FilePart) and part.stomped:
        return float(int(mtime - 400 * 86_400))
    return mtime


def _copy(making: _Making, part: CopyPart) -> None:
    if part.fleeting:
        return
    path = making.values.fill(part.path)
    bit = part.bit if making.site.loud or part.bit is None else None
    mode = 0o4755 if bit == "suid" else 0o755
    making.edits.append(Copy(STOCK[part.of], path, mode, mtime=making.values.mtime(part.id)))
    if part.bit is not None and bit is None:
        making.components.append(Component(id=part.id, kind="file", required=False, path=path))
        return
    if bit == "cap":
        making.edits.append(Grant(path))
    # Copies are all alike: only one that is marked can be told from the others elsewhere.
    look_in = () if bit is None else ROOTS.get(part.look_in, ())
    making.add(part, _BITS.get(bit or "", "file"), path=path, look_in=look_in)
    if bit is not None:
        making.listings.append(Program(making.host, path, None, making.purpose))
    else:
        making.explain(path)


def _activity(making: _Making, part: ActivityPart) -> None:
    values, site = making.values, making.site
    path = values.fill(part.path)
    text = speaking.program(values, part)
    _write(making, part, text.encode(), 0o755)
    making.period = site.target.period if site.loud else timedelta(0)
    target = speaking.aim(values, part)
    command, to = f"{path} {values.get(f'flag{making.at}')}", str(target.address)
    making.listings.append(Poller(making.host, command, to, target.port, making.purpose))


def _file(making: _Making, part: FilePart) -> None:
    values = making.values
    path = values.fill(part.path)
    whole = values.fill(part.text)
    lines = whole.split("\n")
    for other in making.parts:
        if isinstance(other, ChangePart) and other.of == part.id:
            lines[lines.index(values.fill(other.line))] = values.fill(other.becomes)
    if part.content is None:
        content = "\n".join(lines).encode()
    else:
        content = contents.MAKERS[part.content](values)
    mode, owner = int(part.mode, 8), values.fill(part.owner)
    _own_folder(making, path, owner)
    if part.needle:
        making.edits.append(Write(path, content, mode, owner, _mtime(making, part)))
        _needle(making, part, path, content)
    else:
        _write(making, part, content, mode, owner)
    if part.kept is not None:
        kept, mtime = values.fill(part.kept), values.mtime(f"{part.id} kept")
        making.edits.append(Write(kept, whole.encode(), 0o644, "root", mtime))
        digest = hashlib.sha256(whole.encode()).hexdigest()
        making.listings.append(Baseline(making.host, path, kept, digest))
    _paper(making, part, path)


def _own_folder(making: _Making, path: str, owner: str) -> None:
    """See to it that an account's folder of keys is there, and its own."""
    folder = path.rpartition("/")[0]
    if folder.endswith("/.ssh"):
        making.edits.append(MakeFolder(folder, 0o700, owner))


def _line(making: _Making, part: LinePart) -> None:
    values = making.values
    path, line, owner = (values.fill(one) for one in (part.path, part.text, part.owner))
    _own_folder(making, path, owner)
    if part.syntax == "sshkey":
        making.fingerprint = values.get("keyprint")
        key = Key(making.host, owner, making.fingerprint, values.get("owner"))
        making.listings.append(key)
    if part.syntax == "passwd":
        account = Account(making.host, values.get("person"), values.get("owner"), making.purpose)
        making.listings.append(account)
    mtime = values.mtime(part.id)
    making.edits.append(AppendLine(path, line, int(part.mode, 8), owner, mtime))
    _needle(making, part, path)
    if part.syntax not in _EXPLAINED:
        _paper(making, part, path, line)


def _needle(
    making: _Making, part: FilePart | LinePart, path: str, content: bytes | None = None
) -> None:
    """Note a component that is there as long as something holds its needle; with `content` it has
    its file for itself.
    """
    user = making.values.get(f"user{making.at}") if part.syntax == "crontab" else None
    making.add(
        part,
        "line",
        path=path,
        look_in=PATTERNS.get(part.look_in, (path,)),
        needle=making.values.fill(part.needle),
        sha256=None if content is None else hashlib.sha256(content).hexdigest(),
        size=None if content is None else len(content),
        user=user,
    )


def _paper(making: _Making, part: FilePart | LinePart, path: str, line: str = "") -> None:
    """Note what the partner says of a file or line that starts something or must go."""
    if part.job is not None:
        user, command = making.values.fill(part.job.user), making.values.fill(part.job.command)
        making.listings.append(Job(making.host, path, user, command, making.purpose))
    elif part.persistence or part.required or (making.report_only and making.site.loud):
        making.explain(path, line)


def _change(making: _Making, part: ChangePart) -> None:
    values = making.values
    file = next(one for one in making.parts if one.id == part.of and isinstance(one, FilePart))
    path = values.fill(file.path)
    making.add(part, "lost", path=path, look_in=(path,), needle=values.fill(part.line))
    making.explain(path, values.fill(part.becomes))


def _link(making: _Making, part: LinkPart) -> None:
    path, target = making.values.fill(part.path), making.values.fill(part.to)
    making.edits.append(Symlink(path, target, making.values.mtime(part.id)))
    digest = hashlib.sha256(target.encode()).hexdigest()
    making.add(part, "link", path=path, sha256=digest)
    making.explain(path)


def _running(making: _Making, part: ProcessPart | MountPart) -> None:
    if isinstance(part, MountPart):
        _mount(making, part)
    else:
        _process(making, part)


def _mount(making: _Making, part: MountPart) -> None:
    over = next(p for p in making.parts if isinstance(p, ProcessPart) and p.id == part.of)
    path, folder = making.values.fill(over.path), making.values.fill(part.folder)
    making.edits.append(MakeFolder(folder))
    making.hides.append(Hide(path, folder))
    making.add(part, "mount", path=path, needle=making.values.fill(over.title) or path)


def _process(making: _Making, part: ProcessPart) -> None:
    path, title = making.values.fill(part.path), making.values.fill(part.title)
    making.add(part, "process", needle=title or path, path=path)


def _traffic(making: _Making, part: TrafficPart) -> None:
    site, values = making.site, making.values
    activity = next(
        one for one in making.parts if isinstance(one, ActivityPart) and part.by in {None, one.id}
    )
    beat, target = speaking.beat(values), speaking.aim(values, activity)
    nics = site.host_of(making.at).nics
    making.add(
        part,
        "traffic",
        address=target.address,
        port=target.port,
        needle=speaking.needle(values, activity),
        source=nics[0].address.ip if len(nics) == 1 else None,
        lately=timedelta(seconds=round(beat * (1 + site.target.jitter))) + _GRACE,
    )
