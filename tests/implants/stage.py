"""One entry played on hosts in memory: an implant, its decoy and some noise, planted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from rangectl.app.ledger import Ledger
from rangectl.app.plant import hide, plant, renew_leases
from rangectl.app.run import Run
from rangectl.engine.memory import Box
from rangectl.implants.compose import compose, stamped
from rangectl.implants.item import Item
from rangectl.implants.probes import TRAFFIC_QUERY, ComponentSeen, parse_hits, queries, seen
from rangectl.model.events import Event, Observed, Planted
from rangectl.model.exercise import Exercise
from rangectl.model.planting import Artefact, Component, Nature
from rangectl.model.syntaxes import STOCK
from rangectl.model.topology import Topology
from rangectl.plan.personal import is_seat
from rangectl.plan.probing import Stat, Write
from rangectl.scoring.states import State, lives, state
from rangectl.store.memory import MemoryLog
from rangectl.wiring import reading
from tests.app.world import ENTRIES, EXERCISE, PROGRAMS, ROOT, TOPOLOGY, World

HOLD = EXERCISE.scoring.hold


def exercise_with(key: str, noise: int = 6, seed: int = 7) -> Exercise:
    """Return first-light with one implant, of this entry."""
    stage: dict[str, object] = {"implant": key, "on": "*"}
    if ENTRIES[key].started_by:
        stage["started_by"] = ENTRIES[key].started_by[0]
    told = EXERCISE.model_dump(mode="json")
    told["actors"] = {"karsk-2": {"sinkhole": "sink01", "chain": [stage]}}
    told |= {"noise": {"edits_per_implant": noise}, "seed": seed}
    told |= {"opt_in": [key] if ENTRIES[key].opt_in else []}
    return Exercise.model_validate(told)


@dataclass
class Scene:
    """A world in which one entry was planted two minutes ago; `run` as a director holds it."""

    key: str
    seed: int = 7
    world: World = field(default_factory=World)
    seen: list[Event] = field(default_factory=list)

    def told(self) -> tuple[Exercise, Topology]:
        """Return what is played, and where."""
        return exercise_with(self.key, seed=self.seed), TOPOLOGY

    def __post_init__(self) -> None:
        exercise, topology = self.told()
        upped = self.world.up(topology=topology)
        (live,) = upped.ranges
        now = self.world.clock.now()
        stock = tuple(STOCK.values())
        facts: dict[str, dict[str, tuple[str, int]]] = {}
        for host, one in live.hosts():
            if is_seat(live.spec, host):
                ((*answers,),) = self.world.node.probe([(one.id, [Stat(path) for path in stock])])
                facts[host.name] = {
                    path: (answer.stat.sha256 or "", answer.stat.size)
                    for path, answer in zip(stock, answers, strict=True)
                    if answer.stat is not None
                }
        made = compose(exercise, live.spec, ENTRIES, PROGRAMS, b"secret", now)
        self.items = stamped(made, facts)
        ledger = Ledger.open(MemoryLog())
        ranges = {"alder": live}
        items = {"alder": self.items}
        edges = self.world.edges
        self.run = Run("minimal", exercise, edges, lambda _: None, ledger, ranges, items)
        renew_leases(self.run)
        self.troubles = plant(self.run, "alder", self.items)
        self.seen += [Planted(at=now, team="alder", artefact=i.artefact) for i in self.items]
        self.wait(130)

    def of(self, nature: Nature) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.artefact.nature == nature)

    @property
    def implant(self) -> Item:
        (found,) = self.of("implant")
        return found

    def box(self, artefact: Artefact) -> Box:
        return self.world.box(artefact.host)

    def box_of(self, artefact: Artefact, part: Component) -> Box:
        return self.world.box(artefact.host_of(part))

    def present(self, artefact: Artefact) -> dict[str, bool]:
        """Probe an artefact as the director does; note what was seen."""
        now = self.world.clock.now()
        asked = ("sink01", *artefact.hosts[1:])
        logs = self.world.node.probe(
            [(self.world.seen(host).id, [TRAFFIC_QUERY]) for host in asked]
        )
        hits = [hit for (log,) in logs for hit in parse_hits(log.data)]
        found: list[ComponentSeen] = []
        for host in artefact.hosts:
            container = self.world.box(host).seen.id
            (answers,) = self.world.node.probe([(container, queries(artefact, host))])
            found += seen(artefact, answers, hits, now, host)
        self.seen += [
            Observed(
                at=now, team="alder", artefact=artefact.id, component=x.component, present=x.present
            )
            for x in found
        ]
        return {one.component: one.present for one in found}

    def wait(self, seconds: int) -> None:
        """Let time pass; leases are renewed as they are in a run."""
        for _ in range(0, seconds, 10):
            self.world.clock.sleep(10)
            hide(self.run)
            renew_leases(self.run)

    def state_after_the_hold(self) -> State:
        """Return what became of the implant once a hold has passed."""
        self.present(self.implant.artefact)
        self.wait(90)  # until traffic is missed
        self.present(self.implant.artefact)
        self.wait(int(HOLD.total_seconds()))
        self.present(self.implant.artefact)
        life = lives(self.seen)["alder"][self.implant.artefact.id]
        return state(life, HOLD, self.world.clock.now(), detected=False)

    def remove(self, item: Item, only: Iterable[str] | None = None) -> None:
        """Remove an artefact, or some of its components, as the reference removal says."""
        wanted = set(only) if only is not None else None
        parts = [p for p in item.artefact.components if wanted is None or p.id in wanted]
        restored = {part.path for part in parts if part.kind == "lost"}
        for part in sorted(parts, key=lambda part: part.kind == "process"):
            if part.kind == "lost" or part.path not in restored:
                self._remove(item, part)

    def _remove(self, item: Item, part: Component) -> None:
        box = self.box_of(item.artefact, part)
        match part.kind:
            case "process":
                for one in self.world.node.cron.processes(box.seen.id):
                    if part.path in (*one.command, one.exe) or part.needle in one.command:
                        self.world.node.cron.kill(box.seen.id, one.pid)
            case "traffic":
                pass
            case "mount":
                running = self.world.node.cron.processes(box.seen.id)
                box.covered -= {one.pid for one in running if part.path in (*one.command, one.exe)}
            case "lost":
                good = next(
                    edit.content
                    for edit in item.edits_on(item.artefact.host_of(part))
                    if isinstance(edit, Write)
                    and edit.path != part.path
                    and (part.needle or "").encode() in edit.content.split(b"\n")
                )
                box.files[part.path or ""] = replace(box.files[part.path or ""], content=good)
            case "line" if not part.is_whole:
                _strike(box, part)
            case _:
                box.files.pop(part.path or "", None)


class Whole(Scene):
    """A world in which a whole exercise was planted, `key` its name: also what comes later."""

    def told(self) -> tuple[Exercise, Topology]:
        path, exercise = reading.exercise(str(ROOT / "exercises" / f"{self.key}.yaml"))
        topology = reading.topology(exercise.topology, path)
        return exercise.model_copy(update={"seed": self.seed}), topology


def _strike(box: Box, part: Component) -> None:
    """Remove the lines that hold a component's needle."""
    path = part.path or ""
    old = box.files[path]
    needle = (part.needle or "").encode()
    kept = b"\n".join(line for line in old.content.split(b"\n") if needle not in line)
    box.files[path] = replace(old, content=kept)
