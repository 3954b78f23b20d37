"""What a smoke test reads before it begins, and how its outcome is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from rangectl.app.smoke import Case
from rangectl.cli import show
from rangectl.errors import InvalidFileError, UsageError
from rangectl.model.topology import Topology
from rangectl.progress import Progress, Tell
from rangectl.wiring import machine, reading


def validated(files: Sequence[str], given: Mapping[str, str]) -> tuple[list[Case], list[Topology]]:
    """Read all files before anything is built; return how that went, and what can be built."""
    cases: list[Case] = []
    topologies: list[Topology] = []
    clock = machine.WallClock()
    for file in files:
        began = clock.now()
        try:
            topology = reading.topology(file, given=given)
        except InvalidFileError as error:
            cases.append(Case(Path(file).stem, "validate", 0.0, str(error)))
            continue
        if any(one.name == topology.name for one in topologies):
            message = f"{file}: another of these topologies is called {topology.name!r} too"
            raise UsageError(message, hint="the report tells them apart by their names")
        spent = (clock.now() - began).total_seconds()
        cases.append(Case(topology.name, "validate", spent, None))
        topologies.append(topology)
    return cases, topologies


def named(tell: Tell, topology: str) -> Tell:
    """Return what tells progress with the name of the topology that it is of."""

    def say(progress: Progress) -> None:
        told = progress.text.startswith(f"{topology}: ")
        text = progress.text if told else f"{topology}: {progress.text}"
        tell(Progress(progress.what, text))

    return say


def by_topology(cases: Sequence[Case]) -> list[Case]:
    """Return the cases of each topology side by side, in the order they were given."""
    names = list(dict.fromkeys(case.topology for case in cases))
    return sorted(cases, key=lambda case: names.index(case.topology))


def show_cases(cases: Sequence[Case], *, as_json: bool) -> None:
    """Print how long each step took, what failed and why, and one line about all."""
    if as_json:
        show.facts(cases)
        return
    for topology, steps in groupby(cases, key=lambda case: case.topology):
        mine = list(steps)
        words = "  ".join(_step(case) for case in mine)
        print(f"{topology}: {_seconds(mine):.1f} s  {words}")
    for case in cases:
        if case.trouble:
            print(f"{case.topology}: {case.step}: {case.trouble}")
    interrupted = sum(case.interrupted for case in cases)
    failed = sum(case.trouble is not None for case in cases) - interrupted
    skipped = sum(case.skipped is not None for case in cases)
    count = len({case.topology for case in cases})
    left_out = f", {interrupted} interrupted" if interrupted else ""
    left_out += f", {skipped} not run" if skipped else ""
    print(
        f"{count} topologies, {len(cases)} steps, {failed} failed{left_out}, "
        f"{_seconds(cases):.1f} s"
    )


def _step(case: Case) -> str:
    if case.skipped:
        return f"{case.step} -"
    if case.interrupted:
        return f"{case.step} INTERRUPTED"
    return f"{case.step} FAILED" if case.trouble else f"{case.step} {case.seconds:.1f}"


def _seconds(cases: Sequence[Case]) -> float:
    return sum(case.seconds for case in cases)
