"""What a topology may not mean, though its schema lets it say so: hosts, roles, routers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from rangectl.model.parse.networks import address_problems, room_problems, segment_problems
from rangectl.model.parse.problem import Problem, short
from rangectl.model.parse.services import service_problems
from rangectl.model.parse.yaml_nodes import Path
from rangectl.model.roles import Argument, Roles
from rangectl.model.topology import Host, RoleUse, Topology, Zone, expanded_names

MAX_HOSTS = 2000

_RESERVED = {"client", "switch", "agent", "localhost"}
_PARTNER_SUFFIX = "-partner"
_TYPES = {"int": (int, "a whole number"), "bool": (bool, "true or false")}


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a file declares, those of its unsound parts included; None: not readable."""

    segments: Collection[str] | None
    groups: Collection[str] | None


def problems(
    topology: Topology, names: Names, roles: Roles | None, *, whole: bool
) -> Iterator[Problem]:
    """Yield what is wrong with a topology. `roles`: those that exist, None if that is not known.

    A topology that is not `whole` lacks its unsound parts: what is missing is then no problem.
    """
    yield from segment_problems(topology)
    total = sum(host.count or 1 for host in topology.hosts.values())
    if total > MAX_HOSTS:
        yield Problem(("hosts",), f"{total} hosts are more than a range can have ({MAX_HOSTS})")
        return
    yield from _name_problems(topology)
    for name, host in topology.hosts.items():
        path: Path = ("hosts", name)
        yield from _host_problems(topology, names, path, host)
        yield from _role_problems(topology, path, host)
        yield from service_problems((*path, "services"), host.services)
        yield from _policy_problems(names, path, host)
    yield from address_problems(topology)
    yield from _router_problems(topology, whole=whole)
    yield from room_problems(topology)
    if roles is not None:
        yield from _known_role_problems(topology, roles)


def _known_role_problems(topology: Topology, roles: Roles) -> Iterator[Problem]:
    """Yield the roles that do not exist, and the variables that a role does not take."""
    users = [("groups", name, group.roles) for name, group in topology.groups.items()]
    users += [("hosts", name, host.roles) for name, host in topology.hosts.items()]
    for table, name, uses in users:
        for index, use in enumerate(uses):
            path = (table, name, "roles", index)
            if use.name not in roles:
                near = (use.name, roles)
                message = f'unknown role "{use.name}"'
                yield Problem((*path, "name"), message, near=near, key=True)
            elif (arguments := roles[use.name]) is not None:
                yield from _variable_problems(path, use, arguments)


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
    for name, argument in arguments.items():
        if argument.required and name not in use.vars:
            yield Problem(path, f'role "{use.name}" needs the variable "{name}"')


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


def _host_problems(topology: Topology, names: Names, path: Path, host: Host) -> Iterator[Problem]:
    if host.group is not None and names.groups is not None and host.group not in names.groups:
        near = (host.group, names.groups)
        yield Problem((*path, "group"), f'unknown group "{host.group}"', near=near)
    for name in host.segments:
        if names.segments is not None and name not in names.segments:
            near = (name, names.segments)
            where = (*path, "segments", name)
            yield Problem(where, f'unknown segment "{name}"', near=near, key=True)
    zones = {
        name: topology.segments[name].zone for name in host.segments if name in topology.segments
    }
    yield from _kit_problems((*path, "segments"), host, zones)
    if host.kind != "router" and len(set(zones.values())) > 1:
        yield Problem((*path, "segments"), "joins two zones", hint="only a router may")
    if host.kind == "router" and host.count is not None:
        yield Problem((*path, "count"), "a router is one machine", hint="remove the count")


def _kit_problems(path: Path, host: Host, zones: Mapping[str, Zone]) -> Iterator[Problem]:
    for name, zone in zones.items():
        if host.kind == "kit" and zone != "hunt":
            message = f"a kit stands in a segment of zone hunt, not {zone}"
            yield Problem((*path, name), message, key=True)
        if host.kind == "host" and zone == "hunt":
            message = "only a kit or a router stands in a segment of zone hunt"
            yield Problem((*path, name), message, key=True)


def _role_problems(topology: Topology, path: Path, host: Host) -> Iterator[Problem]:
    group = topology.groups.get(host.group) if host.group else None
    inherited = {role.name for role in group.roles} if group else set()
    there = set(inherited)
    for index, role in enumerate(host.roles):
        if role.name in there:
            hint = f"group {host.group} has it already" if role.name in inherited else None
            where = (*path, "roles", index, "name")
            yield Problem(where, f'role "{role.name}" twice', hint=hint, key=True)
        there.add(role.name)


def _policy_problems(names: Names, path: Path, host: Host) -> Iterator[Problem]:
    if host.policy and host.kind != "router":
        yield Problem((*path, "policy"), "only a router has a policy", hint="kind: router")
        return
    for index, rule in enumerate(host.policy):
        where = (*path, "policy", index)
        for end, name in (("from", rule.from_), ("to", rule.to)):
            if names.segments is not None and name not in names.segments:
                near = (name, names.segments)
                yield Problem((*where, end), f'unknown segment "{name}"', near=near)
            elif name not in host.segments:
                near = (name, tuple(host.segments))
                message = f'the router is not on segment "{short(name)}"'
                yield Problem((*where, end), message, near=near)
        if rule.from_ == rule.to:
            message = "a segment's own hosts reach each other without a router"
            yield Problem((*where, "to"), message)


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
