"""Contents of files that are no text: archives, captures without a packet, plain bytes."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
from collections.abc import Callable

from rangectl.implants import words
from rangectl.implants.site import Values


def archive(values: Values) -> bytes:
    """Return a tar.gz of a few made-up documents."""
    choose = values.own("archive")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for _ in range(3 + choose.below(4)):
            noun, verb = choose.pick(words.NOUNS), choose.pick(words.VERBS)
            rows = (f"{noun};{verb};{choose.below(900)};{choose.token(16)}\n" for _ in range(40))
            text = "".join(rows).encode()
            info = tarfile.TarInfo(f"{noun}/{verb}-{choose.token(6)}.csv")
            info.size, info.mtime = len(text), int(values.mtime(f"archive {info.name}"))
            tar.addfile(info, io.BytesIO(text))
    return gzip.compress(packed.getvalue(), mtime=int(values.mtime("archive")))


def capture(values: Values) -> bytes:
    """Return a capture file that holds no packet; its snap length tells it from others."""
    length = 65_536 + values.own("capture").below(190_000)
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, length, 1)


def chunk(values: Values) -> bytes:
    """Return bytes without meaning, as many as one transfer takes."""
    choose = values.own("chunk")
    return choose.bytes(8_192 + choose.below(8_192))


MAKERS: dict[str, Callable[[Values], bytes]] = {
    "archive": archive,
    "capture": capture,
    "chunk": chunk,
}
