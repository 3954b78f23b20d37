"""Where each value of a host comes from: which file, line and layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from rangectl.model import inherit
from rangectl.model.parse.problem import Document, Problem, node_at, place
from rangectl.model.topology import Host, Rule, Service, Topology, expanded_names
from rangectl.plan.addresses import Place, allocate, pools_of
from rangectl.plan.expand import expand

_ORDER = ("image", "init", "limits", "roles", "services")
UNSAID = "goes without saying"


@dataclass(frozen=True, slots=True)
class Origin:
    """One value of a host: `place` is FILE:LINE:COLUMN, empty for what no file says."""

    key: str
    value: str
    place: str
    layer: str


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of `hosts`, the hosts it stands for, and their values."""

    entry: str
    hosts: tuple[str, ...]
    values: tuple[Origin, ...]


def origins(document: Document[Topology]) -> tuple[Told, ...]:
    """Return the values of every entry of a topology's hosts, in the order of its file."""
    model = document.model
    subnets = {name: segment.subnet for name, segment in model.segments.items()}
    addresses = allocate(expand(model), subnets, {}, pools_of(model))
    told = []
    for entry, host in document.written.hosts.items():
        names = expanded_names(entry, host)
        found = (
            *_own(document, entry, host),
            *_inherited(document, entry),
            *_addresses(document, entry, names, addresses),
            *_rules(document, entry, host),
        )
        told.append(Told(entry, names, found))
    return tuple(told)


def _origin(
    document: Document[Topology], key: str, value: str, path: inherit.Path, layer: str
) -> Origin:
    node = node_at(document.root, path) if path else None
    if node is None:
        return Origin(key, value, "", layer if not path else UNSAID)
    mark = place(document.root, Problem(path, ""))
    where = f"{mark.file or document.name}:{mark.line}:{mark.column}"
    return Origin(key, value, where, f"{layer}, {node.source}" if node.source else layer)


def _own(document: Document[Topology], entry: str, host: Host) -> Iterator[Origin]:
    path, layer = ("hosts", entry), f"host {entry}"
    yield _origin(document, "kind", host.kind, (*path, "kind"), layer)
    for index, group in enumerate(host.group):
        yield _origin(document, f"group[{index}]", group, (*path, "group", index), layer)
    if host.count is not None:
        yield _origin(document, "count", str(host.count), (*path, "count"), layer)


def _inherited(document: Document[Topology], entry: str) -> Iterator[Origin]:
    found = inherit.values(document.written, entry)
    names = list(dict.fromkeys(key[:2] for key in found))  # the variables of a role beside it
    for key, value in sorted(
        found.items(), key=lambda item: (_ORDER.index(item[0][0]), names.index(item[0][:2]))
    ):
        said = _word(value.is_) if len(key) > 2 else _shown(value.is_)
        yield _origin(document, ".".join(key), said, value.path, value.layer)


def _addresses(
    document: Document[Topology],
    entry: str,
    names: tuple[str, ...],
    addresses: Mapping[Place, IPv4Address],
) -> Iterator[Origin]:
    for segment, asked in document.written.hosts[entry].segments.items():
        path = ("hosts", entry, "segments", segment)
        first, *others = (str(addresses[name, segment]) for name in names)
        shown = f"{first} .. {others[-1]}" if others else first
        how = f"host {entry}"
        if isinstance(asked, str):
            how += f", chosen from pool {asked}"
        elif asked is None:
            how += ", chosen by the name"
        yield _origin(document, f"segments.{segment}", shown, path, how)


def _rules(document: Document[Topology], entry: str, host: Host) -> Iterator[Origin]:
    for index, rule in enumerate(host.policy):
        path = ("hosts", entry, "policy", index)
        yield _origin(document, f"policy[{index}]", _shown(rule), path, f"host {entry}")


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(value: object) -> str:
    match value:
        case Service():
            return f"{value.check} {value.port}"
        case Rule():
            return f"{value.from_} -> {value.to}: {', '.join(value.allow)}"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
