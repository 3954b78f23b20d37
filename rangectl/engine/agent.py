"""The node agent of a Docker Engine, spoken to over an exec stream."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as LateError
from contextlib import suppress
from typing import Any, TypeVar

import docker
from docker.errors import DockerException

from rangectl.engine import agent_values
from rangectl.engine.agent_container import NAME, AgentContainer
from rangectl.engine.agent_link import SLACK, Link, LostError, RefusedError
from rangectl.errors import EnvironmentUnfitError, RangeError
from rangectl.plan.fabric import Attempt, Difference, Fabric, Structure, Wired
from rangectl.plan.matrix import Crossed, Try
from rangectl.plan.probing import Answer, Edit, Query
from rangectl.plan.spec import RangeId

_PATIENCE = 120.0
_DIAL = 5.0
T = TypeVar("T")


class DockerNode:
    """A `Node`; its container is made when it is first needed, and made again when it is gone."""

    def __init__(
        self,
        client: docker.DockerClient,
        base: Callable[[], str],
        *,
        name: str = NAME,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """`base` gives the id of an image with python3; `labels` are put beside the agent's own."""
        self._container = AgentContainer(client, base, name, labels or {})
        self._lock = threading.Lock()
        self._releasing = threading.Lock()
        self._link: Link | None = None

    def wire(self, fabric: Fabric, timeout: float = 15.0) -> Wired:
        """Bring the fabric to what is wanted and open the gates; idempotent."""
        packs = sorted({one.pack.digest for one in fabric.machines if one.pack is not None})
        lacking = self._ask("lacking", digests=packs) if packs else []
        message = agent_values.fabric_message(fabric, lacking)
        return agent_values.read(Wired, self._ask("wire", fabric=message, timeout=timeout))

    def differences(self, fabric: Fabric) -> tuple[Difference, ...] | None:
        """Return what wiring would change; None where no agent of this version runs."""
        if not self._container.serves():
            return None
        message = agent_values.fabric_message(fabric)
        return tuple(Difference(*one) for one in self._ask("differences", fabric=message))

    def unwire(self, range_id: RangeId) -> None:
        """Forget the wiring of a range."""
        self._ask("unwire", range=agent_values.range_message(range_id))

    def structure(self, fabric: Fabric) -> Structure:
        """Read the fabric from both ends of every cable."""
        message = agent_values.fabric_message(fabric)
        return agent_values.read(Structure, self._ask("structure", fabric=message))

    def attempts(
        self, fabric: Fabric, other: Fabric | None, outside: str, name: str
    ) -> tuple[Attempt, ...]:
        """Try every way out of a range, and each way's control."""
        found = self._ask(
            "attempts",
            fabric=agent_values.fabric_message(fabric),
            other=None if other is None else agent_values.fabric_message(other),
            outside=outside,
            name=name,
        )
        return tuple(agent_values.read(Attempt, one) for one in found)

    def cross(self, tries: Sequence[Try]) -> tuple[Crossed, ...]:
        """Try to get from hosts to hosts, and see what arrives."""
        found = self._ask("cross", tries=[agent_values.fields(one) for one in tries])
        return tuple(agent_values.read(Crossed, one) for one in found)

    def plant(
        self, edits: Sequence[tuple[str, Sequence[Edit]]]
    ) -> tuple[tuple[str | None, ...], ...]:
        """Make edits in hosts; not asked twice, for a line must not be added twice."""
        hosts = [
            {"container": container, "edits": [agent_values.tagged(edit) for edit in wanted]}
            for container, wanted in edits
        ]
        answers = self._ask("plant", again=False, hosts=hosts)
        return tuple(tuple(errors) for errors in answers)

    def probe(
        self, queries: Sequence[tuple[str, Sequence[Query]]]
    ) -> tuple[tuple[Answer, ...], ...]:
        """Answer queries about hosts; each is sent once, however many hosts it is about."""
        places: dict[Query, int] = {}
        hosts = [
            {"container": one, "asked": [places.setdefault(x, len(places)) for x in wanted]}
            for one, wanted in queries
        ]
        asked = [agent_values.tagged(query) for query in places]
        found = self._ask("probe", queries=asked, hosts=hosts)
        return tuple(tuple(agent_values.read(Answer, one) for one in host) for host in found)

    def dial(
        self,
        client_container: str,
        address: str,
        port: int,
        proto: str = "tcp",
        timeout: float = _DIAL,
    ) -> socket.socket:
        """Return a socket connected from within a container's network; OSError when it cannot be,
        RangeError when the agent does not say.

        A UDP connection keeps the boundaries of datagrams: one `send`, one datagram.
        """
        wanted = {"container": client_container, "address": address, "port": port, "proto": proto}
        try:
            return self._twice(lambda link: link.dial(timeout, **wanted))
        except RefusedError as error:
            raise ConnectionError(str(error)) from error
        except LateError as error:
            raise _late(timeout + SLACK, "dial") from error

    def dial_as(
        self, container: str, address: str, port: int, proto: str, owner: int
    ) -> socket.socket:
        """Return a connection as `dial` does, whose socket belongs to a user of the host."""
        wanted = {"container": container, "address": address, "port": port, "proto": proto}
        try:
            return self._twice(lambda link: link.dial(_DIAL, owner=owner, **wanted))
        except RefusedError as error:
            raise ConnectionError(str(error)) from error

    def release(self) -> None:
        """Forget ranges that are gone, and end the agent with the last; none is made for that."""
        with self._releasing:
            try:
                self._release()
            except RangeError:
                if self._container.exists():
                    raise
                self._container.sweep()  # another command ended it while it was asked

    def _release(self) -> None:
        if not self._container.exists():
            self._container.sweep()
            return
        if self._container.is_taken():
            return  # whoever speaks with it releases it, with what is gone by then
        kept = [RangeId(*name.split("/", 1)) for name in self._ask("ranges")]
        gone = [one for one in kept if not self._container.holds(str(one))]
        for one in gone:
            self.unwire(one)
        if gone == kept:
            self.close()
            self._container.remove()
            self._container.sweep()

    def greet(self) -> None:
        """Begin to speak with an agent of this version, if one runs; none is made for that. What
        fails is told who asks it something.
        """
        with suppress(DockerException, RangeError):
            if self._container.serves():
                self._connected()

    def close(self) -> None:
        """Hang up; the agent itself stays."""
        with self._lock:
            link, self._link = self._link, None
        if link is not None:
            link.close()

    def _connected(self) -> Link:
        with self._lock:
            if self._link is None or self._link.lost:
                self._link = Link(self._container.channel())
            return self._link

    def _twice(self, work: Callable[[Link], T], *, again: bool = True) -> T:
        try:
            return work(self._connected())
        except LostError as error:
            if not again:
                message = "the node agent went away while it was at work"
                raise RangeError(message, hint="try again") from error
        try:
            return work(self._connected())
        except LostError as error:
            message = "the node agent went away twice while it was asked"
            hint = "see its log: docker logs " + NAME
            raise EnvironmentUnfitError(message, hint=hint) from error

    def _ask(self, verb: str, *, again: bool = True, **arguments: object) -> Any:  # noqa: ANN401 - JSON
        def work(link: Link) -> Any:  # noqa: ANN401 - JSON
            future: Future[Any] = link.start(verb, **arguments)
            return future.result(_PATIENCE)

        try:
            return self._twice(work, again=again)
        except RefusedError as error:
            msg = f"node: {verb}: {error}"
            raise RangeError(msg) from error
        except LateError as error:
            raise _late(_PATIENCE, verb) from error


def _late(seconds: float, verb: str) -> EnvironmentUnfitError:
    message = f"node: {verb}: no answer within {seconds:g} s"
    return EnvironmentUnfitError(message, hint="is the machine overloaded?")
