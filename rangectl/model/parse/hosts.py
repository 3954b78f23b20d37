"""What a topology may not mean, though its schema lets it say so: hosts, roles, routers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rangectl.model import naming
from rangectl.model.inherit import MOST_ROLES, MOST_RULES, ends, is_kind
from rangectl.model.parse import layers
from rangectl.model.parse.marks import Path
from rangectl.model.parse.networks import address_problems, room_problems, segment_problems
from rangectl.model.parse.problem import Problem
from rangectl.model.parse.services import service_problems
from rangectl.model.roles import Argument, Roles
from rangectl.model.topology import (
    MOST_HOSTS,
    Host,
    RoleUse,
    Topology,
    Zone,
    count_of_names,
    expanded_names,
)
from rangectl.model.words import short

MAX_HOSTS = MOST_HOSTS

_RESERVED = {"client", "switch", "agent", "localhost"}
_PARTNER_SUFFIX = "-partner"
_TYPES = {"int": (int, "a whole number"), "bool": (bool, "true or false")}


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a file declares, those of its unsound parts included; None: not readable."""

    segments: Collection[str] | None
    groups: Collection[str] | None
    kinds: Collection[str] | None


def problems(
    written: Topology, topology: Topology, names: Names, roles: Roles | None, *, whole: bool
) -> Iterator[Problem]:
    """Yield what is wrong with a topology, as written and with its hosts settled.

    `roles` are those that exist, None if that is not known. A topology that is not `whole` lacks
    its unsound parts: what is missing is then no problem.
    """
    yield from segment_problems(topology)
    yield from layers.problems(written, names.groups, names.kinds)
    used = {host.kind for host in written.hosts.values()}
    kinds = {kind for kind in used if is_kind(written, kind)}
    unsure = {name for name, host in written.hosts.items() if host.kind not in kinds}
    yield from _pattern_problems(topology)
    total = sum(count_of_names(name, host) for name, host in topology.hosts.items())
    if total > MAX_HOSTS:
        yield Problem(("hosts",), f"{total} hosts are more than a range can have ({MAX_HOSTS})")
        return
    yield from _name_problems(topology)
    for name, host in topology.hosts.items():
        path: Path = ("hosts", name)
        yield from _host_problems(names, path, host)
        if name not in unsure:
            yield from _zone_problems(topology, path, host)
        if len(host.roles) >= MOST_ROLES:
            message = f"has {MOST_ROLES} roles and more, of itself and its groups"
            yield Problem((*path, "roles"), message, key=True)
        own = written.hosts[name]
        if own.policy and name not in unsure and host.kind != "router":
            yield Problem((*path, "policy"), "only a router has a policy", hint="kind: router")
        else:
            yield from _policy_problems(names, path, topology, own)
    for path, profile in layers.profiles(written):
        yield from _role_problems(path, profile.roles)
        yield from service_problems((*path, "services"), profile.services)
    yield from address_problems(topology)
    yield from _router_problems(topology, whole=whole and not unsure)
    yield from room_problems(topology)
    if roles is not None:
        yield from _known_role_problems(written, roles)
        yield from _lacking_variables(written, topology, roles)


def image_problems(written: Topology, images: Collection[str]) -> Iterator[Problem]:
    """Yield base images that do not exist."""
    for path, profile in layers.profiles(written):
        if profile.image is not None and profile.image not in images:
            message = f'unknown image "{profile.image}"'
            yield Problem((*path, "image"), message, near=(profile.image, images))


def _pattern_problems(topology: Topology) -> Iterator[Problem]:
    for name, host in topology.hosts.items():
        if (fault := naming.fault(name)) is not None:
            yield Problem(("hosts", name), fault, key=True)
        elif host.count is not None and "[" in name:
            hint = "leave out one of them"
            message = "a name that stands for several hosts has no count"
            yield Problem(("hosts", name, "count"), message, hint, key=True)


def _known_role_problems(written: Topology, roles: Roles) -> Iterator[Problem]:
    """Yield the roles that do not exist, and the variables that a role does not take."""
    for where, profile in layers.profiles(written):
        for index, use in enumerate(profile.roles):
            path = (*where, "roles", index)
            if use.name not in roles:
                near = (use.name, roles)
                message = f'unknown role "{use.name}"'
                yield Problem((*path, "name"), message, near=near, key=True)
            elif (arguments := roles[use.name]) is not None:
                yield from _variable_problems(path, use, arguments)


def _lacking_variables(written: Topology, topology: Topology, roles: Roles) -> Iterator[Problem]:
    """Yield the variables that a role needs and a host does not give it, at the nearest mention."""
    for name, host in topology.hosts.items():
        for use in host.roles:
            arguments = roles.get(use.name) or {}
            lacking = [
                key
                for key, argument in arguments.items()
                if argument.required and key not in use.vars
            ]
            for key in lacking:
                path = layers.mention(written, name, use.name)
                message = f'role "{use.name}" needs the variable "{key}"'
                yield Problem(path, message, f"write {use.name}: {{{key}: ...}}")


def _variable_problems(
    path: Path, use: RoleUse, arguments: Mapping[str, Argument]
) -> Iterator[Problem]:
    for name, value in use.vars.items():
        where = (*path, "vars", name)
        argument = arguments.get(name)
        if argument is None:
            message = f'role "{use.name}" has no variable "{short(name)}"'
            near = (name, arguments)
            hint = None if arguments else "it takes none"
            yield Problem(where, message, hint, near, key=True)
        elif argument.choices and str(value) not in argument.choices:
            message = f'must be {" or ".join(argument.choices)}, not "{short(str(value))}"'
            yield Problem(where, message)
        elif (argument.type in _TYPES) and not isinstance(value, _TYPES[argument.type][0]):
            yield Problem(where, f"must be {_TYPES[argument.type][1]}")


def _name_problems(topology: Topology) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for name, host in topology.hosts.items():
        for one in expanded_names(name, host):
            if one in owners:
                message = f'makes a second host named "{one}" (the first is of hosts.{owners[one]})'
                yield Problem(("hosts", name), message, key=True)
            owners.setdefault(one, name)
            if one in _RESERVED or one.endswith(_PARTNER_SUFFIX):
                yield Problem(("hosts", name), f'the name "{one}" is reserved', key=True)


def _host_problems(names: Names, path: Path, host: Host) -> Iterator[Problem]:
    for index, group in enumerate(host.group):
        where = (*path, "group", index)
        if names.groups is not None and group not in names.groups:
            yield Problem(where, f'unknown group "{group}"', near=(group, names.groups))
        if group in host.group[:index]:
            yield Problem(where, f'group "{group}" twice')
    for name in host.segments:
        if names.segments is not None and name not in names.segments:
            near = (name, names.segments)
            where = (*path, "segments", name)
            yield Problem(where, f'unknown segment "{name}"', near=near, key=True)


def _zone_problems(topology: Topology, path: Path, host: Host) -> Iterator[Problem]:
    zones = {
        name: topology.segments[name].zone for name in host.segments if name in topology.segments
    }
    yield from _kit_problems((*path, "segments"), host, zones)
    if host.kind != "router" and len(set(zones.values())) > 1:
        yield Problem((*path, "segments"), "joins two zones", hint="only a router may")
    if host.kind == "router" and count_of_names(str(path[-1]), host) > 1:
        where = (*path, "count") if host.count is not None else path
        hint = "remove the count" if host.count is not None else "give each an entry of its own"
        yield Problem(where, "a router is one machine", hint, key=host.count is None)


def _kit_problems(path: Path, host: Host, zones: Mapping[str, Zone]) -> Iterator[Problem]:
    for name, zone in zones.items():
        if host.kind == "kit" and zone != "hunt":
            message = f"a kit stands in a segment of zone hunt, not {zone}"
            yield Problem((*path, name), message, key=True)
        if host.kind == "host" and zone == "hunt":
            message = "only a kit or a router stands in a segment of zone hunt"
            yield Problem((*path, name), message, key=True)


def _role_problems(path: Path, roles: Sequence[RoleUse]) -> Iterator[Problem]:
    there: set[str] = set()
    for index, role in enumerate(roles):
        if role.name in there:
            yield Problem((*path, "roles", index, "name"), f'role "{role.name}" twice', key=True)
        there.add(role.name)


def _policy_problems(
    names: Names, path: Path, topology: Topology, written: Host
) -> Iterator[Problem]:
    rules = 0
    for index, rule in enumerate(written.policy):
        where = (*path, "policy", index)
        for end, name in (("from", rule.from_), ("to", rule.to)):
            yield from _end_problems(names, (*where, end), topology, written, name)
        sides = [ends(topology, written, one) for one in (rule.from_, rule.to)]
        rules += len(sides[0]) * len(sides[1])
        if sides[0] == sides[1] and len(sides[0]) == 1:
            message = "a segment's own hosts reach each other without a router"
            yield Problem((*where, "to"), message)
    if rules > MOST_RULES:
        message = f"stands for {rules} rules, more than a router can have ({MOST_RULES})"
        yield Problem((*path, "policy"), message, key=True)


def _end_problems(
    names: Names, where: Path, topology: Topology, host: Host, name: str
) -> Iterator[Problem]:
    if name.startswith("zone "):
        if not ends(topology, host, name):
            zones = sorted(
                f"zone {topology.segments[one].zone}"
                for one in host.segments
                if one in topology.segments
            )
            message = f"the router is on no segment of {name}"
            yield Problem(where, message, near=(name, dict.fromkeys(zones)))
    elif names.segments is not None and name not in names.segments:
        yield Problem(where, f'unknown segment "{name}"', near=(name, names.segments))
    elif name not in host.segments:
        message = f'the router is not on segment "{short(name)}"'
        yield Problem(where, message, near=(name, tuple(host.segments)))


def _router_problems(topology: Topology, *, whole: bool) -> Iterator[Problem]:
    """Yield segments with two routers, for which routes would be needed, and lonely ones."""
    router_of: dict[str, str] = {}
    peopled: dict[str, None] = {}
    for name, host in topology.hosts.items():
        for segment in host.segments:
            if host.kind != "router":
                peopled[segment] = None
            elif segment in router_of:
                message = f"has a router already: {router_of[segment]}"
                hint = "routes between routers are not built yet"
                yield Problem(("hosts", name, "segments", segment), message, hint, key=True)
            else:
                router_of[segment] = name
    if not whole or len(topology.segments) == 1:
        return
    for segment in topology.segments:
        if segment in peopled and segment not in router_of:
            message = "no router joins this segment to the others"
            yield Problem(("segments", segment), message, hint="put a router on it", key=True)
