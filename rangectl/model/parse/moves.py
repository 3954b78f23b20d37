"""What reactions, injects and rules of engagement of an exercise may not mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta

from rangectl.model.base import show_duration
from rangectl.model.exercise import Actor, Exercise
from rangectl.model.injects import COMMON
from rangectl.model.parse.marks import Path
from rangectl.model.parse.problem import Problem
from rangectl.model.reactions import PLANTING, Reaction
from rangectl.model.topology import Host, Topology


def problems(exercise: Exercise) -> Iterator[Problem]:
    """Yield what is wrong with what happens during an exercise, whatever its topology."""
    for name, actor in exercise.actors.items():
        yield from _reserve_problems(("actors", name), actor)
        for index, reaction in enumerate(actor.reactions):
            path: Path = ("actors", name, "reactions", index)
            yield from _reaction_problems(path, actor, reaction)
    for index, move in enumerate(exercise.msel):
        if move.at >= exercise.clock.length:
            length = show_duration(timedelta(seconds=exercise.clock.length.total_seconds()))
            message = f"{show_duration(move.at)} is after the exercise's end"
            yield Problem(("msel", index, "at"), message, hint=f"it lasts {length}")
        yield from _inject_problems(exercise, ("msel", index, "inject"), move.inject)
    for index, threshold in enumerate(exercise.threshold):
        yield from _inject_problems(exercise, ("threshold", index, "inject"), threshold.inject)


def scope_problems(
    exercise: Exercise, topology: Topology, hosts: Mapping[str, Host]
) -> Iterator[Problem]:
    """Yield what the rules of engagement name that the topology does not have."""
    if exercise.roe is None:
        return
    scope = exercise.roe.scope
    theirs = [name for name, one in topology.segments.items() if one.zone == "partner"]
    for index, segment in enumerate(scope.segments):
        if segment not in theirs:
            message = f'"{segment}" is no segment of the partner\'s'
            yield Problem(("roe", "scope", "segments", index), message, near=(segment, theirs))
    for index, host in enumerate(scope.exclude_hosts):
        if host not in hosts:
            path: Path = ("roe", "scope", "exclude_hosts", index)
            yield Problem(path, f'unknown host "{host}"', near=(host, tuple(hosts)))


def _reserve_problems(path: Path, actor: Actor) -> Iterator[Problem]:
    names = Counter(one.name for one in actor.reserve)
    used = {one.plant for one in actor.reactions}
    for index, kept in enumerate(actor.reserve):
        here: Path = (*path, "reserve", index)
        if names[kept.name] > 1:
            yield Problem((*here, "name"), f'"{kept.name}" is there twice')
        if kept.after:
            message = "what is kept in reserve comes when a reaction calls for it"
            yield Problem((*here, "after"), message, hint="leave it out")
        if kept.name not in used:
            message = f'no reaction plants "{kept.name}"'
            yield Problem((*here, "name"), message, hint="do: fallback, plant: " + kept.name)


def _reaction_problems(path: Path, actor: Actor, reaction: Reaction) -> Iterator[Problem]:
    names = [one.name for one in actor.reserve]
    if reaction.do in PLANTING and reaction.plant is None:
        message = f"{reaction.do} plants something that is kept in reserve"
        yield Problem((*path, "plant"), message, hint="plant: NAME of a reserve", key=True)
    elif reaction.do not in PLANTING and reaction.plant is not None:
        yield Problem((*path, "plant"), f"{reaction.do} plants nothing", hint="leave it out")
    elif reaction.plant is not None and reaction.plant not in names:
        message = f'nothing is kept in reserve under the name "{reaction.plant}"'
        yield Problem((*path, "plant"), message, near=(reaction.plant, names))
    if reaction.do == "replant" and reaction.when != "removed":
        message = f"nothing is put back that is {reaction.when}"
        yield Problem((*path, "when"), message, hint="when: removed")


def _inject_problems(exercise: Exercise, path: Path, name: str) -> Iterator[Problem]:
    if name not in exercise.injects and name not in COMMON:
        known = (*exercise.injects, *COMMON)
        yield Problem(path, f'unknown inject "{name}"', near=(name, known))
