"""What people leave on a host, packed into one piece for the node agent."""

from __future__ import annotations

import json
import zlib

from rangectl.people.belongings import Belongings
from rangectl.plan.spec import Pack

_LEVEL = 6


def packed(of: Belongings) -> bytes:
    """Return what a host's people have there, in one piece."""
    text = json.dumps(
        {
            "at": of.at,
            "accounts": [[one.passwd, one.shadow] for one in of.accounts],
            "groups": [[one.name, one.number, one.members] for one in of.groups],
            "homes": [[one.path, one.owner, _split(one.path, one.mtime)] for one in of.homes],
            "files": [
                [
                    one.path,
                    one.mode,
                    one.owner,
                    _split(one.path, one.mtime),
                    None if one.content is None else one.content.decode("latin-1"),
                ]
                for one in of.files
            ],
        },
        separators=(",", ":"),
    ).encode("ascii")
    return zlib.compress(text, _LEVEL)


def _split(path: str, second: float) -> float:
    """Return a time within that second: no file is written as a clock strikes."""
    return int(second) + zlib.crc32(path.encode()) / 2**32


def unpack(pack: Pack) -> list[tuple[str, int, str, float, bytes | None]]:
    """Return path, mode, owner, mtime and content of every file of a pack; None is a folder's."""
    read = json.loads(zlib.decompress(pack.make()))
    return [
        (path, mode, owner, mtime, None if text is None else text.encode("latin-1"))
        for path, mode, owner, mtime, text in read["files"]
    ]
