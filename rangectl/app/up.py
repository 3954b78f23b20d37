"""Bring ranges to the state their topology asks for, and prove that they are contained."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from rangectl.app.contain import Aim, Proof, contain, proven, read_structure
from rangectl.app.edges import Edges, Stopwatch
from rangectl.app.ranges import Live, fabric
from rangectl.app.ready import wait_ready
from rangectl.errors import RangeError
from rangectl.model.topology import Topology
from rangectl.plan.containers import (
    SWITCH,
    Container,
    Seen,
    container_name,
    host_container,
    live_addresses,
    secret_of,
    since_of,
    switch_container,
)
from rangectl.plan.desired import desired
from rangectl.plan.diff import Create, Remove, Start, Step, steps
from rangectl.plan.fabric import Wired
from rangectl.plan.personal import RELOAD
from rangectl.plan.spec import RangeId, RangeSpec, RoleSpec
from rangectl.progress import Tell

_GATE, _PAUSE = 15.0, 0.1


@dataclass(frozen=True, slots=True)
class Upped:
    """What `up` did: one line per change, the proofs, checks that passed, seconds per phase."""

    ranges: tuple[Live, ...]
    changes: tuple[str, ...]
    proofs: tuple[Proof, ...]
    services: int
    seconds: tuple[tuple[str, float], ...]


def up(
    topology: Topology, name: str, teams: Sequence[str], edges: Edges, tell: Tell, aim: Aim
) -> Upped:
    """Converge the ranges of these teams.

    Does nothing but read when nothing differs and all was proven before. Raises HonestNo when a
    range is not contained, and RangeError when a host does not come up, or when another command is
    at work on ranges of that name.
    """
    with edges.hold(name, "up"):
        return _up(topology, name, teams, edges, tell, aim)


def _up(
    topology: Topology, name: str, teams: Sequence[str], edges: Edges, tell: Tell, aim: Aim
) -> Upped:
    watch = Stopwatch(edges.clock, tell)
    watch.phase("observe", "what is there")
    seen = edges.engine.seen(name)
    plans = [_plan(topology, RangeId(name, team), seen, edges) for team in teams]
    watch.phase("images", "what the hosts are made of")
    images = _images(edges, [spec for spec, _ in plans], tell)
    changes: list[str] = []
    ranges = []
    for spec, secret in plans:
        mine = tuple(one for one in seen if one.range == spec.id)
        todo = steps(_wanted(spec, images, secret), mine)
        changes += [_say(spec, step) for step in todo]
        ranges.append((spec, secret, mine, todo))
    made = _apply(edges, watch, [step for *_, todo in ranges for step in todo])
    lives = tuple(_live(spec, secret, mine, todo, made) for spec, secret, mine, todo in ranges)
    watch.phase("wire", "cables, files, gates")
    changes += _wire(edges, lives, frozenset(made))
    services = 0
    anew = bool(changes) or not all(proven(edges, range_, aim) for range_ in lives)
    if anew:
        watch.phase("ready", "waiting for every service")
        services = wait_ready(edges, lives, tell=tell)
    watch.phase("proof", "trying every way out" if anew else "reading the structure")
    proofs = contain(edges, lives, aim) if anew else read_structure(edges, lives)
    watch.stop()
    return Upped(lives, tuple(changes), proofs, services, tuple(watch.seconds.items()))


def _plan(
    topology: Topology, range_id: RangeId, seen: Sequence[Seen], edges: Edges
) -> tuple[RangeSpec, str]:
    mine = [one for one in seen if one.range == range_id]
    secret = secret_of(mine) or edges.new_secret()
    since = since_of(mine) or edges.clock.now().replace(second=0, microsecond=0)
    return desired(topology, range_id, live_addresses(mine), since), secret


def build_images(topologies: Sequence[Topology], edges: Edges, tell: Tell) -> dict[str, str]:
    """Build every image these topologies need; return image id by names of base and roles."""
    specs = [desired(topology, RangeId("image", "build"), {}) for topology in topologies]
    images = _images(edges, specs, tell)
    return {
        " + ".join((base, *(role.name for role in roles))): image
        for (base, roles), image in images.items()
    }


_Stack = tuple[str, tuple[RoleSpec, ...]]


def _images(edges: Edges, specs: Sequence[RangeSpec], tell: Tell) -> dict[_Stack, str]:
    """Build what lacks, shortest stacks first, so that longer ones find their beginnings."""
    stacks = {(host.base, host.roles) for spec in specs for host in spec.hosts}
    stacks |= {(base, ()) for base, _ in stacks}
    images: dict[_Stack, str] = {}
    for depth in sorted({len(roles) for _, roles in stacks}):
        level = sorted((stack for stack in stacks if len(stack[1]) == depth), key=str)
        built = edges.each(lambda stack: edges.images.ensure(*stack, tell), level)
        images.update(zip(level, built, strict=True))
    return images


def _wanted(spec: RangeSpec, images: dict[_Stack, str], secret: str) -> list[Container]:
    base = images[(spec.hosts[0].base, ())]
    hosts = [
        host_container(spec.id, host, images[(host.base, host.roles)], secret)
        for host in spec.hosts
    ]
    return [switch_container(spec, base, secret), *hosts]


def _apply(edges: Edges, watch: Stopwatch, todo: Sequence[Step]) -> dict[str, Seen]:
    """Carry out the steps of all ranges, each kind at once; return what was created by name."""
    watch.phase("create", "containers")
    edges.engine.remove([step.seen.id for step in todo if isinstance(step, Remove)])
    created = [step.container for step in todo if isinstance(step, Create)]
    made = edges.engine.create(created)
    watch.phase("start", "what stands still")
    still = [step.seen.id for step in todo if isinstance(step, Start)]
    edges.engine.start([*still, *(one.id for one in made)])
    return {container.name: one for container, one in zip(created, made, strict=True)}


def _live(
    spec: RangeSpec,
    secret: str,
    seen: Sequence[Seen],
    todo: Sequence[Step],
    made: dict[str, Seen],
) -> Live:
    gone = {step.seen.id for step in todo if isinstance(step, Remove)}
    kept = [one for one in seen if one.id not in gone]
    new = [made[step.container.name] for step in todo if isinstance(step, Create)]
    return Live(spec, tuple(sorted((*kept, *new), key=lambda one: one.host)), secret)


def _wire(edges: Edges, lives: Sequence[Live], made: frozenset[str]) -> list[str]:
    """Wire all ranges; return what changed on machines that were not made just now."""
    changes = []
    for range_, wired in zip(lives, edges.each(lambda one: wire(edges, one), lives), strict=True):
        fresh = {one.host for one in range_.containers if container_name(one) in made}
        changes += [
            f"{range_.spec.id}: {what}"
            for what in wired.changed
            if what.partition(":")[0] not in fresh and SWITCH not in fresh
        ]
    return changes


def wire(edges: Edges, range_: Live, only: Collection[str] | None = None) -> Wired:
    """Wire one range and open its gates; services whose files changed under them are reloaded.

    With `only`, a host that does not come to its gate is waited for, and an error, only if it is
    one of those: a team may keep its other hosts from ever coming.
    """
    wired = edges.node.wire(fabric(range_, edges.hunt), _GATE if only is None else 0.0)
    end = edges.clock.now() + timedelta(seconds=_GATE)
    missing = _still(wired, only)
    while only is not None and missing and edges.clock.now() < end:
        edges.clock.sleep(_PAUSE)
        wired = edges.node.wire(fabric(range_, edges.hunt), 0.0)
        missing = _still(wired, only)
    if missing:
        msg = f"{range_.spec.id}: never came to the gate: {', '.join(missing)}"
        raise RangeError(
            msg,
            hint=f"rangectl reset {range_.spec.id} HOST makes one anew; docker logs may say more",
        )
    for command, host in _reloads(range_, wired):
        edges.engine.execute(range_.container(host).id, command)
    return wired


def _still(wired: Wired, only: Collection[str] | None) -> list[str]:
    """Return those of the missing machines that matter."""
    return [one for one in wired.missing if only is None or one.partition(" (")[0] in only]


def _reloads(range_: Live, wired: Wired) -> list[tuple[tuple[str, ...], str]]:
    """Return the commands that make services read the files that changed under them."""
    said = (what.partition(": put ") for what in wired.changed)
    changed = dict.fromkeys(host for host, put, _ in said if put)
    return [
        (RELOAD[role.name], host)
        for host in changed
        if host not in wired.opened
        for role in range_.spec.host(host).roles
        if role.name in RELOAD
    ]


def _say(spec: RangeSpec, step: Step) -> str:
    match step:
        case Create(container, why):
            return f"{spec.id}: create {container.hostname}: {_it(why)}"
        case Remove(seen, why):
            return f"{spec.id}: remove {seen.host}: {_it(why)}"
        case Start(seen, why):
            return f"{spec.id}: start {seen.host}: it {why}"


def _it(why: str) -> str:
    return why if why.startswith("its ") else f"it {why}"
