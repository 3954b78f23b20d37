"""Every kind that needs no role, planted side by side on one real host, and removed again there."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import rangectl.hunter
from rangectl.engine.agent import DockerNode
from rangectl.engine.docker_engine import DockerEngine
from rangectl.implants.compose import compose, stamped
from rangectl.implants.item import Item
from rangectl.implants.lease import LEASE_PATH, lease
from rangectl.implants.probes import queries, seen
from rangectl.model.exercise import Exercise
from rangectl.model.planting import Artefact, Component
from rangectl.model.syntaxes import STOCK
from rangectl.plan.fabric import Fabric, Wired
from rangectl.plan.personal import LEASE_KEY
from rangectl.plan.probing import AppendLine, MakeFolder, Stat, Symlink, Write
from tests.engine.ranges import HOSTS, spec
from tests.implants.samples import ENTRIES, PROGRAMS

pytestmark = pytest.mark.engine

EVICT = (Path(rangectl.hunter.__file__).parent / "evict.py").read_text()
KEYS = sorted(
    key
    for key, entry in ENTRIES.items()
    if not entry.stands_on.roles and not entry.opt_in and key not in {"c2.http", "cron.user"}
)
NEVER = {"traffic"}
"""Components that nothing shows here: no sinkhole listens."""


def _exercise() -> Exercise:
    stages = []
    for key in KEYS:
        stage: dict[str, object] = {"implant": key, "on": "desk", "period": "5s"}
        if ENTRIES[key].started_by:
            stage["started_by"] = "systemd.service"
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
        }
    )


@dataclass
class Host:
    """A real host with everything planted."""

    node: DockerNode
    engine: DockerEngine
    container: str
    items: tuple[Item, ...]

    def present(self, artefacts: Sequence[Artefact]) -> dict[tuple[str, str], Any]:
        """Probe components; return what was seen of each by entry, id and component."""
        asked = [(self.container, queries(one)) for one in artefacts]
        answers = self.node.probe(asked)
        now = datetime.fromtimestamp(time.time(), UTC)
        return {
            (one.id, component.component): component
            for one, own in zip(artefacts, answers, strict=True)
            for component in seen(one, own, (), now)
        }

    def missing(self, artefacts: Sequence[Artefact]) -> set[tuple[str | None, str, str]]:
        """Return what cannot be seen of artefacts, but what nothing shows here."""
        found = self.present(artefacts)
        return {
            (one.entry, one.nature, part.id)
            for one in artefacts
            for part in one.components
            if part.kind not in NEVER
            and not ((s := found.get((one.id, part.id))) is not None and s.present)
        }

    def of(self, *natures: str) -> list[Artefact]:
        return [one.artefact for one in self.items if one.artefact.nature in natures]


@pytest.fixture(scope="module")
def host(
    docker_node: DockerNode,
    docker_engine: DockerEngine,
    docker_fabric: Fabric,
    docker_wired: Wired,
) -> Host:
    assert docker_wired.missing == ()
    (container,) = (m.container for m in docker_fabric.machines if m.spec.name == "desk")
    _until(lambda: _boots(docker_engine, container))
    for seat in ("hunter", "partner"):
        docker_engine.execute(container, ("useradd", "--create-home", seat))
    wanted = spec(HOSTS)
    made = compose(
        _exercise(), wanted, ENTRIES, PROGRAMS, b"secret", datetime.fromtimestamp(time.time(), UTC)
    )
    (stats,) = docker_node.probe([(container, [Stat(path) for path in STOCK.values()])])
    stock = {
        path: (one.stat.sha256, one.stat.size)
        for path, one in zip(STOCK.values(), stats, strict=True)
        if one.stat is not None and one.stat.sha256 is not None
    }
    items = stamped(made, {"desk": stock})
    networks = [str(segment.subnet) for segment in wanted.segments]
    key = bytes(range(32))
    terms = lease(key, networks, int(time.time()) + 900)
    edits = [
        MakeFolder("/var/spool/cron/atjobs", mode=0o770),
        Write(LEASE_KEY, key.hex().encode()),
        Write(LEASE_PATH, terms),
        *(edit for item in items for edit in item.edits),
    ]
    (results,) = docker_node.plant([(container, edits)])
    assert [one for one in results if one] == []
    units = dict.fromkeys(unit for item in items for unit in item.units)
    for command in (("daemon-reload",), ("start", "--no-block", *units)):
        result = docker_engine.execute(container, ("systemctl", *command))
        assert result.code == 0, result.output
    return Host(docker_node, docker_engine, container, items)


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


def test_everything_that_was_planted_stands(host: Host) -> None:
    everything = host.of("implant", "decoy", "noise")
    _until(lambda: not host.missing(everything))
    assert host.missing(everything) == set()


def test_a_probe_of_all_kinds_on_one_host_is_quick(host: Host) -> None:
    implants = host.of("implant")
    host.present(implants)
    begun = time.monotonic()
    host.present(implants)
    assert time.monotonic() - begun < 2


def test_a_reference_removal_takes_all_of_it_and_nothing_else(host: Host) -> None:
    implants = [item for item in host.items if item.artefact.nature == "implant"]
    found = host.present([item.artefact for item in implants])
    steps = [step for item in implants for step in _steps(item, found)]
    program = f"{EVICT}\n\nmain({json.dumps(sorted(steps, key=_order))!r})\n"
    (said,) = host.node.plant([(host.container, [Write("/run/evict.py", program.encode())])])
    assert said == (None,)
    went = host.engine.execute(host.container, ("python3", "/run/evict.py"))
    told = json.loads(went.output)
    bad = {
        (s["do"], s.get("path"), r) for s, r in zip(sorted(steps, key=_order), told, strict=True)
    }
    assert {one for one in bad if one[2] not in {"done", "not there"}} == set()
    required = {
        (item.artefact.entry, part.id)
        for item in implants
        for part in item.artefact.components
        if part.required and part.kind not in NEVER
    }
    gone = {(entry, part) for entry, _, part in host.missing([i.artefact for i in implants])}
    assert required - gone == set()
    time.sleep(7)
    gone = {(entry, part) for entry, _, part in host.missing([i.artefact for i in implants])}
    assert required - gone == set()
    assert host.missing(host.of("decoy", "noise")) == set()
    assert host.engine.execute(host.container, ("/usr/bin/true",)).output == b""


def _order(step: dict[str, Any]) -> int:
    return ["unit", "restore", "line", "link", "file", "package", "kill"].index(step["do"])


def _steps(item: Item, found: dict[tuple[str, str], Any]) -> list[dict[str, Any]]:
    """Return the steps of the reference removal of an implant."""
    steps: list[dict[str, Any]] = [{"do": "unit", "unit": unit} for unit in item.units]
    kept = {part.path for part in item.artefact.components if part.kind == "lost"}
    for part in item.artefact.components:
        if part.kind == "process":
            seen_ = found.get((item.artefact.id, part.id))
            if seen_ is not None and seen_.pid is not None:
                whole = {"pid": seen_.pid, "start": seen_.start, "program": part.path}
                steps.append({"do": "kill", **whole})
        elif part.kind != "traffic" and (part.kind == "lost" or part.path not in kept):
            steps += _removal(item, part)
    return steps


def _removal(item: Item, part: Component) -> list[dict[str, Any]]:
    if part.kind == "link":
        links = (e for e in item.edits if isinstance(e, Symlink) and e.path == part.path)
        return [{"do": "link", "path": part.path, "target": next(links).target}]
    if part.kind == "lost":
        line = (part.needle or "").encode()
        copies = (
            e.path
            for e in item.edits
            if isinstance(e, Write) and e.path != part.path and line in e.content.split(b"\n")
        )
        return [{"do": "restore", "path": part.path, "copy": next(copies)}]
    if part.path == "/var/lib/dpkg/status":
        return [{"do": "package", "package": (part.needle or "").split()[1]}]
    if part.is_whole:
        return [{"do": "file", "path": part.path, "sha256": part.sha256}]
    lines = (
        line
        for e in item.edits
        if isinstance(e, AppendLine) and e.path == part.path
        for line in e.line.split("\n")
    )
    return [{"do": "line", "path": part.path, "line": line} for line in lines if line]
