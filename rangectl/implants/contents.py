"""Contents of files that no template can say: archives, empty captures, bytes, long logs."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from textwrap import wrap

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


def locked_key(values: Values) -> bytes:
    """Return a private key of ssh under a passphrase: its public half can be read, its private half
    is bytes that were drawn. Nothing opens it, as nothing is in it.
    """
    choose = values.own("locked")
    fields = 8 + 51 + 68 + 4 + len(values.get("comment"))
    sealed = choose.bytes(fields + -fields % 16)
    rounds = (16).to_bytes(4)
    lock = _string(b"aes256-ctr") + _string(b"bcrypt") + _string(_string(choose.bytes(16)) + rounds)
    public = _string(b64decode(values.get("publickey")))
    body = b"openssh-key-v1\0" + lock + (1).to_bytes(4) + public + _string(sealed)
    lines = "\n".join(wrap(b64encode(body).decode(), 70))
    about = "OPENSSH PRIVATE KEY-----"
    return f"-----BEGIN {about}\n{lines}\n-----END {about}\n".encode()


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4) + data


MAKERS: dict[str, Callable[[Values], bytes]] = {
    "archive": archive,
    "capture": capture,
    "chunk": chunk,
    "journal": journal,
    "locked-key": locked_key,
}
