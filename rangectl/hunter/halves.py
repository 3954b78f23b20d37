"""Leads about what stands on two hosts, each half by itself; and about what a host's tools miss."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .leads import PROGRAM, STARTER, Lead, line_piece
from .reading import addresses, fingerprint, paths
from .signs import Row, Traces, file_of, remove

_PRIVATE = re.compile(
    r"-----BEGIN OPENSSH PRIVATE KEY-----\s([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----"
)
_MAGIC = b"openssh-key-v1\0"
_PAGES = re.compile(r"/(var/lib/dokuwiki/data/pages|srv/www|var/www)/.*\.txt")
_ENCODED = re.compile(r"\s*[A-Za-z0-9+/]{60,}={0,2}\s*")
RELAY, DEAD_DROP, HOP = "T1090.001", "T1102.001", "T1021.004"


def halves(traces: Traces, found: Sequence[Lead]) -> tuple[Lead, ...]:
    """Return the leads of a host's traces with those of such halves, the former told more precisely
    where they are about one.
    """
    passes_on = frozenset(sockets(traces))
    sharper = (
        replace(one, technique=RELAY, note="starts what calls outside whenever somebody connects")
        if one.name in passes_on
        else one
        for one in found
    )
    return (*sharper, *private_keys(traces), *drops(traces), *covered(traces))


def sockets(traces: Traces) -> Iterator[str]:
    """Yield the names of leads about sockets which start programs that name an address outside."""
    files = traces.files
    for path in files:
        mould = files.get(f"{path.removesuffix('.socket')}@.service")
        if not path.endswith(".socket") or mould is None:
            continue
        texts = [files[one]["text"] or "" for one in paths(mould["text"] or "") if one in files]
        named = [address for text in texts for address in addresses(text)]
        if any(traces.register.outside(one) for one in named):
            yield from (f"starter {one}" for one in (path, mould["path"]))


def private_keys(traces: Traces) -> Iterator[Lead]:
    """Yield private keys whose other half is in no register, wherever it lets somebody in."""
    for row in traces.files.values():
        mark = "" if row["owned"] else public_half(row["text"] or "")
        if not mark or traces.register.knows_key(mark) or traces.is_explained(row):
            continue
        yield Lead(
            host=traces.host,
            name=f"private key {row['path']}",
            technique=HOP,
            evidence=(*logins_with(traces, row), file_of(row)),
            removal=(remove(row, PROGRAM),),
            fingerprint=mark,
            note="a key to other hosts that is in no register",
        )


def logins_with(traces: Traces, row: Row) -> tuple[dict[str, str], ...]:
    """Return the lines of the log of logins that tell of a key's use."""
    lines = [line for line in traces.told["auth"] if f"{row['path']} " in line]
    return tuple(line_piece("/var/log/auth.log", line) for line in lines[:2])


def public_half(text: str) -> str:
    """Return the fingerprint of a private key's public half, which no passphrase hides; nothing if
    it is no such key.
    """
    match = _PRIVATE.search(text)
    try:
        data = base64.b64decode("".join(match[1].split()), validate=True) if match else b""
    except (binascii.Error, ValueError):
        return ""
    if not data.startswith(_MAGIC):
        return ""
    at = len(_MAGIC)
    for _ in range(3):  # cipher, how its key is derived, and from what
        at += 4 + int.from_bytes(data[at : at + 4])
    at += 4  # how many keys
    size = int.from_bytes(data[at : at + 4])
    blob = data[at + 4 : at + 4 + size]
    return fingerprint(base64.b64encode(blob).decode()) if blob and len(blob) == size else ""


def covered(traces: Traces) -> Iterator[Lead]:
    """Yield processes that something is mounted over, with the unit that keeps them."""
    for one in traces.told.get("mounts", ()):
        unit = traces.files.get(f"/etc/systemd/system/{one['unit']}")
        if unit is not None and (unit["owned"] or traces.is_explained(unit)):
            continue
        yield Lead(
            host=traces.host,
            name=f"mount over {one['unit'] or one['pid']}",
            technique="T1564.013",
            evidence=(
                line_piece("/proc/self/mountinfo", one["line"]),
                *([file_of(unit)] if unit is not None else []),
            ),
            removal=(
                *([{"do": "unit", "order": STARTER, "unit": one["unit"]}] if one["unit"] else []),
                *([remove(unit, STARTER)] if unit is not None else []),
            ),
            note="a process that the tools of its host pass over",
        )


def drops(traces: Traces) -> Iterator[Lead]:
    """Yield lines of pages on which something is encoded that nobody ordered."""
    for path, row in traces.files.items():
        if not _PAGES.fullmatch(path) or traces.is_explained(row):
            continue
        for line in (row["text"] or "").splitlines():
            if _ENCODED.fullmatch(line) and not traces.is_explained(row, line):
                yield Lead(
                    host=traces.host,
                    name=f"line {path} {line}",
                    technique=DEAD_DROP,
                    evidence=(line_piece(path, line), file_of(row)),
                    removal=({"do": "line", "order": STARTER, "path": path, "line": line},),
                    note="a page that holds something encoded",
                )
