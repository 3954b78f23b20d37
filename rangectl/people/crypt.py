"""Password hashes as Debian's tools write them: SHA-512 crypt, and salted SHA for directories."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import lru_cache

_LETTERS = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ROUNDS = 1000


@lru_cache(maxsize=1024)
def shadow_hash(password: str, salt: str) -> str:
    """Return the SHA-512 crypt of a password, with as few rounds as the format allows."""
    key, seed = password.encode(), salt.encode()[:16]
    other = hashlib.sha512(key + seed + key).digest()
    size = len(key)
    start = hashlib.sha512(key + seed + _repeated(other, size))
    count = size
    while count:
        start.update(other if count & 1 else key)
        count >>= 1
    digest = start.digest()
    long_key = _repeated(hashlib.sha512(key * size).digest(), size)
    long_seed = _repeated(hashlib.sha512(seed * (16 + digest[0])).digest(), len(seed))
    for turn in range(_ROUNDS):
        parts = [long_key if turn & 1 else digest]
        parts += [long_seed] if turn % 3 else []
        parts += [long_key] if turn % 7 else []
        parts.append(digest if turn & 1 else long_key)
        digest = hashlib.sha512(b"".join(parts)).digest()
    return f"$6$rounds={_ROUNDS}${salt[:16]}${_encoded(digest)}"


def directory_hash(password: str, salt: str) -> str:
    """Return a password as a directory keeps it."""
    seed = salt.encode()[:8]
    digest = hashlib.sha1(password.encode() + seed).digest()  # noqa: S324 - what {SSHA} means
    return "{SSHA}" + b64encode(digest + seed).decode()


def _repeated(block: bytes, size: int) -> bytes:
    return (block * (size // len(block) + 1))[:size]


def _encoded(digest: bytes) -> str:
    letters = []
    for index in range(21):
        a, b, c = index, index + 21, index + 42
        for _ in range(index % 3):
            a, b, c = b, c, a
        letters.append(_four(digest[a] << 16 | digest[b] << 8 | digest[c], 4))
    return "".join(letters) + _four(digest[63], 2)


def _four(value: int, count: int) -> str:
    return "".join(_LETTERS[value >> 6 * place & 63] for place in range(count))
