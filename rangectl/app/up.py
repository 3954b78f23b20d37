"""Bring ranges to the state their topology asks for, and prove that they are contained."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from rangectl.app.contain import Aim, Proof, contain, proven, read_structure
from rangectl.app.edges import Edges, Stopwatch
from rangectl.app.gates import wire
from rangectl.app.ranges import Live, awake
from rangectl.app.ready import wait_ready
from rangectl.app.starting import started
from rangectl.errors import UsageError
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
from rangectl.plan.diff import Create, Remove, Start, Step, Thaw, steps
from rangectl.plan.only import chosen, narrowed
from rangectl.plan.spec import RangeId, RangeSpec, RoleSpec
from rangectl.progress import Progress, Tell

_Stack = tuple[str, tuple[RoleSpec, ...]]


@dataclass(frozen=True, slots=True)
class Upped:
    """What `up` did: one line per change, the proofs, checks that passed, seconds per phase."""

    ranges: tuple[Live, ...]
    changes: tuple[str, ...]
    proofs: tuple[Proof, ...]
    services: int
    seconds: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """Which ranges are wanted; with `only`, their other hosts are left as they are.

    `only` are names of hosts, or patterns of them (`desk-*`).
    """

    topology: Topology
    name: str
    teams: tuple[str, ...]
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Plan:
    """One range: what is wanted, what is there, and the hosts that are to be looked after."""

    spec: RangeSpec
    secret: str
    seen: tuple[Seen, ...]
    cared: frozenset[str]

    def todo(self, images: dict[_Stack, str]) -> tuple[Step, ...]:
        """Return the steps for the hosts that are looked after, and the switch."""
        mine = tuple(one for one in self.seen if one.host in self.cared or one.host == SWITCH)
        wanted = _wanted(self.cared_spec, images, self.secret)
        todo = steps(wanted, self.seen if self.whole else mine)
        if not self.whole and any(isinstance(s, Remove) and s.seen.host == SWITCH for s in todo):
            msg = f"{self.spec.id}: the segments changed, which touches every host"
            raise UsageError(msg, hint="say it without --only")
        return todo

    @property
    def whole(self) -> bool:
        """Whether every host is looked after."""
        return self.cared_spec == self.spec

    @property
    def cared_spec(self) -> RangeSpec:
        """The range without the hosts that are left as they are."""
        hosts = tuple(host for host in self.spec.hosts if host.name in self.cared)
        return replace(self.spec, hosts=hosts)


def up(
    topology: Topology, name: str, teams: Sequence[str], edges: Edges, tell: Tell, aim: Aim
) -> Upped:
    """Converge the ranges of these teams, as `up_as_wished` does."""
    return up_as_wished(Wish(topology, name, tuple(teams)), edges, tell, aim)


def up_as_wished(wish: Wish, edges: Edges, tell: Tell, aim: Aim) -> Upped:
    """Converge ranges.

    Does nothing but read when nothing differs and all was proven before. Raises HonestNo when a
    range is not contained, and RangeError when a host does not come up, when a range is paused, or
    when another command is at work on ranges of that name.
    """
    with edges.hold(wish.name, "up"):
        return _up(wish, edges, tell, aim)


def _up(wish: Wish, edges: Edges, tell: Tell, aim: Aim) -> Upped:
    watch = Stopwatch(edges.clock, tell)
    watch.phase("observe", "what is there")
    seen = edges.engine.seen(wish.name)
    plans = [_plan(wish, RangeId(wish.name, team), seen, edges) for team in wish.teams]
    watch.phase("images", "what the hosts are made of")
    images = _images(edges, [plan.cared_spec for plan in plans], tell)
    todos = [plan.todo(images) for plan in plans]
    changes = [
        _say(plan.spec, step) for plan, todo in zip(plans, todos, strict=True) for step in todo
    ]
    for change in changes:
        tell(Progress("change", change))
    made, remade = _apply(edges, watch, [step for todo in todos for step in todo])
    for change in remade:
        tell(Progress("change", change))
    changes += remade
    lives = tuple(_live(plan, todo, made) for plan, todo in zip(plans, todos, strict=True))
    only = frozenset(host for plan in plans for host in plan.cared) if wish.only else None
    watch.phase("wire", "cables, files, gates")
    changes += _wire(edges, lives, frozenset(made), only)
    services = 0
    anew = bool(changes) or not proven(edges, lives, aim)
    if anew:
        watch.phase("ready", "waiting for every service")
        services = wait_ready(edges, lives, tell=tell, only=only)
    watch.phase("proof", "trying every way out" if anew else "reading the structure")
    proofs = contain(edges, lives, aim) if anew else read_structure(edges, lives)
    for proof in proofs:
        tell(Progress("proof", f"{proof.range}: contained, {proof.attempts} ways out tried"))
    watch.stop()
    return Upped(lives, tuple(changes), proofs, services, tuple(watch.seconds.items()))


def _plan(wish: Wish, range_id: RangeId, seen: Sequence[Seen], edges: Edges) -> _Plan:
    mine = tuple(one for one in seen if one.range == range_id)
    awake(mine)
    secret = secret_of(mine) or edges.new_secret()
    since = since_of(mine) or edges.clock.now().replace(second=0, microsecond=0)
    spec = desired(wish.topology, range_id, live_addresses(mine), since)
    cared = chosen(spec, wish.only)
    return _Plan(narrowed(spec, mine, cared), secret, mine, cared)


def build_images(topologies: Sequence[Topology], edges: Edges, tell: Tell) -> dict[str, str]:
    """Build every image these topologies need; return image id by names of base and roles."""
    specs = [desired(topology, RangeId("image", "build"), {}) for topology in topologies]
    images = _images(edges, specs, tell)
    return {
        " + ".join((base, *(role.name for role in roles))): image
        for (base, roles), image in images.items()
    }


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


def _apply(
    edges: Edges, watch: Stopwatch, todo: Sequence[Step]
) -> tuple[dict[str, Seen], list[str]]:
    """Carry out the steps of all ranges, each kind at once; return what was created, by name, and
    what was done beside the steps.
    """
    watch.phase("create", "containers")
    edges.engine.remove([step.seen.id for step in todo if isinstance(step, Remove)])
    created = [step.container for step in todo if isinstance(step, Create)]
    made = edges.engine.create(created)
    watch.phase("start", "what stands still")
    edges.stills.thaw([step.seen.id for step in todo if isinstance(step, Thaw)])
    still = {step.seen.id: step.container for step in todo if isinstance(step, Start)}
    fresh = {one.id: container for container, one in zip(created, made, strict=True)}
    instead = started(edges, still | fresh)
    why = "its engine lost track of it"
    said = [f"{one.range}: make {one.host} anew: {why}" for one in instead.values()]
    found = {container.name: one for container, one in zip(created, made, strict=True)}
    return found | {container_name(one): one for one in instead.values()}, said


def _live(plan: _Plan, todo: Sequence[Step], made: dict[str, Seen]) -> Live:
    """Return the range as it stands now, without hosts that stand still and were left so."""
    gone = {step.seen.id for step in todo if isinstance(step, Remove)}
    gone |= {
        step.seen.id for step in todo if isinstance(step, Start) and step.container.name in made
    }
    kept = [
        one
        for one in plan.seen
        if one.id not in gone and (one.running or one.host in plan.cared or one.host == SWITCH)
    ]
    steps_ = (step for step in todo if isinstance(step, Create | Start))
    new = [made[step.container.name] for step in steps_ if step.container.name in made]
    return Live(plan.spec, tuple(sorted((*kept, *new), key=lambda one: one.host)), plan.secret)


def _wire(
    edges: Edges, lives: Sequence[Live], made: frozenset[str], only: Collection[str] | None
) -> list[str]:
    """Wire all ranges; return what changed on machines that were not made just now."""
    changes = []
    wireds = edges.each(lambda one: wire(edges, one, only), lives)
    for range_, done in zip(lives, wireds, strict=True):
        fresh = {one.host for one in range_.containers if container_name(one) in made}
        changes += [
            f"{range_.spec.id}: {what}"
            for what in done.changed
            if what.partition(":")[0] not in fresh and SWITCH not in fresh
        ]
    return changes


def _say(spec: RangeSpec, step: Step) -> str:
    match step:
        case Create(container, why):
            return f"{spec.id}: create {container.hostname}: {_it(why)}"
        case Remove(seen, why):
            return f"{spec.id}: remove {seen.host}: {_it(why)}"
        case Start(seen, _, why):
            return f"{spec.id}: start {seen.host}: it {why}"
        case Thaw(seen, why):
            return f"{spec.id}: thaw {seen.host}: it {why}"


def _it(why: str) -> str:
    return why if why.startswith("its ") else f"it {why}"
