"""What the agent can be asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from ipaddress import IPv4Address
from pathlib import Path

from rangectl.node import attempts, covering, layers, plant, probe, processes, structure, values
from rangectl.node.crossing import Crossings
from rangectl.node.inits import GoneError, Init, Inits
from rangectl.node.keep import Keeper
from rangectl.node.turns import Turns
from rangectl.node.values import Json, NodeError

_NO_SWITCH = "the switch of {} does not run"


class Verbs:
    """The verbs, by name."""

    def __init__(self, state: Path) -> None:
        self._inits = Inits()
        self.keeper = Keeper(state, self._inits)
        self._hosts = ThreadPoolExecutor(24)
        self._lookers = Turns()
        self._table: dict[str, Callable[[Json], object]] = {
            "ping": lambda _: "pong",
            "lacking": lambda request: self.keeper.lacking(request["digests"]),
            "wire": self._wire,
            "differences": lambda request: self.keeper.differences(request["fabric"]),
            "unwire": self._unwire,
            "structure": self._structure,
            "attempts": self._attempts,
            "cross": self._cross,
            "ranges": lambda _: self.keeper.ranges(),
            "plant": self._plant,
            "probe": self._probe,
        }

    def named(self, verb: str) -> Callable[[Json], object]:
        """Return the verb of that name, or one that refuses."""
        return self._table.get(verb, _refuse)

    def init_of(self, container: str) -> Init:
        """Return the first process of a running container."""
        return self._inits.find(container)

    def _wire(self, request: Json) -> Json:
        return self.keeper.wire(request["fabric"], request["timeout"])

    def _unwire(self, request: Json) -> None:
        self.keeper.forget(f"{request['range']['name']}/{request['range']['team']}")

    def _found(self, fabric: values.Fabric) -> dict[str, Init]:
        found: dict[str, Init] = {}
        for container in (fabric.switch, *(machine.container for machine in fabric.machines)):
            with suppress(GoneError):
                found[container] = self._inits.find(container)
        return found

    def _structure(self, request: Json) -> Json:
        fabric = values.fabric(request["fabric"])
        with self.keeper.range(fabric.range):
            return structure.read(fabric, self._found(fabric))

    def _attempts(self, request: Json) -> list[Json]:
        mine = values.fabric(request["fabric"])
        other = values.fabric(request["other"]) if request["other"] else None
        held = {mine.range} | ({other.range} if other else set())
        with ExitStack() as stack:
            for name in sorted(held):
                stack.enter_context(self.keeper.range(name))
            inits = self._found(mine) | (self._found(other) if other else {})
            if mine.switch not in inits:
                raise NodeError(_NO_SWITCH.format(mine.range))
            outside = IPv4Address(request["outside"])
            return attempts.run(mine, other, outside, request["name"], inits)

    def _cross(self, request: Json) -> list[Json]:
        inits: dict[str, Init] = {}
        for one in request["tries"]:
            for container in (one["source"], one["target"]):
                with suppress(GoneError):
                    inits[container] = self.init_of(container)
        return Crossings(request["tries"], inits).run()

    def _plant(self, request: Json) -> list[list[str | None]]:
        hosts = request["hosts"]
        hides = any(edit["kind"] == "Hide" for host in hosts for edit in host["edits"])
        groups = processes.by_namespace() if hides else {}
        return list(self._hosts.map(lambda host: self._plant_one(host, groups), hosts))

    def _plant_one(self, host: Json, groups: processes.Groups) -> list[str | None]:
        try:
            init = self.init_of(host["container"])
            with init.root() as root:
                return [_failure(init, root, edit, groups) for edit in host["edits"]]
        except GoneError:
            return ["the host does not run"] * len(host["edits"])
        except OSError as error:
            return [str(error)] * len(host["edits"])

    def _probe(self, request: Json) -> list[list[Json]]:
        queries, hosts = request["queries"], request["hosts"]
        wants = any(query["kind"] == "Processes" for query in queries)
        groups = processes.by_namespace() if wants else {}
        asked: dict[str, dict[int, None]] = {}
        for host in hosts:
            asked.setdefault(host["container"], {}).update(dict.fromkeys(host["asked"]))
        plans: dict[tuple[int, ...], list[probe.Group]] = {}

        def look(one: tuple[str, dict[int, None]]) -> dict[int, Json]:
            container, places = one[0], tuple(one[1])
            if (plan := plans.get(places)) is None:
                plan = plans[places] = probe.plan({place: queries[place] for place in places})
            return self._probe_one(container, plan, groups)

        found = dict(zip(asked, self._lookers.map(look, asked.items()), strict=True))
        return [[found[host["container"]][place] for place in host["asked"]] for host in hosts]

    def _probe_one(
        self, container: str, plan: Sequence[probe.Group], groups: processes.Groups
    ) -> dict[int, Json]:
        try:
            init = self.init_of(container)
            with init.root() as root, layers.of(init, root) as where:
                return probe.answers(where, init, plan, groups)
        except GoneError:
            return probe.failed(plan, "the host does not run")
        except OSError as error:
            return probe.failed(plan, str(error))


def _refuse(request: Json) -> None:
    msg = f"no such verb: {request['verb']}"
    raise NodeError(msg)


def _failure(init: Init, root: int, edit: Json, groups: processes.Groups) -> str | None:
    try:
        if edit["kind"] == "Hide":
            covering.cover(init, edit, groups)
        else:
            plant.edit(root, edit)
    except Exception as error:  # noqa: BLE001 - whatever a host shows, the others are served
        return _said(error)
    return None


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, OSError | NodeError) else repr(error)[:200]
