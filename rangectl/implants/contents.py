"""Contents of files that no template can say: archives, empty captures, bytes, long logs."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime

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


def journal(values: Values) -> bytes:
    """Return a log of numbered lines; of a `loud` one, a few hours are missing."""
    choose, name = values.own("journal"), values.name()
    begin = values.site.now.timestamp() - (6 + choose.below(20)) * 86_400
    cut = 60 + choose.below(80)
    missing = range(cut, cut + 12 + choose.below(30)) if values.site.loud else range(0)
    lines = []
    for number in range(240):
        moment = begin + number * 600 + choose.below(500)
        what = f"{choose.pick(words.NOUNS)} {choose.pick(words.VERBS)} {choose.below(900)}"
        if number not in missing:
            stamp = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            lines.append(f"{stamp} {name.text} seq={number + 1_000} {what}\n")
    return "".join(lines).encode()


MAKERS: dict[str, Callable[[Values], bytes]] = {
    "archive": archive,
    "capture": capture,
    "chunk": chunk,
    "journal": journal,
}
