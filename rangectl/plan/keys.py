"""Everything secret in a range, derived from the one secret that its containers carry as a label.

The same secret gives the same bytes, so that a second `up` finds nothing to change. That is why a
private key is written here and not by a library: those put a random check number into each copy.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_KIND = b"ssh-ed25519"
_WIDTH = 70


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An ed25519 key pair in the forms that OpenSSH reads: a private key file, and a line."""

    private: bytes
    public: str

    @property
    def fingerprint(self) -> str:
        """The SHA256 fingerprint, as `ssh-keygen -l` shows it."""
        return fingerprint(self.public)


def derive(secret: str, purpose: str) -> bytes:
    """Return 32 bytes that only this secret gives for this purpose."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()


def fingerprint(public: str) -> str:
    """Return the SHA256 fingerprint of a public key line; ValueError when it is none."""
    fields = public.split()
    if len(fields) < 2:
        message = "not a public key line"
        raise ValueError(message)
    digest = hashlib.sha256(b64decode(fields[1], validate=True)).digest()
    return "SHA256:" + b64encode(digest).decode().rstrip("=")


@lru_cache(256)  # every host asks for those of the seats
def key_pair(secret: str, purpose: str, comment: str) -> KeyPair:
    """Return the key pair of a purpose (openssh-key-v1, not encrypted)."""
    seed = derive(secret, "ssh/" + purpose)
    point = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    blob = _string(_KIND) + _string(point)
    check = hashlib.sha256(seed).digest()[:4]
    inner = check * 2 + blob + _string(seed + point) + _string(comment.encode())
    inner += bytes(range(1, 1 + -len(inner) % 8))
    body = (b"openssh-key-v1\0" + _string(b"none") * 2 + _string(b"") + (1).to_bytes(4)) + _string(
        blob
    )
    code = b64encode(body + _string(inner)).decode()
    text = "\n".join(code[at : at + _WIDTH] for at in range(0, len(code), _WIDTH))
    private = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{text}\n-----END OPENSSH PRIVATE KEY-----\n"
    return KeyPair(private.encode(), f"ssh-ed25519 {b64encode(blob).decode()} {comment}")


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4) + data
