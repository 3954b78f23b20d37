"""What people leave on a host, packed into one piece for the node agent."""

from __future__ import annotations

import hashlib
import json
import zlib

from rangectl.people.belongings import Belongings
from rangectl.plan.spec import Pack

_LEVEL = 6


def pack(of: Belongings) -> Pack:
    """Return the pack of what a host's people have there."""
    text = json.dumps(
        {
            "at": of.at,
            "accounts": [[one.passwd, one.shadow] for one in of.accounts],
            "groups": [[one.name, one.number, one.members] for one in of.groups],
            "homes": [[one.path, one.owner, one.mtime] for one in of.homes],
            "files": [
                [
                    one.path,
                    one.mode,
                    one.owner,
                    one.mtime,
                    None if one.content is None else one.content.decode("latin-1"),
                ]
                for one in of.files
            ],
        },
        separators=(",", ":"),
    ).encode("ascii")
    digest = hashlib.sha256(text).hexdigest()
    return Pack(digest, zlib.compress(text, _LEVEL))


def unpack(packed: Pack) -> list[tuple[str, int, str, float, bytes | None]]:
    """Return path, mode, owner, mtime and content of every file of a pack; None is a folder's."""
    read = json.loads(zlib.decompress(packed.data))
    return [
        (path, mode, owner, mtime, None if text is None else text.encode("latin-1"))
        for path, mode, owner, mtime, text in read["files"]
    ]
