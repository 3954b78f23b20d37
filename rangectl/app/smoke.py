"""Topologies from nothing to nothing: built, checked, proven, a host reset, taken down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from rangectl.app.contain import Aim
from rangectl.app.down import down
from rangectl.app.edges import Edges
from rangectl.app.ranges import Live, live
from rangectl.app.reach import reach
from rangectl.app.ready import check
from rangectl.app.reset import reset
from rangectl.app.up import build_images, up
from rangectl.errors import HonestNo, RangeError, UsageError
from rangectl.model.topology import Topology, expanded_names
from rangectl.ports import Each
from rangectl.progress import Progress, Tell

STEPS = ("validate", "images", "up", "contain", "checks", "reach", "up again", "reset", "down")
"""The steps, in their order."""

_TEAM = "smoke"
_ON_A_RANGE = frozenset(STEPS[3:-1])


@dataclass(frozen=True, slots=True)
class Case:
    """How one step of a topology's smoke test ended.

    `trouble` is None when it passed, `skipped` says why it was not run, `said` what it found. One
    that was `interrupted` is in trouble for no fault of the topology's.
    """

    topology: str
    step: str
    seconds: float
    trouble: str | None
    skipped: str | None = None
    said: str = ""
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be run: these steps, on these hosts where there are any named; whether to go on
    after a failure.
    """

    steps: frozenset[str] = frozenset(STEPS)
    hosts: frozenset[str] = frozenset()
    keep_going: bool = False


def choose(only: Sequence[str], topologies: Sequence[Topology], *, keep_going: bool) -> Choice:
    """Return the choice that words mean, each a step or a host; UsageError for one that is neither.

    Steps bring along what they stand on: a range, and its end.
    """
    known = {
        host
        for topology in topologies
        for name, entry in topology.hosts.items()
        for host in expanded_names(name, entry)
    }
    strange = [word for word in only if word not in STEPS and word not in known]
    if strange:
        message = f"--only: {strange[0]!r} is no step, and no host of these topologies"
        raise UsageError(message, hint=f"steps: {', '.join(STEPS)}")
    steps = {word for word in only if word in STEPS} or set(STEPS)
    steps |= {"validate"}
    if steps & (_ON_A_RANGE | {"up", "down"}):
        steps |= {"images", "up", "contain", "down"}
    return Choice(frozenset(steps), frozenset(only) - set(STEPS), keep_going)


@dataclass(frozen=True, slots=True)
class Smoke:
    """One topology's smoke test; its ranges are brought up under `name`.

    `stopped` says, between steps, whether it is to end early.
    """

    topology: Topology
    name: str
    edges: Edges
    tell: Tell
    aim: Aim
    choice: Choice = Choice()
    stopped: Callable[[], bool] = lambda: False

    def run(self) -> tuple[Case, ...]:
        """Take the topology through its life, and down whatever happens.

        The steps: images; up, until every service answers; contain, the proof at its end; checks of
        all services; reach, who reaches whom; up again, which must change nothing; reset of one
        host; down, which must leave nothing. Without `keep_going` a failure ends it. An interrupt
        is a step's trouble, and ends it, too: the range is taken down, and what was found is told.
        """
        cases: list[Case] = []
        cut = False
        try:
            for case in self._life():
                cases.append(case)
                told = case.step != "up" or case.trouble  # the proof at its end is told next
                if (told and self.stopped()) or (case.trouble and not self.choice.keep_going):
                    break
        except KeyboardInterrupt:
            cut = True
        finally:
            if "down" in self.choice.steps:
                cases.append(self._down())
        return tuple(self._whole(cases, cut=cut or self.stopped()))

    def _down(self) -> Case:
        try:
            return self._case("down", lambda: down(self.edges, self.name))
        except KeyboardInterrupt:
            why = f"interrupted; rangectl down {self.name} removes what is left"
            return Case(self._label, "down", 0.0, why, interrupted=True)

    def skipped(self, why: str) -> tuple[Case, ...]:
        """Return its steps, none of which was run."""
        steps = [step for step in STEPS[1:] if step in self.choice.steps]
        return tuple(Case(self._label, step, 0.0, None, skipped=why) for step in steps)

    @property
    def _label(self) -> str:
        return self.topology.name

    def broken(self) -> tuple[Case, ...]:
        """Return its steps, when nothing more is known than that it was interrupted."""
        return tuple(self._whole((), cut=True))

    def _whole(self, cases: Sequence[Case], *, cut: bool) -> Iterator[Case]:
        """Yield what was run, with what was not in its place; the first of that where it was cut
        short.
        """
        done = {case.step: case for case in cases}
        failed = next((case.step for case in cases if case.trouble and not case.interrupted), "")
        why = f"{failed} failed" if failed else "interrupted"
        for case in self.skipped(f"not run: {why}"):
            if case.step not in done and cut and not failed:
                yield Case(self._label, case.step, 0.0, "interrupted", interrupted=True)
                cut = False
            else:
                yield done.get(case.step, case)

    def _life(self) -> Iterator[Case]:
        works: dict[str, Callable[[], str | None]] = {
            "checks": self._checks,
            "reach": self._reach,
            "up again": self._unchanged,
            "reset": self._reset,
        }
        if "images" in self.choice.steps:
            yield self._case("images", self._images)
        if "up" in self.choice.steps:
            whole = True
            for case in self._up():
                whole = whole and (not case.trouble or case.step == "contain")
                yield case
            for step, work in works.items():
                if whole and step in self.choice.steps:
                    yield self._case(step, work)

    def _images(self) -> str:
        return f"{len(build_images([self.topology], self.edges, self.tell))} images"

    def _up(self) -> Iterator[Case]:
        """Bring it up; the proof at the end is a case of its own."""
        self.tell(Progress("step", f"{self._label}: up"))
        began = self.edges.clock.now()
        proof, leak, trouble, said, contained = 0.0, None, None, "", ""
        try:
            upped = up(self.topology, self.name, [_TEAM], self.edges, self.tell, self.aim)
            proof = dict(upped.seconds)["proof"]
            said = f"{len(upped.changes)} changes, {upped.services} services"
            contained = f"{sum(one.attempts for one in upped.proofs)} ways out tried"
        except HonestNo as error:
            leak = str(error)
        except RangeError as error:
            trouble = str(error)
        spent = (self.edges.clock.now() - began).total_seconds()
        yield Case(self._label, "up", spent - proof, trouble, said=said)
        if not trouble:
            yield Case(self._label, "contain", proof, leak, said=contained)

    def _range(self) -> Live:
        (found,) = live(self.edges, self.name)
        return found

    def _checks(self) -> str:
        hosts = self.choice.hosts
        found = [
            one for one in check(self.edges, [self._range()]) if not hosts or one.host in hosts
        ]
        wrong = [f"  {one.host} {one.service.name}: {one.wrong}" for one in found if one.wrong]
        if wrong:
            raise HonestNo("\n".join(["services do not answer as they must:", *wrong]))
        return f"{len(found)} services"

    def _reach(self) -> str:
        tried = reach(self.edges, self._range(), self.choice.hosts)
        return f"{tried.allowed} ways that are allowed, {tried.denied} that are not"

    def _unchanged(self) -> None:
        again = up(self.topology, self.name, [_TEAM], self.edges, self.tell, self.aim)
        if again.changes:
            message = "a second up changed: " + "; ".join(again.changes)
            raise RangeError(message)

    def _reset(self) -> str:
        mine = {
            host
            for name, entry in self.topology.hosts.items()
            for host in expanded_names(name, entry)
        }
        hosts = sorted(self.choice.hosts & mine) or [_first_with_service(self.topology)]
        reset(self.edges, f"{self.name}/{_TEAM}", hosts)
        return ", ".join(hosts)

    def _case(self, step: str, work: Callable[[], object]) -> Case:
        self.tell(Progress("step", f"{self._label}: {step}"))
        began = self.edges.clock.now()
        trouble, said = None, ""
        try:
            found = work()
            said = found if isinstance(found, str) else ""
        except RangeError as error:
            trouble = str(error)
        spent = (self.edges.clock.now() - began).total_seconds()
        return Case(self._label, step, spent, trouble, said=said)


def run_all(smokes: Sequence[Smoke], each: Each, *, failed: bool = False) -> tuple[Case, ...]:
    """Run smoke tests; once one has failed (as one may have before), no other begins unless it is
    to keep going, and once one was interrupted, none does.
    """
    all_ = _All(smokes, failed)
    with suppress(KeyboardInterrupt):
        each(all_.run, range(len(smokes)))
    return tuple(case for number in range(len(smokes)) for case in all_.cases(number))


class _All:
    """What became of several smoke tests so far, also where those who run them are interrupted."""

    def __init__(self, smokes: Sequence[Smoke], failed: bool) -> None:  # noqa: FBT001 - private
        self._smokes = smokes
        self._failed = failed
        self._interrupted = False
        self._begun: set[int] = set()
        self._ended: dict[int, tuple[Case, ...]] = {}

    def run(self, number: int) -> None:
        """Run one of them, unless what became of others forbids it."""
        self._begun.add(number)
        cases = self._ended[number] = self._run(self._smokes[number])
        self._failed = self._failed or any(case.trouble for case in cases)
        self._interrupted = self._interrupted or any(case.interrupted for case in cases)

    def _run(self, smoke: Smoke) -> tuple[Case, ...]:
        if self._interrupted or smoke.stopped():
            return smoke.skipped("not run: interrupted")
        if self._failed and not smoke.choice.keep_going:
            return smoke.skipped("not run: another topology failed")
        return smoke.run()

    def cases(self, number: int) -> tuple[Case, ...]:
        """Return what became of one of them."""
        smoke = self._smokes[number]
        if number in self._ended:
            return self._ended[number]
        return smoke.broken() if number in self._begun else smoke.skipped("not run: interrupted")


def _first_with_service(topology: Topology) -> str:
    hosts = topology.hosts.items()
    named = [expanded_names(name, host)[0] for name, host in hosts if host.services]
    return named[0] if named else expanded_names(*next(iter(hosts)))[0]
