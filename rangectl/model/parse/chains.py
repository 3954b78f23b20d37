"""What an exercise may not mean: alone, against its topology, and against the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import timedelta
from fnmatch import fnmatchcase

from rangectl.model.base import show_duration
from rangectl.model.exercise import Exercise, Stage
from rangectl.model.parse import moves
from rangectl.model.parse.marks import Path
from rangectl.model.parse.problem import Problem
from rangectl.model.topology import Host, Topology, expanded_names
from rangectl.model.words import short

Entries = Mapping[str, frozenset[str]]
"""The entries of the catalogue, each with those that can start it."""

Refuses = Callable[[str, Host], str | None]
"""Says why an implant of the catalogue cannot stand on a host; None where it can."""

LEAST_HOLD = timedelta(seconds=120)
HOLD_PERIODS = 2.5

_MINUTE = timedelta(seconds=60)
_HOUR = timedelta(hours=1)
_CRON = "cron."


def own_problems(exercise: Exercise, *, whole: bool) -> Iterator[Problem]:
    """Yield what is wrong with an exercise, whatever its topology."""
    for path, stage in stages(exercise):
        yield from _stage_problems(exercise, path, stage)
    least = least_hold(exercise)
    if exercise.scoring.hold < least:
        message = f"a hold of {_show(exercise.scoring.hold)} is too short to show that all is gone"
        hint = f"at least {_show(least)}: two and a half periods of the slowest starter, or 2m"
        yield Problem(("scoring", "hold"), message, hint)
    yield from moves.problems(exercise)
    if whole:
        yield from _clock_problems(exercise)


def topology_problems(exercise: Exercise, topology: Topology) -> Iterator[Problem]:
    """Yield what does not fit the topology."""
    hosts = {
        one: host for name, host in topology.hosts.items() for one in expanded_names(name, host)
    }
    partner = [name for name, host in hosts.items() if _is_partner(topology, host)]
    for name, actor in exercise.actors.items():
        place: Path = ("actors", name, "sinkhole")
        yield from _sinkhole_problems(topology, place, actor.sinkhole, hosts)
    yield from moves.scope_problems(exercise, topology, hosts)
    for path, stage in stages(exercise):
        if stage.sinkhole is not None:
            yield from _sinkhole_problems(topology, (*path, "sinkhole"), stage.sinkhole, hosts)
        if not any(fnmatchcase(host, stage.on) for host in partner):
            message = f'"{stage.on}" matches no host of the partner'
            yield Problem((*path, "on"), message, near=(stage.on, partner))
        if stage.to is not None and not any(fnmatchcase(host, stage.to) for host in partner):
            message = f'"{stage.to}" matches no host of the partner'
            yield Problem((*path, "to"), message, near=(stage.to, partner))
    if not any(host.kind == "kit" for host in hosts.values()):
        message = f'topology "{topology.name}" has no kit: nobody could hunt'
        yield Problem(("topology",), message, hint="a host of kind: kit in a segment of zone hunt")


def stand_problems(exercise: Exercise, topology: Topology, refuses: Refuses) -> Iterator[Problem]:
    """Yield implants on hosts of which none can carry them."""
    hosts = {
        one: host
        for name, host in topology.hosts.items()
        if _is_partner(topology, host)
        for one in expanded_names(name, host)
    }
    for path, stage in stages(exercise):
        asked = [name for name in hosts if fnmatchcase(name, stage.on)]
        whys = {name: refuses(stage.implant, hosts[name]) for name in asked}
        if asked and all(whys.values()):
            able = [name for name, host in hosts.items() if refuses(stage.implant, host) is None]
            message = f"{short(stage.implant)} cannot stand on {asked[0]}: {whys[asked[0]]}"
            hint = f"it can on {', '.join(able[:5])}" if able else "no host of the partner can"
            yield Problem((*path, "on"), message, hint)


def entry_problems(exercise: Exercise, entries: Entries) -> Iterator[Problem]:
    """Yield implants that the catalogue does not have, and starters that do not start them."""
    for path, stage in stages(exercise):
        starters = entries.get(stage.implant)
        if starters is None:
            message = f'unknown implant "{short(stage.implant)}"'
            yield Problem((*path, "implant"), message, near=(stage.implant, entries))
        elif stage.started_by is None:
            if starters:
                message = f"{stage.implant} needs a starter"
                hint = f"started_by: {min(starters)}"
                yield Problem((*path, "started_by"), message, hint, key=True)
        elif not starters:
            message = f"{stage.implant} is not started by anything"
            yield Problem((*path, "started_by"), message, hint="leave it out")
        elif stage.started_by not in starters:
            message = f'{stage.implant} cannot be started by "{short(stage.started_by)}"'
            yield Problem((*path, "started_by"), message, near=(stage.started_by, starters))


def stages(exercise: Exercise) -> Iterator[tuple[Path, Stage]]:
    """Yield every stage of every chain, with its path."""
    for name, actor in exercise.actors.items():
        for index, stage in enumerate(actor.chain):
            yield ("actors", name, "chain", index), stage
        for index, kept in enumerate(actor.reserve):
            yield ("actors", name, "reserve", index), kept


def least_hold(exercise: Exercise) -> timedelta:
    """Return how long a removal must hold at least: 2.5 periods of the slowest starter, or 2m."""
    periods = [stage.period for _, stage in stages(exercise) if _is_periodic(stage)]
    return max([LEAST_HOLD, *(period * HOLD_PERIODS for period in periods)])


def _is_periodic(stage: Stage) -> bool:
    return (stage.started_by or stage.implant).startswith(_CRON)


def _stage_problems(exercise: Exercise, path: Path, stage: Stage) -> Iterator[Problem]:
    if stage.after >= exercise.clock.length:
        length = _show(exercise.clock.length)
        message = f"{_show(stage.after)} is after the exercise's end"
        yield Problem((*path, "after"), message, hint=f"it lasts {length}")
    if _is_periodic(stage) and (stage.period % _MINUTE or _HOUR % stage.period):
        message = f"cron cannot run something every {_show(stage.period)}"
        hint = "a number of minutes that divides an hour: 60s, 2m, 5m, 10m ..."
        yield Problem((*path, "period"), message, hint)


def _clock_problems(exercise: Exercise) -> Iterator[Problem]:
    """Yield when too little wall time is left to remove the last implant and hold."""
    last = max(stage.after for _, stage in stages(exercise))
    left = exercise.clock.length - last
    hold = exercise.scoring.hold
    if timedelta(0) < left and left / exercise.clock.compression <= hold:
        seconds = _show(left / exercise.clock.compression)
        message = f"{seconds} of wall time after the last implant leave no room for a hold"
        most = int(left / hold * 10 - 1) / 10
        hint = f"a compression of at most {most:g}" if most >= 1 else "a longer clock"
        yield Problem(("clock", "compression"), f"{message} of {_show(hold)}", hint)


def _sinkhole_problems(
    topology: Topology, path: Path, sinkhole: str, hosts: Mapping[str, Host]
) -> Iterator[Problem]:
    host = hosts.get(sinkhole)
    theirs = [name for name, one in hosts.items() if _zones(topology, one) == {"adversary"}]
    if host is None:
        message = f'unknown host "{sinkhole}"'
        yield Problem(path, message, near=(sinkhole, theirs))
    elif sinkhole not in theirs:
        message = f'"{sinkhole}" is not in the adversary\'s zone'
        yield Problem(path, message, near=(sinkhole, theirs))


def _is_partner(topology: Topology, host: Host) -> bool:
    return host.kind == "host" and "partner" in _zones(topology, host)


def _zones(topology: Topology, host: Host) -> Collection[str]:
    return {topology.segments[name].zone for name in host.segments if name in topology.segments}


def _show(value: timedelta) -> str:
    return show_duration(timedelta(seconds=round(value.total_seconds(), 1)))
