"""The agent: JSON lines over a socket, many requests of many clients in flight."""

from __future__ import annotations

import gc
import json
import logging
import queue
import resource
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from rangectl.node.dial import Streams
from rangectl.node.inits import GoneError
from rangectl.node.values import Json, NodeError
from rangectl.node.verbs import Verbs

_IN_FLIGHT = 4096
_AT_ONCE = 32
_UNREAD = 32 << 20
_LINE = 256 << 20
_GARBAGE = 50_000
_log = logging.getLogger(__name__)


class Outbox:
    """Lines on their way to one client; it never makes anyone else wait."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._size = 0
        self._gone = False
        self._changed = threading.Condition()
        threading.Thread(target=self._run, daemon=True).start()

    def put(self, message: Json) -> None:
        """Send a message, later."""
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        with self._changed:
            self._size += len(line)
        self._lines.put(line)

    def wait(self) -> None:
        """Wait until the client has read most of what was sent, or is gone: only its own reader and
        its own requests wait here.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._gone or self._size < _UNREAD)

    def close(self) -> None:
        """Send what is left, then hang up."""
        self._lines.put(None)

    def _run(self) -> None:
        with suppress(OSError):
            while (line := self._lines.get()) is not None:
                self._link.sendall(line)
                self._sent(len(line))
        with suppress(OSError):
            self._link.shutdown(socket.SHUT_RDWR)
        with self._changed:
            self._gone = True
            self._changed.notify_all()

    def _sent(self, size: int) -> None:
        with self._changed:
            self._size -= size
            self._changed.notify_all()


class Client:
    """One connection; its requests have threads of their own, so that it keeps only itself waiting
    with many requests, or by not reading the answers.
    """

    def __init__(self, link: socket.socket, verbs: Verbs) -> None:
        self._link = link
        self._verbs = verbs
        self._pool = ThreadPoolExecutor(_AT_ONCE)
        self._outbox = Outbox(link)
        self._streams = Streams(self._outbox.put)
        self._slots = threading.Semaphore(_IN_FLIGHT)

    def serve(self) -> None:
        """Take requests until the client hangs up."""
        with suppress(OSError, ValueError, KeyError), self._link.makefile("rb") as lines:
            while line := lines.readline(_LINE):
                self._take(json.loads(line))
                self._outbox.wait()
        self._streams.close()
        # Answers that are still being made have all come when every slot is free again.
        for _ in range(_IN_FLIGHT):
            self._slots.acquire()
        self._outbox.close()
        self._pool.shutdown(wait=False)

    def _take(self, message: Json) -> None:
        if "stream" in message:
            self._streams.take(message)
            return
        self._slots.acquire()
        work = self._dial if message["verb"] == "dial" else self._verbs.named(message["verb"])
        self._pool.submit(self._answer, message, work)

    def _dial(self, request: Json) -> Json:
        init = self._verbs.init_of(request["container"])
        return self._streams.dial(init, request)

    def _answer(self, message: Json, work: Callable[[Json], object]) -> None:
        number = message["id"]
        self._outbox.wait()
        try:
            self._outbox.put({"id": number, "ok": work(message)})
        except GoneError as error:
            self._outbox.put({"id": number, "error": f"container {str(error)[:12]} does not run"})
        except (NodeError, OSError) as error:
            _log.debug("refused", exc_info=True)
            self._outbox.put({"id": number, "error": str(error)})
        except Exception as error:  # noqa: BLE001 - the client is told
            _log.exception("a bug")
            self._outbox.put({"id": number, "error": f"agent: {error!r}", "bug": True})
        finally:
            self._slots.release()


def main(path: str, state: str) -> None:
    """Serve for ever."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    # A walk down a host's deepest folders holds every one of them open, on many hosts at once.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    verbs = Verbs(Path(state))
    with suppress(FileNotFoundError):
        Path(path).unlink()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    Path(path).chmod(0o600)
    listener.listen(64)
    threading.Thread(target=verbs.keeper.watch, daemon=True).start()
    # What a look makes goes with it, of itself: searching it for circles costs a third of the look.
    gc.freeze()
    gc.set_threshold(_GARBAGE)
    while True:
        link, _ = listener.accept()
        client = Client(link, verbs)
        threading.Thread(target=client.serve, daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
