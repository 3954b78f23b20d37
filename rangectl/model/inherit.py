"""What a host gets from the layers that its file gives it, and which layer each value comes from.

The layers, from the farthest to the nearest: the defaults; its kind, after those that the kind
extends; its groups in the order that it names them, each after those that it extends; itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, get_args

from rangectl.model.topology import (
    KIND_ROLES,
    BuiltIn,
    Group,
    Host,
    Init,
    Limits,
    Profile,
    RoleUse,
    Rule,
    Service,
    Topology,
    built_in,
)

MOST_LAYERS, MOST_ROLES, MOST_RULES = 32, 64, 5000
Path = tuple[str | int, ...]
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """Something that says what a host is, and its path in the file."""

    path: Path
    says: Profile


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a host; `path` is where the file says it, empty for what goes without saying."""

    is_: Any
    path: Path
    layer: str


Values = Mapping[Key, Value]
"""Values by key: `("limits", "memory")`, `("roles", "web", "site")`, `("services", "login")`."""


def settled(topology: Topology) -> Topology:
    """Return the topology with every host saying itself all that it is.

    Groups and kinds that do not exist, or extend themselves, add nothing. Kinds are built-in ones
    and rules name segments.
    """
    said: dict[Path, Values] = {}
    shared: dict[tuple[str, tuple[str, ...]], Values] = {}
    kinds = {host.kind for host in topology.hosts.values()}
    bases = {kind: kind_of(topology, kind) for kind in kinds}
    hosts: dict[str, Host] = {}
    for name, host in topology.hosts.items():
        key = (host.kind, host.group)
        if key not in shared:
            found: dict[Key, Value] = {}
            for layer in _beneath(topology, host):
                found.update(said.setdefault(layer.path, said.get(layer.path) or _said(layer)))
            shared[key] = found
        own = Layer(("hosts", name), host)
        whole = {**shared[key], **_said(own)}
        hosts[name] = _whole(topology, host, bases[host.kind], whole)
    return topology.model_copy(update={"hosts": hosts})


def values(topology: Topology, entry: str) -> Values:
    """Return every value of a host entry of a topology as written, with where it comes from."""
    host = topology.hosts[entry]
    found: dict[Key, Value] = {}
    for layer in (*_beneath(topology, host), Layer(("hosts", entry), host)):
        found.update(_said(layer))
    base = kind_of(topology, host.kind)
    for role in _all_roles(base, _roles(found)):
        found.setdefault(("roles", role.name), Value(True, (), f"every {base}"))  # noqa: FBT003
    found.setdefault(("init",), Value(_init(found, base), (), "goes without saying"))
    return found


def kind_of(topology: Topology, kind: str) -> BuiltIn:
    """Return the built-in kind that a kind comes from; a host where that cannot be known."""
    chain = _kinds(topology, kind)
    return built_in(topology.kinds[chain[0]].extends if chain else kind)


def is_kind(topology: Topology, kind: str) -> bool:
    """Say whether a kind comes from a built-in one."""
    chain = _kinds(topology, kind)
    return (topology.kinds[chain[0]].extends if chain else kind) in get_args(BuiltIn)


def closure(extends: Callable[[str], Iterable[str]], names: Iterable[str]) -> tuple[str, ...]:
    """Return names with all that they extend, each once, what is extended before what extends.

    No more than MOST_LAYERS: what comes after is left out.
    """
    done: dict[str, None] = {}
    begun: dict[str, None] = {}
    open_: list[tuple[str, bool]] = [(name, False) for name in reversed(tuple(names))]
    while open_:
        name, is_left = open_.pop()
        if is_left:
            done[name] = None
        elif name not in begun:
            begun[name] = None
            if len(begun) > MOST_LAYERS:
                return tuple(begun)[:MOST_LAYERS]
            open_.append((name, True))
            open_ += [(one, False) for one in reversed(tuple(extends(name)))]
    return tuple(done)


def cycles(
    extends: Callable[[str], Iterable[str]], names: Iterable[str]
) -> Iterator[tuple[str, ...]]:
    """Yield ways from a name to itself by what it extends, each name in one of them at most."""
    done: set[str] = set()
    for name in names:
        way: dict[str, None] = {}
        open_: list[tuple[str, bool]] = [(name, False)]
        while open_:
            here, is_left = open_.pop()
            if is_left:
                way.pop(here, None)
            elif here in way:
                circle = [*way][[*way].index(here) :]
                yield (*circle, here)
            elif here not in done:
                done.add(here)
                way[here] = None
                open_.append((here, True))
                open_ += [(one, False) for one in reversed(tuple(extends(here)))]


def group_extends(topology: Topology) -> Callable[[str], Iterable[str]]:
    """Return what tells which groups a group extends."""
    none = Group()
    return lambda name: topology.groups.get(name, none).extends


def kind_extends(topology: Topology) -> Callable[[str], Iterable[str]]:
    """Return what tells which of the file's own kinds a kind extends."""

    def extends(name: str) -> Iterable[str]:
        kind = topology.kinds.get(name)
        return (kind.extends,) if kind is not None and kind.extends in topology.kinds else ()

    return extends


def _kinds(topology: Topology, kind: str) -> tuple[str, ...]:
    return closure(kind_extends(topology), [kind]) if kind in topology.kinds else ()


def _beneath(topology: Topology, host: Host) -> Iterator[Layer]:
    """Yield the layers beneath a host, the farthest first."""
    yield Layer(("defaults",), topology.defaults)
    for name in _kinds(topology, host.kind):
        yield Layer(("kinds", name), topology.kinds[name])
    for name in closure(group_extends(topology), host.group):
        if name in topology.groups:
            yield Layer(("groups", name), topology.groups[name])


def _said(layer: Layer) -> Values:
    return dict(_each(layer))


def _each(layer: Layer) -> Iterator[tuple[Key, Value]]:
    """Yield the values that one layer gives."""
    says, path = layer.says, layer.path
    name = " ".join(str(part) for part in (str(path[0]).removesuffix("s"), *path[1:]))
    name = "defaults" if path == ("defaults",) else name
    for key in ("image", "init"):
        if (value := getattr(says, key)) is not None:
            yield (key,), Value(value, (*path, key), name)
    for key in sorted(Limits.model_fields if path == ("defaults",) else _set_limits(says)):
        yield ("limits", key), Value(getattr(says.limits, key), (*path, "limits", key), name)
    for index, role in enumerate(says.roles):
        yield ("roles", role.name), Value(True, (*path, "roles", index, "name"), name)  # noqa: FBT003
        for variable, value in role.vars.items():
            where = (*path, "roles", index, "vars", variable)
            yield ("roles", role.name, variable), Value(value, where, name)
    for index, service in enumerate(says.services):
        yield ("services", service.name), Value(service, (*path, "services", index), name)


def _set_limits(says: Profile) -> Iterable[str]:
    return says.limits.model_fields_set if says.limits is not None else ()


def _whole(topology: Topology, host: Host, base: BuiltIn, found: Values) -> Host:
    limits = {key[1]: value.is_ for key, value in found.items() if key[0] == "limits"}
    services = (value.is_ for key, value in found.items() if key[0] == "services")
    return host.model_copy(
        update={
            "kind": base,
            "image": found["image",].is_,
            "init": _init(found, base),
            "limits": Limits.model_construct(**limits),
            "roles": _all_roles(base, _roles(found)),
            "services": tuple(one for one in services if isinstance(one, Service)),
            "policy": tuple(dict.fromkeys(islice(_rules(topology, host), MOST_RULES))),
        }
    )


def _roles(found: Values) -> tuple[RoleUse, ...]:
    variables: dict[str, dict[str, str | int | bool]] = {}
    for key, value in found.items():
        if key[0] == "roles":
            of_role = variables.setdefault(key[1], {})
            if len(key) > 2:
                of_role[key[2]] = value.is_
    made = (RoleUse.model_construct(name=name, vars=of) for name, of in variables.items())
    return tuple(islice(made, MOST_ROLES))


def _all_roles(kind: BuiltIn, roles: tuple[RoleUse, ...]) -> tuple[RoleUse, ...]:
    """Add the roles that a kind has without being told: the base first, the others last."""
    names = {role.name for role in roles}
    lacking = [RoleUse(name=name) for name in KIND_ROLES[kind] if name not in names]
    base = [role for role in lacking if role.name == "base"]
    return (*base, *roles, *(role for role in lacking if role.name != "base"))


def _init(found: Values, kind: BuiltIn) -> Init:
    """Return the nearest wish; without one, systemd where there are roles to run under it."""
    wish = found.get(("init",))
    if wish is not None:
        return "systemd" if wish.is_ == "systemd" else "process"
    return "systemd" if _all_roles(kind, _roles(found)) else "process"


def _rules(topology: Topology, host: Host) -> Iterator[Rule]:
    """Yield a router's rules with the segments that a zone stands for."""
    for rule in host.policy:
        for source in ends(topology, host, rule.from_):
            for target in ends(topology, host, rule.to):
                if source != target or rule.from_ == rule.to == source:
                    yield rule.model_copy(update={"from_": source, "to": target})


def ends(topology: Topology, host: Host, end: str) -> tuple[str, ...]:
    """Return the segments of a router that one end of a rule means."""
    zone = end.removeprefix("zone ")
    if zone == end:
        return (end,)
    segments = topology.segments
    return tuple(name for name in host.segments if name in segments and segments[name].zone == zone)
