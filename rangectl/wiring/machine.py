"""The edges to this machine's engine, clock and protocols."""

# Heavy libraries are imported where they are first needed: a command that finds nothing to do is
# over before they would be loaded.
from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, TypeVar

from rangectl.app.edges import Edges
from rangectl.engine.agent import DockerNode
from rangectl.engine.docker_engine import DockerEngine, connect, find_image
from rangectl.engine.docker_stills import DockerStills
from rangectl.engine.docker_traces import DockerTraces
from rangectl.errors import RangeError
from rangectl.ports import Each, Errands
from rangectl.progress import Progress
from rangectl.provision import locks
from rangectl.provision.engine_cli import DockerCli, Image, without_proxies
from rangectl.provision.images import RoleImages
from rangectl.provision.rolebook import Rolebook
from rangectl.provision.shelf import EngineShelf
from rangectl.store import library

if TYPE_CHECKING:
    from rangectl.model.topology import Service
    from rangectl.plan.errands import Errand

Dial = Callable[[str, str, int, str], socket.socket]
DialAs = Callable[[str, str, int, str, int], socket.socket]
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_THREADS = 16
_stop = threading.Event()


class WallClock:
    """The clock on the wall."""

    def now(self) -> datetime:
        """Return the present moment, UTC."""
        return datetime.fromtimestamp(time.time(), UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class Several:
    """Does the same work on several things at once."""

    def __init__(self, stop: threading.Event, threads: int = _THREADS) -> None:
        """`stop` is set by an interrupt, for what waits for no signal."""
        self._stop = stop
        self._threads = threads

    def __call__(
        self, work: Callable[[_Item], _Result], items: Sequence[_Item], /
    ) -> list[_Result]:
        """Return the results in order; an interrupt waits for what has begun, and for no more."""
        with ThreadPoolExecutor(self._threads) as pool:
            futures = [pool.submit(work, item) for item in items]
            try:
                return [future.result() for future in futures]
            except KeyboardInterrupt:
                self._stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def beside(work: Callable[[], _Result], /) -> Callable[[], _Result | None]:
    """Do work in a thread of its own; what is returned says what it gave, None until then."""
    pool = ThreadPoolExecutor(1)
    future = pool.submit(work)
    pool.shutdown(wait=False)
    return lambda: future.result() if future.done() else None


class LateChecker:
    """A checker that loads its protocols' libraries when it is first asked."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial

    def check(
        self, client: str, address: str, service: Service, seconds: float | None = None
    ) -> str | None:
        """Return None when the service answers as it must, else what was wrong."""
        from rangectl.checks.sockets import SocketChecker

        return SocketChecker(self._dial).check(client, address, service, seconds)


class LateErrands:
    """Errands that load their protocols' libraries when the first are set out on."""

    def __init__(self, dial: DialAs) -> None:
        self._dial = dial
        self._made: Errands | None = None

    def set_out(self, errands: Sequence[Errand]) -> None:
        """Set out on errands and wait for none."""
        from rangectl.checks.errands import SocketErrands

        if errands:
            self._made = self._made or SocketErrands(self._dial)
            self._made.set_out(errands)

    def halt(self) -> None:
        """Break off all that are under way."""
        if self._made is not None:
            self._made.halt()

    def tally(self) -> Mapping[str, int]:
        """Return how many errands of each kind were done, failed, and were left out."""
        return {} if self._made is None else self._made.tally()


@cache
def edges() -> Edges:
    """Return the edges to this machine's engine."""
    client = connect()

    def look(tag: str) -> Image | None:
        found = find_image(client, tag)
        return None if found is None else Image(found[0], {}, found[1])

    images = RoleImages(Rolebook(*library.roles()), library.home(), stop=_stop, look=look)
    node = DockerNode(client, lambda: images.ensure("debian", (), _silent))
    return Edges(
        engine=DockerEngine(client),
        stills=DockerStills(client),
        traces=DockerTraces(client),
        node=node,
        images=images,
        shelf=EngineShelf(images.docker),
        checker=LateChecker(node.dial),
        errands=LateErrands(node.dial_as),
        crosser=node,
        onlooker=node,
        clock=WallClock(),
        each=Several(_stop),
        beside=beside,
        new_secret=lambda: secrets.token_hex(16),
        hunt=library.programs("rangectl.kit"),
        hold=partial(locks.hold, locks.folder(library.home() / "locks")),
    )


def ahead() -> None:
    """Begin to speak with the node agent while files are read and modules load; what fails is told
    when it is needed.
    """
    with suppress(RangeError):
        node = edges().node
        if isinstance(node, DockerNode):
            threading.Thread(target=node.greet, daemon=True, name="ahead").start()


def docker() -> DockerCli:
    """Return the command line of this machine's engine; EnvironmentUnfitError where none answers.

    No proxies get into what it makes.
    """
    connect().close()
    return DockerCli(without_proxies(os.environ, library.home() / "docker"))


def several(threads: int) -> Each:
    """Return what does the same work on so many things at once; one after the other, here, for 1.

    An interrupt sets `stopped`, and is raised when what had begun has ended.
    """
    return Several(_stop, threads) if threads > 1 else _one_by_one


def stopped() -> bool:
    """Say whether an interrupt asked what is under way to end."""
    return _stop.is_set()


def _one_by_one(work: Callable[[_Item], _Result], items: Sequence[_Item], /) -> list[_Result]:
    return [work(item) for item in items]


def shell(container: str, user: str) -> None:
    """Become a shell in a container, by the engine's own client."""
    words = ["docker", "exec", "-it", "-u", user, container, "/bin/bash", "-l"]
    os.execvp(words[0], words)  # noqa: S606 - no shell in between, and the words are ours


def _silent(progress: Progress) -> None:
    """Tell nobody."""
