"""Links that gateways of a partner keep warm with each other: settings and key of each end."""

from __future__ import annotations

from collections.abc import Iterator

from rangectl.plan.keys import derive
from rangectl.plan.spec import File, HostSpec

_PORT = 1195
_WIDTH, _PIECES = 32, 8
_HEAD, _END = "-----BEGIN OpenVPN Static key V1-----", "-----END OpenVPN Static key V1-----"


def link(host: HostSpec, peer: HostSpec, secret: str) -> Iterator[File]:
    """Yield what one end of a link needs; the other end is given the same key.

    OpenVPN's own unit starts what lies in its folder. Both ends ask whether the other is there, and
    answer; nothing passes through (`dev null`).
    """
    text = (
        f"# To {peer.name}, for the day the line home fails: kept warm, no tunnel yet.\n"
        f"remote {peer.nics[0].address.ip} {_PORT}\nport {_PORT}\nproto udp4\ndev null\n"
        "secret keys/link.key\ncipher AES-256-CBC\nauth SHA256\n"
        "ping 20\nping-restart 120\npersist-key\nverb 1\n"
    )
    yield File("/etc/openvpn/link.conf", text.encode(), mode=0o644)
    yield File("/etc/openvpn/keys/link.key", _key(secret, host.name, peer.name), mode=0o600)


def _key(secret: str, *ends: str) -> bytes:
    """Return the key of a link, as OpenVPN reads it; the order of its ends is nothing to it."""
    purpose = "/".join(["link", *sorted(ends)])
    drawn = b"".join(derive(secret, f"{purpose}/{number}") for number in range(_PIECES)).hex()
    lines = [drawn[at : at + _WIDTH] for at in range(0, len(drawn), _WIDTH)]
    return "\n".join([_HEAD, *lines, _END, ""]).encode()
