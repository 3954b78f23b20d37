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
from rangectl.implants import filler, inertness
from rangectl.implants.chooser import Chooser
from rangectl.implants.item import Baseline, Item, Program
from rangectl.implants.making import Made, make
from rangectl.implants.names import Names
from rangectl.implants.pairs import Pair, pairs
from rangectl.implants.site import Site, Target, host_key
from rangectl.model.catalogue import Entry, Stand
from rangectl.model.exercise import Exercise, Stage
from rangectl.model.parts import ActivityPart
from rangectl.model.planting import Artefact, Component, Nature
from rangectl.plan.personal import is_seat
from rangectl.plan.probing import AppendLine, Copy, Edit
from rangectl.plan.spec import HostSpec, RangeSpec

_COMPANY = 5
_FILLED = 4
"""For so many stages each kind of file that is like no entry's is drawn once."""
_HTTP = 80
_MARKED = ("suid", "cap")


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
    pair: Pair | None = None


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
    programs: Mapping[str, str],
    secret: bytes,
    now: datetime,
) -> tuple[Item, ...]:
    """Return all that is planted in a team's range, in planting order.

    The same exercise, range, secret and `now` give the same items to the byte; another team, seed
    or secret gives others, unless the exercise is to be the same for all. `programs` are the forms
    of the activity program, by what they say.
    InvalidFileError names all that does not fit.
    """
    found = problems(exercise, spec, entries)
    found += tuple(
        f"activity program {says}: {one}"
        for says, text in programs.items()
        for one in inertness.problems(text)
    )
    if found:
        raise InvalidFileError(found)
    choose = Chooser(_key(exercise, spec, secret))
    slots = _ordered(tuple(_slots(exercise, spec, entries, choose)), choose.fork("order"))
    names = {host.name: Names() for host in places(spec)}
    items = []
    for slot in slots:
        own = choose.fork(slot.id)
        entry = entries.get(slot.kind)
        loud = 1.0 if slot.nature != "noise" or entry is None else entry.loud
        site = Site(
            host=slot.host,
            choose=own,
            names=names[slot.host.name],
            now=now,
            programs=programs,
            target=_target(exercise, spec, slot, entry, own.fork("target")),
            loud=own.fork("loud").chance(loud),
            peer=_peer(spec, slot.host, own.fork("peer")),
            pair=slot.pair,
            beyond=names[slot.pair.second.name] if slot.pair is not None else None,
        )
        items.append(_item(slot, _make(slot, site, entries), entry))
    return _told_apart(items)


def _key(exercise: Exercise, spec: RangeSpec, secret: bytes) -> bytes:
    """Return what all choices follow from: the team and its secret, unless all are to be alike."""
    same = exercise.same_for_all
    seed = f"{exercise.name}\0{exercise.seed}\0{'' if same else spec.id.team}".encode()
    return hmac.new(b"" if same else secret, seed, hashlib.sha256).digest()


def _make(slot: _Slot, site: Site, entries: Mapping[str, Entry]) -> Made:
    entry = entries.get(slot.kind)
    if entry is None:
        return filler.KINDS[slot.kind](site)
    starters = entry.started_by
    wanted = slot.stage.started_by if slot.stage.implant == slot.kind else None
    if slot.nature != "implant" and starters:
        wanted = wanted or site.choose.fork("starter").pick(starters)
    key = wanted or (starters[0] if starters else None)
    return make(site, entry, entries[key] if key is not None else None)


Facts = Mapping[str, Mapping[str, tuple[str, int]]]
"""By host: digest and size of each program that copies are made of."""


def stamped(items: Sequence[Item], facts: Facts) -> tuple[Item, ...]:
    """Return the items with digests and sizes filled into their copies."""
    return tuple(_stamp(item, facts.get(item.artefact.host, {})) for item in items)


def _problems(exercise: Exercise, spec: RangeSpec, entries: Mapping[str, Entry]) -> Iterator[str]:
    hosts = {host.name: host for host in spec.hosts}
    for actor_name, actor in exercise.actors.items():
        where = f"{exercise.name}: actors.{actor_name}"
        if actor.sinkhole not in hosts or not hosts[actor.sinkhole].nics:
            yield f'{where}.sinkhole: unknown host "{actor.sinkhole}"'
        for number, stage in enumerate(actor.stages):
            here = f"{where}.chain[{number}]"
            entry = entries.get(stage.implant)
            if entry is None:
                known = ", ".join(sorted(entries))
                yield f'{here}.implant: unknown entry "{stage.implant}" (known: {known})'
                continue
            if entry.opt_in and entry.key not in exercise.opt_in:
                yield f"{here}.implant: {entry.key} is planted only where `opt_in` names it"
            if stage.to is not None and entry.second is None:
                yield f"{here}.to: {entry.key} stands on one host"
            elif not _matching(spec, stage, entry):
                to = f', or none that it reaches matches "{stage.to}"' if stage.to else ""
                yield f'{here}.on: no host of the partner that can hold it matches "{stage.on}"{to}'
            if stage.started_by is not None and stage.started_by not in entry.started_by:
                yield f'{here}.started_by: "{stage.started_by}" cannot start {entry.key}'


Place = tuple[HostSpec, Pair | None]
"""Where something stands: its host, and where it needs two, both."""


def _matching(spec: RangeSpec, stage: Stage, entry: Entry) -> tuple[Place, ...]:
    return tuple(
        (host, pair)
        for host, pair in _able(spec, entry)
        if fnmatchcase(host.name, stage.on)
        and (stage.to is None or (pair is not None and fnmatchcase(pair.second.name, stage.to)))
    )


def _able(spec: RangeSpec, entry: Entry | None) -> tuple[Place, ...]:
    """Return where a thing of this kind can stand."""
    if entry is None:
        return tuple((host, None) for host in places(spec))
    hosts = _offering(spec, entry.stands_on)
    if entry.second is None:
        return tuple((host, None) for host in hosts)
    found = pairs(spec, hosts, _offering(spec, entry.second), entry.second)
    return tuple((pair.first, pair) for pair in found)


def _roomy(places: Sequence[Place]) -> Sequence[Place]:
    """Leave out pairs with few doors between them, where there are others: those are for implants,
    which are told where to stand.
    """
    return [one for one in places if one[1] is None or not one[1].doors] or places


def _offering(spec: RangeSpec, wanted: Stand) -> tuple[HostSpec, ...]:
    """Return the hosts that offer what a thing needs."""
    return tuple(
        host
        for host in places(spec)
        if (wanted.router or host.kind == "host")
        and wanted.init in {"any", host.init}
        and (not wanted.roles or {role.name for role in host.roles} & set(wanted.roles))
    )


def _slots(
    exercise: Exercise, spec: RangeSpec, entries: Mapping[str, Entry], choose: Chooser
) -> Iterator[_Slot]:
    kinds = tuple(
        kind for kind in _noise_kinds(exercise, entries) if _able(spec, entries.get(kind))
    )
    for actor_name, actor in exercise.actors.items():
        for number, stage in enumerate(actor.stages):
            own = choose.fork(f"stage\0{actor_name}\0{number}")
            entry = entries[stage.implant]
            host, pair = own.pick(_matching(spec, stage, entry))
            implant = _Slot(
                own.token(8), "implant", stage.implant, host, stage, actor_name, pair=pair
            )
            yield implant
            for _ in range(exercise.decoys.per_implant):
                host, pair = own.pick(_roomy(_able(spec, entry)))
                decoy = replace(implant, id=own.token(8), nature="decoy", of=implant.id)
                yield replace(decoy, host=host, pair=pair)
            for _ in range(exercise.noise.edits_per_implant):
                kind = own.pick(kinds)
                host, pair = own.pick(_roomy(_able(spec, entries.get(kind))))
                noise = replace(implant, id=own.token(8), nature="noise", kind=kind)
                yield replace(noise, host=host, pair=pair)


def _noise_kinds(exercise: Exercise, entries: Mapping[str, Entry]) -> tuple[str, ...]:
    """Return the kinds that noise is drawn from: those of the implants and of what starts them, as
    often as these occur, so that no kind of file holds more implants than another; beside them
    files that share no meaning with implants, but what a trick without a meaning sees of them.
    """
    stages = [stage for actor in exercise.actors.values() for stage in actor.stages]
    kinds = []
    for stage in stages:
        company = entries[stage.implant].company or {stage.implant: _COMPANY}
        starter = {stage.started_by: _COMPANY - 1} if stage.started_by is not None else {}
        for kind, often in (company | starter).items():
            kinds += [kind] * often
    return (*kinds, *(list(filler.KINDS) * -(-len(stages) // _FILLED)))


def _ordered(slots: Sequence[_Slot], choose: Chooser) -> tuple[_Slot, ...]:
    return tuple(sorted(choose.shuffled(slots), key=lambda slot: slot.stage.after))


def _target(
    exercise: Exercise, spec: RangeSpec, slot: _Slot, entry: Entry | None, choose: Chooser
) -> Target:
    period, jitter = slot.stage.period, slot.stage.jitter
    inside = entry is not None and any(
        isinstance(part, ActivityPart) and part.to == "inside" for part in entry.components
    )
    if slot.nature == "implant" and not inside:
        sinkhole = spec.host(slot.stage.sinkhole or exercise.actors[slot.actor].sinkhole)
        return Target(sinkhole.nics[0].address.ip, _HTTP, period, jitter)
    address, port = choose.pick(_inside(spec, slot.host))
    return Target(address, port, period, jitter)


def _peer(spec: RangeSpec, host: HostSpec, choose: Chooser) -> IPv4Address:
    """Return the address of another host of the partner's."""
    others = [one for one in places(spec) if one.name != host.name] or [host]
    return choose.pick(others).nics[0].address.ip


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
    vouched = tuple(one for one in made.listings if isinstance(one, Baseline))
    listings = vouched if implant else made.listings
    reserve = f"{slot.actor}/{slot.stage.reserve}" if slot.stage.reserve else ""
    item = Item(artefact, made.edits, slot.stage.after, listings, reserve, made.units)
    return replace(item, beyond=made.beyond, hides=made.hides)


def _told_apart(items: Sequence[Item]) -> tuple[Item, ...]:
    """Tell each marked copy where the others of its host stand: their content is the same."""
    copies: dict[str, list[str]] = {}
    for item in items:
        for one in item.artefact.components:
            if one.kind in _MARKED and one.path is not None:
                copies.setdefault(item.artefact.host, []).append(one.path)
    return tuple(
        _with_components(
            item,
            tuple(
                one.model_copy(update={"others": _others(copies, item.artefact.host, one)})
                if one.kind in _MARKED
                else one
                for one in item.artefact.components
            ),
        )
        for item in items
    )


def _others(copies: Mapping[str, list[str]], host: str, own: Component) -> tuple[str, ...]:
    return tuple(sorted(path for path in copies.get(host, ()) if path != own.path))


def _stamp(item: Item, facts: Mapping[str, tuple[str, int]]) -> Item:
    copied = {
        edit.path: facts[edit.source]
        for edit in item.edits
        if isinstance(edit, Copy) and edit.source in facts
    }
    if not copied:
        return item
    components = tuple(
        one.model_copy(update=dict(zip(("sha256", "size"), copied[one.path], strict=True)))
        if one.path in copied and one.kind in {"file", *_MARKED}
        else one
        for one in item.artefact.components
    )
    listings = tuple(
        replace(one, sha256=copied[one.path][0])
        if isinstance(one, Program) and one.path in copied
        else one
        for one in item.listings
    )
    return replace(_with_components(item, components), listings=listings)


def introduced(items: Sequence[Item], keys: Mapping[str, str]) -> tuple[Item, ...]:
    """Return the items with the keys of hosts filled in (by host, in base64) where one knows
    another.
    """
    return tuple(
        replace(item, edits=tuple(_knowing(one, keys) for one in item.edits)) for item in items
    )


def _knowing(edit: Edit, keys: Mapping[str, str]) -> Edit:
    if not isinstance(edit, AppendLine) or not edit.path.endswith("/known_hosts"):
        return edit
    line = edit.line
    for host, key in keys.items():
        line = line.replace(host_key(host), key)
    return replace(edit, line=line)


def _with_components(item: Item, components: tuple[Component, ...]) -> Item:
    return replace(item, artefact=item.artefact.model_copy(update={"components": components}))
