"""Asking about a folder that stands for a container's root, and watching who opens what there."""

from __future__ import annotations

import ctypes
import json
import os
import struct
from pathlib import Path
from typing import Any

from rangectl.node import probe
from rangectl.node.inits import Init
from rangectl.node.layers import Layers


def ask(root: int, kind: str, **words: object) -> dict[str, Any]:
    found = probe.answer(Layers(root, root), Init(1, 0), {"kind": kind, **words}, {})
    decoded: dict[str, Any] = json.loads(json.dumps(found))
    return decoded


class Watcher:
    """Whoever watches the names in a folder being opened and read."""

    def __init__(self, folder: Path) -> None:
        libc = ctypes.CDLL(None)
        self._opened = 0
        self._held = libc.inotify_init1(os.O_NONBLOCK)
        assert self._held >= 0, "all of the machine's inotify instances are in use"
        libc.inotify_add_watch(self._held, os.fsencode(folder), 0xFFF)

    def __del__(self) -> None:
        if self._held >= 0:
            os.close(self._held)

    def events(self) -> list[str]:
        """Return the names met since the last time; a folder's own opening has none."""
        try:
            data = os.read(self._held, 65536)
        except BlockingIOError:
            return []
        names, at = [], 0
        while at < len(data):
            self._opened += struct.unpack_from("iIII", data, at)[1] == 0x20  # and no folder
            size = struct.unpack_from("iIII", data, at)[3]
            names.append(data[at + 16 : at + 16 + size].rstrip(b"\0").decode())
            at += 16 + size
        return [name for name in names if name]

    def opened(self) -> int:
        """Return how often a file in the folder was opened so far."""
        self.events()
        return self._opened
