"""Small servers on the loopback, and checks of them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from rangectl.checks.sockets import SocketChecker
from rangectl.model.topology import CheckKind, Expect, Service

Serve = Callable[[socket.socket], None]


@contextmanager
def served(serve: Serve, kind: socket.SocketKind = socket.SOCK_STREAM) -> Iterator[int]:
    """Run a server for one conversation."""
    with socket.socket(socket.AF_INET, kind) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(10)

        def run() -> None:
            with suppress(OSError, EOFError):
                if kind == socket.SOCK_DGRAM:
                    serve(listener)
                    return
                link, _ = listener.accept()
                with link:
                    serve(link)

        if kind == socket.SOCK_STREAM:
            listener.listen()
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


def dial(_: str, address: str, port: int, proto: str) -> socket.socket:
    kind = socket.SOCK_DGRAM if proto == "udp" else socket.SOCK_STREAM
    link = socket.socket(socket.AF_INET, kind)
    try:
        link.connect((address, port))
    except OSError:
        link.close()
        raise
    return link


def check(
    kind: CheckKind,
    port: int,
    expect: Expect | None = None,
    query: str | None = None,
    **more: Any,  # noqa: ANN401 - keys of a service
) -> str | None:
    service = Service(
        name="it", check=kind, port=port, query=query, expect=expect or Expect(), **more
    )
    return SocketChecker(dial).check("client", "127.0.0.1", service)


def dialogue(*lines: tuple[bytes, bytes], first: bytes = b"") -> Serve:
    """Serve lines: what begins with the first of a pair, in any case, is answered by the second."""

    def serve(link: socket.socket) -> None:
        link.sendall(first)
        with link.makefile("rb") as asked:
            for line in asked:
                tag, _, words = line.partition(b" ")
                for wanted, answer in lines:
                    said = words if b"%s" in answer else line
                    if said.upper().startswith(wanted):
                        link.sendall(answer.replace(b"%s", tag))
                        break
                else:
                    link.sendall(b"500 unknown\r\n")

    return serve


def script(*parts: bytes) -> Serve:
    """Answer whatever comes, each time with the next part, and hang up after the last."""

    def serve(link: socket.socket) -> None:
        for part in parts:
            if not link.recv(65536):
                return
            link.sendall(part)
        link.recv(65536)

    return serve
