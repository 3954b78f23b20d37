"""Standard input and output of an engine exec, joined to the agent's socket."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time


def main(path: str) -> None:
    """Copy both ways until both ends are done."""
    link = socket.socket(socket.AF_UNIX)
    _connect(link, path)
    threading.Thread(target=_outward, args=(link,), daemon=True).start()
    while data := link.recv(1 << 18):
        view = memoryview(data)
        while view:
            view = view[os.write(1, view) :]
    os._exit(0)


def _connect(link: socket.socket, path: str) -> None:
    end = time.monotonic() + 10
    while True:
        try:
            link.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):
            # The agent has just started (again): it listens in a moment.
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


def _outward(link: socket.socket) -> None:
    while data := os.read(0, 1 << 18):
        link.sendall(data)
    link.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    main(sys.argv[1])
