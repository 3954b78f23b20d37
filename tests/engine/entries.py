"""Kinds of the catalogue, side by side on two real hosts: planted, removed in part, whole, and with
what is the partner's.

What sinkholes hear is left out: none listens here.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import platformdirs

import rangectl.hunter
from rangectl.engine.agent import DockerNode
from rangectl.engine.docker_engine import DockerEngine
from rangectl.implants.compose import compose, stamped
from rangectl.implants.item import Item
from rangectl.implants.lease import LEASE_PATH, lease
from rangectl.implants.probes import ComponentSeen, queries, seen
from rangectl.model.events import Event, Observed, Planted
from rangectl.model.exercise import Exercise
from rangectl.model.planting import Artefact, Component
from rangectl.model.syntaxes import STOCK
from rangectl.model.topology import Limits
from rangectl.plan.personal import LEASE_KEY
from rangectl.plan.probing import AppendLine, Edit, MakeFolder, Stat, Symlink, Write
from rangectl.plan.spec import RangeSpec, RoleSpec
from rangectl.provision.images import RoleImages
from rangectl.provision.rolebook import Rolebook
from rangectl.scoring.states import State, over_ejected, sites, state
from rangectl.store.library import shipped
from tests.engine.ranges import HOSTS, containers, host, spec
from tests.implants.samples import ENTRIES, PROGRAMS

EVICT = (Path(rangectl.hunter.__file__).parent / "evict.py").read_text()
FIRST, SECOND = "desk", "shelf"
PATIENCE = 120.0
_TRIES = 3
ROLES = ("base", "web", "webapp", "wiki", "workstation", "fileserver", "database", "mail", "jump")
"""What the hosts are said to be, so that every kind may stand on them; only the first is there."""
RECORD = "/var/lib/dpkg/status"
"""Who takes a package from it takes the package's files too."""
Missing = set[tuple[str | None, str, str]]
"""What cannot be seen: of which entry, of which nature, which component."""
Found = Mapping[tuple[str, str], ComponentSeen]
"""What was seen, by artefact and component."""
Step = tuple[str, dict[str, Any]]
"""What the reference hunter is to do, and on which host."""


@dataclass(frozen=True)
class Fate:
    """What became of an implant: as it was planted; while one part was gone and nothing else; by
    the reference removal; and by its look-alike's removal too, None where that stood elsewhere.
    """

    planted: State
    partial: Mapping[str, State]
    removed: State
    over: State | None


@dataclass(frozen=True)
class Course:
    """What became of everything: what was never seen, how long a probe took, what did not come back
    after a part of it was put back, what of the partner's own was gone after the removal of the
    implants, and the fate of each.
    """

    unseen: Missing
    seconds: float
    lost: Missing
    broken: Missing
    fates: Mapping[str, Fate]


def _both() -> RangeSpec:
    roles, limits = tuple(map(RoleSpec, ROLES)), Limits(memory="1GiB", pids=1000)
    hosts = [host(FIRST, 20, "office", init="systemd"), host(SECOND, 21, "office", init="systemd")]
    mine = [replace(one, roles=roles, limits=limits) for one in hosts]
    return spec((*mine, *(one for one in HOSTS if one.name != FIRST)))


def exercise(keys: Sequence[str], seed: int, decoys: int) -> Exercise:
    """Return an exercise with an implant of each of these entries, and so many decoys of each."""
    stages = []
    for key in keys:
        entry = ENTRIES[key]
        stage: dict[str, object] = {"implant": key, "on": FIRST, "period": "60s"}
        if entry.second is not None:
            stage["to"] = SECOND
        if entry.started_by:
            units = "systemd.service" in entry.started_by
            stage["started_by"] = "systemd.service" if units else entry.started_by[0]
        stages.append(stage)
    chains = {
        f"actor-{number}": {"sinkhole": "sink", "chain": stages[number::2]} for number in (0, 1)
    }
    return Exercise.model_validate(
        {
            "version": 1,
            "name": "kinds",
            "topology": "test",
            "briefing": "kinds.md",
            "clock": {"length": "60m"},
            "seed": seed,
            "actors": chains,
            "decoys": {"per_implant": decoys},
            "noise": {"edits_per_implant": 2},
            "opt_in": [key for key in keys if ENTRIES[key].opt_in],
        }
    )


@dataclass
class Site:
    """Real hosts with everything planted; `events` is what a director would have noted."""

    node: DockerNode
    engine: DockerEngine
    containers: dict[str, str]
    hold: timedelta
    items: tuple[Item, ...] = ()
    events: list[Event] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time(), UTC)

    def look(self, artefacts: Sequence[Artefact]) -> dict[tuple[str, str], ComponentSeen]:
        """Probe components, note what was seen, and return it by artefact and component."""
        asked = [(one, where) for one in artefacts for where in one.hosts]
        answers = self.node.probe(
            [(self.containers[where], queries(one, where)) for one, where in asked]
        )
        now = self.now()
        found = {
            (one.id, fact.component): fact
            for (one, where), own in zip(asked, answers, strict=True)
            for fact in seen(one, own, (), now, where)
        }
        self.events += [
            Observed(
                at=now, team="alder", artefact=key, component=fact.component,
                present=fact.present, pid=fact.pid, start=fact.start,
            )
            for (key, _), fact in found.items()
        ]  # fmt: skip
        return found

    def missing(self, artefacts: Sequence[Artefact]) -> Missing:
        """Return what cannot be seen of artefacts."""
        found = self.look(artefacts)
        return {
            (one.entry, one.nature, part.id)
            for one in artefacts
            for part in one.components
            if not ((fact := found.get((one.id, part.id))) is not None and fact.present)
        }

    def stand(self, *natures: str) -> Missing:
        """Look until all of these natures is there, for some time; return what is not."""
        wanted = self.artefacts(*natures)
        _until(lambda: not self.missing(wanted), PATIENCE)
        return self.missing(wanted)

    def of(self, *natures: str) -> list[Item]:
        return [one for one in self.items if one.artefact.nature in natures]

    def artefacts(self, *natures: str) -> list[Artefact]:
        return [one.artefact for one in self.of(*natures)]

    def put(self, items: Sequence[Item], *first: Edit) -> None:
        """Plant items, start their units, and cover what is to be covered once it runs."""
        work: dict[str, list[Edit]] = {name: [*first] for name in (FIRST, SECOND)}
        units: dict[str, list[str]] = {FIRST: [], SECOND: []}
        for item in items:
            for share in item.shares:
                work[share.host] += share.edits
                units[share.host] += share.units
        results = self.node.plant([(self.containers[name], own) for name, own in work.items()])
        assert [one for own in results for one in own if one] == []
        for name, mine in units.items():
            for command in (("daemon-reload",), ("start", "--no-block", *dict.fromkeys(mine))):
                told = self.engine.execute(self.containers[name], ("systemctl", *command))
                assert told.code == 0 or len(command) == 2, told.output
        self.hide([item for item in items if item.hides])

    def hide(self, items: Sequence[Item]) -> None:
        work = [(self.containers[item.artefact.host], item.hides) for item in items]
        said: list[str | None] = []

        def done() -> bool:
            said[:] = [one for own in self.node.plant(work) for one in own if one]
            return not said

        assert not work or _until(done, 60), said

    def states(self) -> dict[str, State]:
        """Return what became of each implant, by its kind."""
        site, now = sites(self.events)["alder"], self.now()
        return {
            life.artefact.entry or "": state(
                life, self.hold, now, detected=False, over=over_ejected(life, site)
            )
            for life in site.implants.values()
        }

    def evict(self, steps: Sequence[Step]) -> None:
        """Carry steps out on their hosts as the reference hunter does."""
        for name, container in self.containers.items():
            mine = sorted((step for where, step in steps if where == name), key=_order)
            program = f"{EVICT}\n\nmain({json.dumps(mine)!r})\n"
            (said,) = self.node.plant([(container, [Write("/run/evict.py", program.encode())])])
            assert said == (None,)
            went = self.engine.execute(container, ("python3", "/run/evict.py"))
            bad = [
                (step["do"], step.get("path"), result)
                for step, result in zip(mine, json.loads(went.output), strict=True)
                if result not in {"done", "not there"}
            ]
            assert bad == []


@contextmanager
def site(node: DockerNode, engine: DockerEngine, play: Exercise, hold: timedelta) -> Iterator[Site]:
    """Give two real hosts, with what an exercise plants on them."""
    images = RoleImages(Rolebook(shipped("roles")), Path(platformdirs.user_state_dir("rangectl")))
    image = images.ensure("debian", (RoleSpec("base"),), lambda _: None)
    wanted = _both()
    with containers(engine, image, wanted) as fabric:
        assert node.wire(fabric).missing == ()
        named = {
            m.spec.name: m.container for m in fabric.machines if m.spec.name in {FIRST, SECOND}
        }
        for container in named.values():
            assert _until(lambda own=container: _boots(engine, own))
            for seat in ("hunter", "partner"):
                engine.execute(container, ("useradd", "--create-home", seat))
        made = Site(node, engine, named, hold)
        _plant(made, wanted, play)
        yield made
        node.unwire(fabric.range)


def _plant(site: Site, wanted: RangeSpec, play: Exercise) -> None:
    made = compose(play, wanted, ENTRIES, PROGRAMS, b"secret", site.now())
    facts: dict[str, dict[str, tuple[str, int]]] = {}
    for name, container in site.containers.items():
        (stats,) = site.node.probe([(container, [Stat(path) for path in STOCK.values()])])
        facts[name] = {
            path: (one.stat.sha256, one.stat.size)
            for path, one in zip(STOCK.values(), stats, strict=True)
            if one.stat is not None and one.stat.sha256 is not None
        }
    site.items = tuple(_silent(item) for item in stamped(made, facts))
    key = bytes(range(32))
    networks = [str(segment.subnet) for segment in wanted.segments]
    site.put(
        site.items,
        MakeFolder("/var/spool/cron/atjobs", mode=0o770),
        Write(LEASE_KEY, key.hex().encode()),
        Write(LEASE_PATH, lease(key, networks, int(time.time()) + 1800)),
    )
    now = site.now()
    site.events += [Planted(at=now, team="alder", artefact=item.artefact) for item in site.items]


def played(site: Site) -> Course:
    """Remove everything in part, then the implants whole, then what is the partner's own."""
    unseen = site.stand("implant", "decoy", "noise")
    planted = site.states()
    begun = time.monotonic()
    site.look(site.artefacts("implant"))
    seconds = time.monotonic() - begun
    partial, lost = _in_part(site)
    _remove(site, "implant")
    end = time.monotonic() + site.hold.total_seconds() + 10
    while time.monotonic() < end:
        time.sleep(5)
        site.look(site.artefacts("implant"))
    broken = site.missing(site.artefacts("decoy", "noise"))
    for container in site.containers.values():
        assert site.engine.execute(container, ("/usr/bin/true",)).output == b""
    removed = site.states()
    _remove(site, "decoy")
    decoys = site.artefacts("decoy")
    over, beside = site.states(), {(one.imitates, at) for one in decoys for at in one.hosts}
    fates = {
        one.entry or "": Fate(
            planted=planted[one.entry or ""],
            partial=partial[one.entry or ""],
            removed=removed[one.entry or ""],
            over=over[one.entry or ""] if any((one.id, at) in beside for at in one.hosts) else None,
        )
        for one in site.artefacts("implant")
    }
    return Course(unseen, seconds, lost, broken, fates)


def single(item: Item) -> list[Component]:
    """Return what can be removed alone while something that is required stays, what is ended last:
    it takes some time to come back. What is hidden is not ended by who is on the host.
    """
    required = [part for part in item.artefact.components if part.required]
    alone = [
        part
        for part in required
        if part.path != RECORD
        and part.kind != "mount"
        and not (part.kind == "process" and item.hides)
    ]
    return sorted(alone if len(required) > 1 else [], key=lambda part: part.kind == "process")


def _in_part(site: Site) -> tuple[dict[str, dict[str, State]], Missing]:
    """Remove one part of each after the other, putting it back; return the states meanwhile, and
    what never came back.
    """
    parts = [(item, single(item)) for item in site.of("implant")]
    fates: dict[str, dict[str, State]] = {item.artefact.entry or "": {} for item, _ in parts}
    lost: Missing = set()
    for rest in range(max(len(own) for _, own in parts), 0, -1):
        now = [(item, own[-rest]) for item, own in parts if len(own) >= rest]
        for key, part, told in _alone(site, now):
            fates[key][part] = told
        site.put([item for item, _ in now])
        lost |= site.stand("implant")
    return fates, lost


def _alone(
    site: Site, wanted: Sequence[tuple[Item, Component]]
) -> Iterator[tuple[str, str, State]]:
    """Remove these parts; yield of each the entry, the part and the state that this leads to.

    What was ended and came back before it was looked at is ended once more.
    """
    artefacts = [item.artefact for item, _ in wanted]
    told: dict[str, State] = {}
    left = list(wanted)
    for _ in range(_TRIES):
        found = site.look(artefacts)
        site.evict([step for item, part in left for step in _taking(item, part, found)])
        site.look(artefacts)
        states = site.states()
        told |= {item.artefact.id: states[item.artefact.entry or ""] for item, _ in left}
        left = [
            (item, part)
            for item, part in left
            if part.kind == "process" and told[item.artefact.id] != "partial"
        ]
        if not left:
            break
    for item, part in wanted:
        yield item.artefact.entry or "", part.id, told[item.artefact.id]


def _taking(item: Item, part: Component, found: Found) -> list[Step]:
    """Return the steps that remove one part of an artefact, with their host."""
    own = _ending(item, part, found) if part.kind == "process" else _removal(item, part)
    return [(item.artefact.host_of(part), step) for step in own]


def _remove(site: Site, nature: str) -> None:
    """Remove all of one nature as the reference does, and look."""
    items = site.of(nature)
    found = site.look([item.artefact for item in items])
    site.evict([step for item in items for step in _steps(item, found)])
    site.look([item.artefact for item in items])


def _silent(item: Item) -> Item:
    """Leave out what no sinkhole notes here, as none listens."""
    parts = tuple(part for part in item.artefact.components if part.kind != "traffic")
    return replace(item, artefact=item.artefact.model_copy(update={"components": parts}))


def _boots(engine: DockerEngine, container: str) -> bool:
    told = engine.execute(container, ("systemctl", "is-active", "ssh"))
    return told.output.strip() == b"active"


def _until(what: Any, seconds: float = 60) -> bool:  # noqa: ANN401 - any question
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.5)
    return True


def _order(step: dict[str, Any]) -> int:
    return ["unit", "restore", "line", "link", "file", "package", "kill"].index(step["do"])


def _steps(item: Item, found: Found) -> list[Step]:
    """Return the steps of the reference removal of an artefact, with the host of each."""
    units = [
        (share.host, {"do": "unit", "unit": unit}) for share in item.shares for unit in share.units
    ]
    kept = {part.path for part in item.artefact.components if part.kind == "lost"}
    parts = [
        part
        for part in item.artefact.components
        if part.kind != "mount" and (part.kind == "lost" or part.path not in kept)
    ]
    return units + [step for part in parts for step in _taking(item, part, found)]


def _ending(item: Item, part: Component, found: Found) -> list[dict[str, Any]]:
    fact = found.get((item.artefact.id, part.id))
    if fact is None or fact.pid is None:
        return []
    return [{"do": "kill", "pid": fact.pid, "start": fact.start, "program": part.path}]


def _removal(item: Item, part: Component) -> list[dict[str, Any]]:
    edits = item.edits_on(item.artefact.host_of(part))
    if part.kind == "link":
        links = (e for e in edits if isinstance(e, Symlink) and e.path == part.path)
        return [{"do": "link", "path": part.path, "target": next(links).target}]
    if part.kind == "lost":
        line = (part.needle or "").encode()
        copies = (
            e.path
            for e in edits
            if isinstance(e, Write) and e.path != part.path and line in e.content.split(b"\n")
        )
        return [{"do": "restore", "path": part.path, "copy": next(copies)}]
    if part.path == RECORD:
        return [{"do": "package", "package": (part.needle or "").split()[1]}]
    if part.is_whole:
        return [{"do": "file", "path": part.path, "sha256": part.sha256}]
    lines = (
        line
        for e in edits
        if isinstance(e, AppendLine) and e.path == part.path
        for line in e.line.split("\n")
    )
    return [{"do": "line", "path": part.path, "line": line} for line in lines if line]
