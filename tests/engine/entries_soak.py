"""Every kind of the catalogue, planted side by side on two real hosts, removed in part, whole, and
with what is the partner's.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import platformdirs
import pytest

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

pytestmark = pytest.mark.engine

EVICT = (Path(rangectl.hunter.__file__).parent / "evict.py").read_text()
KEYS = sorted(ENTRIES)
FIRST, SECOND = "desk", "shelf"
HOLD = timedelta(seconds=75)
"""Longer than a minute of cron."""
ROLES = ("base", "web", "webapp", "wiki", "workstation", "fileserver", "database", "mail", "jump")
"""What the hosts are said to be, so that every kind may stand on them; only the first is there."""


def _both() -> RangeSpec:
    roles, limits = tuple(map(RoleSpec, ROLES)), Limits(memory="1GiB", pids=1000)
    hosts = [host(FIRST, 20, "office", init="systemd"), host(SECOND, 21, "office", init="systemd")]
    mine = [replace(one, roles=roles, limits=limits) for one in hosts]
    return spec((*mine, *(one for one in HOSTS if one.name != FIRST)))


def _exercise() -> Exercise:
    stages = []
    for key in KEYS:
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
            "seed": 7,
            "actors": chains,
            "noise": {"edits_per_implant": 2},
            "opt_in": [key for key in KEYS if ENTRIES[key].opt_in],
        }
    )


@dataclass
class Site:
    """Real hosts with everything planted; `events` is what a director would have noted."""

    node: DockerNode
    engine: DockerEngine
    containers: dict[str, str]
    items: tuple[Item, ...]
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

    def missing(self, artefacts: Sequence[Artefact]) -> set[tuple[str | None, str, str]]:
        """Return what cannot be seen of artefacts."""
        found = self.look(artefacts)
        return {
            (one.entry, one.nature, part.id)
            for one in artefacts
            for part in one.components
            if not ((fact := found.get((one.id, part.id))) is not None and fact.present)
        }

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
                life, HOLD, now, detected=False, over=over_ejected(life, site)
            )
            for life in site.implants.values()
        }

    def evict(self, steps: Sequence[tuple[str, dict[str, Any]]]) -> None:
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


@pytest.fixture(scope="module")
def site(docker_node: DockerNode, docker_engine: DockerEngine) -> Iterator[Site]:
    images = RoleImages(Rolebook(shipped("roles")), Path(platformdirs.user_state_dir("rangectl")))
    image = images.ensure("debian", (RoleSpec("base"),), lambda _: None)
    wanted = _both()
    with containers(docker_engine, image, wanted) as fabric:
        assert docker_node.wire(fabric).missing == ()
        named = {
            m.spec.name: m.container for m in fabric.machines if m.spec.name in {FIRST, SECOND}
        }
        for container in named.values():
            assert _until(lambda own=container: _boots(docker_engine, own))
            for seat in ("hunter", "partner"):
                docker_engine.execute(container, ("useradd", "--create-home", seat))
        yield _planted(docker_node, docker_engine, named, wanted)
        docker_node.unwire(fabric.range)


def _planted(
    node: DockerNode, engine: DockerEngine, named: dict[str, str], wanted: RangeSpec
) -> Site:
    made = compose(
        _exercise(), wanted, ENTRIES, PROGRAMS, b"secret", datetime.fromtimestamp(time.time(), UTC)
    )
    facts: dict[str, dict[str, tuple[str, int]]] = {}
    for name, container in named.items():
        (stats,) = node.probe([(container, [Stat(path) for path in STOCK.values()])])
        facts[name] = {
            path: (one.stat.sha256, one.stat.size)
            for path, one in zip(STOCK.values(), stats, strict=True)
            if one.stat is not None and one.stat.sha256 is not None
        }
    items = tuple(_silent(item) for item in stamped(made, facts))
    found = Site(node, engine, named, items)
    key = bytes(range(32))
    networks = [str(segment.subnet) for segment in wanted.segments]
    found.put(
        items,
        MakeFolder("/var/spool/cron/atjobs", mode=0o770),
        Write(LEASE_KEY, key.hex().encode()),
        Write(LEASE_PATH, lease(key, networks, int(time.time()) + 1800)),
    )
    now = found.now()
    found.events += [Planted(at=now, team="alder", artefact=item.artefact) for item in items]
    return found


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


def test_everything_that_was_planted_stands(site: Site) -> None:
    everything = site.artefacts("implant", "decoy", "noise")
    _until(lambda: not site.missing(everything), 120)
    assert site.missing(everything) == set()
    assert {
        key: told for key, told in site.states().items() if told not in {"planted", "active"}
    } == {}
    assert site.states().keys() == ENTRIES.keys()


def test_a_probe_of_all_kinds_on_one_host_is_quick(site: Site) -> None:
    implants = site.artefacts("implant")
    site.look(implants)
    begun = time.monotonic()
    site.look(implants)
    assert time.monotonic() - begun < 2


def test_who_removes_a_part_has_removed_a_part(site: Site) -> None:
    touched, steps = [], []
    for item in site.of("implant"):
        required = [part for part in item.artefact.components if part.required]
        solid = [part for part in required if part.kind not in {"process", "mount"}]
        if len(required) > 1 and solid:
            part = solid[-1]
            touched.append(item)
            steps += [(item.artefact.host_of(part), step) for step in _removal(item, part)]
    site.evict(steps)
    site.look([item.artefact for item in touched])
    told = site.states()
    assert {
        key: told[key] for item in touched if told[key := item.artefact.entry or ""] != "partial"
    } == {}
    site.put(touched)
    assert _until(lambda: not site.missing(site.artefacts("implant")), 120)


def test_a_reference_removal_takes_all_of_it_and_nothing_else(site: Site) -> None:
    implants = site.of("implant")
    found = site.look([item.artefact for item in implants])
    site.evict([step for item in implants for step in _steps(item, found)])
    site.look([item.artefact for item in implants])
    end = time.monotonic() + HOLD.total_seconds() + 10
    while time.monotonic() < end:
        time.sleep(5)
        site.look([item.artefact for item in implants])
    assert site.missing(site.artefacts("decoy", "noise")) == set()
    told = site.states()
    wanted = {key for key in KEYS if not ENTRIES[key].report_only}
    assert {key: told[key] for key in sorted(wanted) if told[key] != "ejected"} == {}
    for container in site.containers.values():
        assert site.engine.execute(container, ("/usr/bin/true",)).output == b""


def test_who_removes_the_partners_own_too_has_removed_too_much(site: Site) -> None:
    decoys = site.of("decoy")
    found = site.look([item.artefact for item in decoys])
    site.evict([step for item in decoys for step in _steps(item, found)])
    site.look([item.artefact for item in decoys])
    told = site.states()
    where = {item.artefact.imitates: item.artefact.hosts for item in decoys}
    wanted = {
        item.artefact.entry or ""
        for item in site.of("implant")
        if set(where[item.artefact.id]) & set(item.artefact.hosts)
    }
    wanted -= {key for key in KEYS if ENTRIES[key].report_only}
    assert {key: told[key] for key in sorted(wanted) if told[key] != "over-ejected"} == {}


def _order(step: dict[str, Any]) -> int:
    return ["unit", "restore", "line", "link", "file", "package", "kill"].index(step["do"])


def _steps(
    item: Item, found: dict[tuple[str, str], ComponentSeen]
) -> list[tuple[str, dict[str, Any]]]:
    """Return the steps of the reference removal of an artefact, with the host of each."""
    steps = [
        (share.host, {"do": "unit", "unit": unit}) for share in item.shares for unit in share.units
    ]
    kept = {part.path for part in item.artefact.components if part.kind == "lost"}
    for part in item.artefact.components:
        where = item.artefact.host_of(part)
        if part.kind == "process":
            fact = found.get((item.artefact.id, part.id))
            if fact is not None and fact.pid is not None:
                whole: dict[str, Any] = {"pid": fact.pid, "start": fact.start, "program": part.path}
                steps.append((where, {"do": "kill", **whole}))
        elif part.kind != "mount" and (part.kind == "lost" or part.path not in kept):
            steps += [(where, step) for step in _removal(item, part)]
    return steps


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
    if part.path == "/var/lib/dpkg/status":
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
