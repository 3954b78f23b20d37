"""Exercises: from text, against their topology, the catalogue and the files they name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from rangectl.errors import InvalidFileError
from rangectl.model.exercise import Exercise
from rangectl.model.parse import chains
from rangectl.model.parse.chains import Entries
from rangectl.model.parse.documents import document, opened
from rangectl.model.parse.problem import Document, Problem
from rangectl.model.parse.schema import Sound
from rangectl.model.topology import Topology
from rangectl.model.words import short


def load_exercise(  # noqa: PLR0913 - all that an exercise leans on
    source: str | bytes,
    name: str,
    topologies: Mapping[str, Topology] | None = None,
    entries: Entries | None = None,
    has_briefing: Callable[[str], bool] | None = None,
    profiles: Collection[str] | None = None,
    *,
    refuses: chains.Refuses | None = None,
) -> Document[Exercise]:
    """Read an exercise; `name` is the file's. Raises InvalidFileError with all that is wrong.

    Without `topologies` it is not checked against its own, without `entries` not against the
    catalogue, without `has_briefing` not whether its briefing is there, without `profiles` not
    whether there is such a profile of traffic, without `refuses` not whether its implants can stand
    on their hosts.
    """
    root, flaws = opened(source, name)

    def late(sound: Sound[Exercise], model: Exercise) -> Iterator[Problem]:
        yield from chains.own_problems(model, whole=sound.whole)
        if topologies is not None and ("topology",) not in sound.dropped:
            yield from _topology_problems(model, topologies, refuses)
        if has_briefing is not None and ("briefing",) not in sound.dropped:
            yield from _briefing_problems(model, has_briefing)
        if profiles is not None:
            yield from _profile_problems(model, profiles)
        if entries is not None:
            yield from chains.entry_problems(model, entries)

    return document(Exercise, name, root, (flaws, []), late)


def parse_exercise(source: str | bytes, name: str) -> Exercise:
    """Return the model of an exercise; see `load_exercise`."""
    return load_exercise(source, name).model


def _topology_problems(
    model: Exercise, topologies: Mapping[str, Topology], refuses: chains.Refuses | None
) -> Iterator[Problem]:
    try:
        topology = topologies.get(model.topology)
    except InvalidFileError:
        message = f'the topology "{model.topology}" is not without problems itself'
        yield Problem(("topology",), message, hint=f"rangectl validate {model.topology}")
        return
    if topology is None:
        message = f'unknown topology "{model.topology}"'
        yield Problem(("topology",), message, near=(model.topology, topologies))
    else:
        yield from chains.topology_problems(model, topology)
        if refuses is not None:
            yield from chains.stand_problems(model, topology, refuses)


def _briefing_problems(model: Exercise, has: Callable[[str], bool]) -> Iterator[Problem]:
    if not has(model.briefing):
        message = f'there is no file "{short(model.briefing)}"'
        yield Problem(("briefing",), message, "put it beside the exercise")


def _profile_problems(model: Exercise, profiles: Collection[str]) -> Iterator[Problem]:
    name = model.noise.traffic
    if name is not None and name not in profiles:
        message = f'unknown profile of traffic "{name}"'
        yield Problem(("noise", "traffic"), message, near=(name, profiles))
