"""What is planted in one team's range, in an order that tells nothing."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase
from ipaddress import IPv4Address

from rangectl.errors import InvalidFileError
from rangectl.implants import inertness, shapes
from rangectl.implants.chooser import Chooser
from rangectl.implants.item import Item, Program
from rangectl.implants.shapes import Made, Names, Site, Target
from rangectl.model.catalogue import Entry
from rangectl.model.exercise import Exercise, Stage
from rangectl.model.planting import Artefact, Component, Nature
from rangectl.plan.personal import is_seat
from rangectl.plan.probing import Copy
from rangectl.plan.spec import HostSpec, RangeSpec

REFRESH_ROOTS = (
    *("/etc", "/home", "/opt", "/root", "/srv", "/usr/local", "/var/backups", "/var/list"),
    *("/var/spool/cron", "/var/www"),
)
"""Where things are planted; ctimes are renewed below these with every planting."""

SOURCE = shapes.SOURCE
POLLER = "c2.http"
_OTHER_KINDS = ("settings", "table")
_FILES = {
    "cron.dropin": ("cron.dropin",) * 5,
    "cron.user": ("cron.user",) * 5,
    "ssh.authkey": ("ssh.authkey",) * 6,
    "suid.copy": ("suid.copy",) * 5,
    "c2.http": (*("c2.http",) * 5, *("cron.user",) * 4),
}
"""For each kind of implant, how much noise of which kinds gives each of its files company."""

_HTTP = 80


@dataclass(frozen=True, slots=True)
class _Slot:
    """One artefact to be made: everything but its particulars."""

    id: str
    nature: Nature
    kind: str
    host: HostSpec
    stage: Stage
    actor: str
    of: str = ""


def places(spec: RangeSpec) -> tuple[HostSpec, ...]:
    """Return the partner's hosts, which alone may hold artefacts: no kit, sinkhole or client."""
    zones = {segment.name: segment.zone for segment in spec.segments}
    return tuple(
        host
        for host in sorted(spec.hosts, key=lambda host: host.name)
        if is_seat(spec, host)
        and (host.kind == "router" or all(zones[nic.segment] == "partner" for nic in host.nics))
    )


def problems(exercise: Exercise, spec: RangeSpec, entries: Mapping[str, Entry]) -> tuple[str, ...]:
    """Return why this exercise cannot be planted in this range; none means that it can."""
    return tuple(_problems(exercise, spec, entries))


def compose(
    exercise: Exercise,
    spec: RangeSpec,
    entries: Mapping[str, Entry],
    program: str,
    secret: bytes,
    now: datetime,
) -> tuple[Item, ...]:
    """Return all that is planted in a team's range, in planting order.

    The same exercise, range, secret and `now` give the same items to the byte; another team, seed
    or secret gives others. `program` is the activity program. InvalidFileError names all that
    does not fit.
    """
    found = problems(exercise, spec, entries)
    found += tuple(f"activity program: {one}" for one in inertness.problems(program))
    if found:
        raise InvalidFileError(found)
    seed = f"{exercise.name}\0{exercise.seed}\0{spec.id.team}".encode()
    choose = Chooser(hmac.new(secret, seed, hashlib.sha256).digest())
    slots = _ordered(tuple(_slots(exercise, spec, choose)), choose.fork("order"))
    names = {host.name: Names() for host in places(spec)}
    items = []
    for slot in slots:
        own = choose.fork(slot.id)
        site = Site(
            host=slot.host,
            choose=own,
            names=names[slot.host.name],
            now=now,
            program=program,
            target=_target(exercise, spec, slot, own.fork("target")),
            resident=slot.nature != "noise" or own.fork("resident").chance(0.35),
            setuid=slot.nature != "noise" or own.fork("setuid").chance(0.1),
        )
        items.append(_item(slot, shapes.SHAPES[slot.kind](site), entries.get(slot.kind)))
    return _told_apart(items)


def stamped(items: Sequence[Item], facts: Mapping[str, tuple[str, int]]) -> tuple[Item, ...]:
    """Return the items with digest and size of `SOURCE` filled into its copies, by host."""
    return tuple(_stamp(item, facts.get(item.artefact.host)) for item in items)


def _problems(exercise: Exercise, spec: RangeSpec, entries: Mapping[str, Entry]) -> Iterator[str]:
    hosts = {host.name: host for host in spec.hosts}
    for actor_name, actor in exercise.actors.items():
        where = f"{exercise.name}: actors.{actor_name}"
        if actor.sinkhole not in hosts or not hosts[actor.sinkhole].nics:
            yield f'{where}.sinkhole: unknown host "{actor.sinkhole}"'
        for number, stage in enumerate(actor.stages):
            here = f"{where}.chain[{number}]"
            entry = entries.get(stage.implant)
            if entry is None or stage.implant not in shapes.SHAPES:
                known = ", ".join(sorted(entries))
                yield f'{here}.implant: unknown entry "{stage.implant}" (known: {known})'
                continue
            if not _matching(spec, stage):
                yield f'{here}.on: no host of the partner that can hold it matches "{stage.on}"'
            if stage.started_by is not None and stage.started_by not in entry.started_by:
                yield f'{here}.started_by: "{stage.started_by}" cannot start {entry.key}'


def _matching(spec: RangeSpec, stage: Stage) -> tuple[HostSpec, ...]:
    hosts = _able(spec, stage.implant)
    return tuple(host for host in hosts if fnmatchcase(host.name, stage.on))


def _able(spec: RangeSpec, kind: str) -> tuple[HostSpec, ...]:
    return tuple(host for host in places(spec) if kind != POLLER or host.kind == "host")


def _slots(exercise: Exercise, spec: RangeSpec, choose: Chooser) -> Iterator[_Slot]:
    kinds = _noise_kinds(exercise)
    for actor_name, actor in exercise.actors.items():
        for number, stage in enumerate(actor.stages):
            own = choose.fork(f"stage\0{actor_name}\0{number}")
            host = own.pick(_matching(spec, stage))
            implant = _Slot(own.token(8), "implant", stage.implant, host, stage, actor_name)
            yield implant
            for _ in range(exercise.decoys.per_implant):
                host = own.pick(_able(spec, stage.implant))
                yield replace(implant, id=own.token(8), nature="decoy", host=host, of=implant.id)
            for _ in range(exercise.noise.edits_per_implant):
                kind = own.pick(kinds)
                host = own.pick(_able(spec, kind))
                yield replace(implant, id=own.token(8), nature="noise", kind=kind, host=host)


def _noise_kinds(exercise: Exercise) -> tuple[str, ...]:
    """Return the kinds that noise is drawn from: those of the implants and of what starts them, as
    often as these occur, so that no kind of file holds more implants than another.
    """
    stages = [stage for actor in exercise.actors.values() for stage in actor.stages]
    kinds = [kind for stage in stages for kind in _FILES[stage.implant]]
    return (*kinds, *_OTHER_KINDS)


def _ordered(slots: Sequence[_Slot], choose: Chooser) -> tuple[_Slot, ...]:
    return tuple(sorted(choose.shuffled(slots), key=lambda slot: slot.stage.after))


def _target(exercise: Exercise, spec: RangeSpec, slot: _Slot, choose: Chooser) -> Target:
    period, jitter = slot.stage.period, slot.stage.jitter
    if slot.nature == "implant":
        sinkhole = spec.host(slot.stage.sinkhole or exercise.actors[slot.actor].sinkhole)
        return Target(sinkhole.nics[0].address.ip, _HTTP, period, jitter)
    address, port = choose.pick(_inside(spec, slot.host))
    return Target(address, port, period, jitter)


def _inside(spec: RangeSpec, host: HostSpec) -> tuple[tuple[IPv4Address, int], ...]:
    """Return web servers of the partner's that a benign poller of `host` may ask."""
    hosts = places(spec)
    served = tuple(
        (one.nics[0].address.ip, service.port)
        for one in hosts
        for service in one.services
        if service.check == "http"
    )
    other = tuple(pair for pair in served if pair[0] not in {n.address.ip for n in host.nics})
    return other or served or tuple((one.nics[0].address.ip, _HTTP) for one in hosts)


def _item(slot: _Slot, made: Made, entry: Entry | None) -> Item:
    implant = slot.nature == "implant"
    known = slot.nature != "noise" and entry is not None
    artefact = Artefact(
        id=slot.id,
        nature=slot.nature,
        host=slot.host.name,
        components=made.components,
        entry=entry.key if entry is not None and known else None,
        actor=slot.actor if implant else None,
        weight=entry.weight if entry is not None and implant else 0,
        technique=entry.attack if entry is not None and implant else None,
        evidence=entry.evidence if entry is not None and implant else (),
        period=made.period,
        fingerprint=made.fingerprint,
        imitates=slot.of or None,
    )
    listings = () if implant else made.listings
    reserve = f"{slot.actor}/{slot.stage.reserve}" if slot.stage.reserve else ""
    return Item(artefact, made.edits, slot.stage.after, listings, reserve)


def _told_apart(items: Sequence[Item]) -> tuple[Item, ...]:
    """Tell each set-user-id copy where the others of its host stand: their content is the same."""
    copies: dict[str, list[str]] = {}
    for item in items:
        for one in item.artefact.components:
            if one.kind == "suid" and one.path is not None:
                copies.setdefault(item.artefact.host, []).append(one.path)
    return tuple(
        _with_components(
            item,
            tuple(
                one.model_copy(update={"others": _others(copies, item.artefact.host, one)})
                if one.kind == "suid"
                else one
                for one in item.artefact.components
            ),
        )
        for item in items
    )


def _others(copies: Mapping[str, list[str]], host: str, own: Component) -> tuple[str, ...]:
    return tuple(sorted(path for path in copies.get(host, ()) if path != own.path))


def _stamp(item: Item, fact: tuple[str, int] | None) -> Item:
    if fact is None:
        return item
    copied = {edit.path for edit in item.edits if isinstance(edit, Copy)}
    components = tuple(
        one.model_copy(update={"sha256": fact[0], "size": fact[1]}) if one.path in copied else one
        for one in item.artefact.components
    )
    listings = tuple(
        replace(one, sha256=fact[0]) if isinstance(one, Program) else one for one in item.listings
    )
    return replace(_with_components(item, components), listings=listings)


def _with_components(item: Item, components: tuple[Component, ...]) -> Item:
    return replace(item, artefact=item.artefact.model_copy(update={"components": components}))
