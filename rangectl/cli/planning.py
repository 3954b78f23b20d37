"""What `plan` prints."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from rangectl.app.plan import Plan, Planned, told
from rangectl.app.plan import plan as make_plan
from rangectl.cli import show
from rangectl.errors import EnvironmentUnfitError, UsageError
from rangectl.model.parse.problem import Document, nearest
from rangectl.model.topology import Topology, expanded_names
from rangectl.plan.origins import Told, origins

_VERBS = ("create", "remove", "start", "thaw")
_LONG = 40
_ALL_HOSTS = "--show-origin without --host tells of all"


def chosen(topology: Topology, hosts: Collection[str]) -> frozenset[str]:
    """Return the hosts that names and patterns ask for; an entry stands for its hosts.

    UsageError for one that asks for none.
    """
    known = {name: expanded_names(name, host) for name, host in topology.hosts.items()}
    names = {one for several in known.values() for one in several}
    found: set[str] = set()
    for host in hosts:
        meant = known.get(host) or [name for name in names if fnmatchcase(name, host)]
        if not meant:
            message = f"--host: there is no host {host[:40]!r}"
            raise UsageError(message, hint=nearest(host, [*known, *names]) or _ALL_HOSTS)
        found.update(meant)
    return frozenset(found)


def show_plan(
    topology: Topology, name: str, teams: Sequence[str], hosts: frozenset[str], *, as_json: bool
) -> None:
    """Print what `up` would do."""
    made, silence = _plan(topology, name, teams)
    if hosts:
        made = replace(made, ranges=tuple(_only(one, hosts) for one in made.ranges))
    if as_json:
        show.facts(_facts(made, silence))
        return
    if silence is not None:
        show.note(f"{silence}: told as if nothing were up")
    alike: dict[tuple[str, ...], list[str]] = {}
    for range_ in made.ranges:
        alike.setdefault((_state(range_), *told(range_)), []).append(str(range_.spec.id))
    for (state, *lines), ranges in alike.items():
        print(f"{', '.join(ranges)}: {state}")
        for line in lines:
            print(f"  {line}")
    _sum_up(made)


def _state(range_: Planned) -> str:
    if range_.fresh:
        return "nothing of it is up, so all of it is made"
    return f"{len(range_.changes)} changes" if range_.changes else "nothing to change"


def _plan(topology: Topology, name: str, teams: Sequence[str]) -> tuple[Plan, str | None]:
    """Return the plan, and why no engine was asked for it."""
    from rangectl.wiring import machine

    try:
        return make_plan(topology, name, teams, machine.edges()), None
    except EnvironmentUnfitError as error:
        return make_plan(topology, name, teams, None), str(error)


def _only(range_: Planned, hosts: frozenset[str]) -> Planned:
    return replace(range_, changes=tuple(one for one in range_.changes if one.host in hosts))


def _sum_up(made: Plan) -> None:
    if made.images:
        print("images to build first:")
        for image in made.images:
            print(f"  {image}")
    counts = Counter[str](change.do for range_ in made.ranges for change in range_.changes)
    parts = [f"{counts[verb]} to {verb}" for verb in _VERBS if counts[verb]]
    if parts:
        print(f"containers: {', '.join(parts)}")
    if counts["wire"]:
        print(f"cables and files of hosts: {counts['wire']} to change")
    if not counts:
        print("nothing to change")
    if not all(one.compared for one in made.ranges):
        print("cables and files of hosts: not compared, for no node agent runs; up starts one")


def _facts(made: Plan, silence: str | None) -> dict[str, object]:
    return {
        "engine": silence or "answers",
        "images": made.images,
        "ranges": [
            {
                "range": str(one.spec.id),
                "fresh": one.fresh,
                "compared": one.compared,
                "changes": one.changes,
            }
            for one in made.ranges
        ],
    }


def show_origins(document: Document[Topology], hosts: frozenset[str], *, as_json: bool) -> None:
    """Print where every value of hosts comes from."""
    found = [one for one in origins(document) if not hosts or hosts & {*one.hosts}]
    if as_json:
        show.facts(found)
        return
    for one in found:
        print(_head(one))
        rows = [
            (f"  {each.key}", each.value, _near(each.place) or "-", each.layer)
            for each in one.values
        ]
        widths = [min(_LONG, max(len(row[column]) for row in rows)) for column in range(3)]
        for row in rows:
            cells = (word.ljust(width) for word, width in zip(row, widths, strict=False))
            sys.stdout.write(f"{'  '.join(cells)}  {row[3]}\n")


def _near(where: str) -> str:
    """Shorten the path of a file in or below the working directory."""
    return where.removeprefix(f"{Path.cwd()}/")


def _head(one: Told) -> str:
    if len(one.hosts) == 1 and one.hosts[0] == one.entry:
        return one.entry
    return f"{one.entry}: {len(one.hosts)} hosts, {one.hosts[0]} .. {one.hosts[-1]}"
