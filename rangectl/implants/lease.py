"""The lease without which no poller of a range speaks: where to, until when, and signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence

LEASE_PATH = "/var/lib/siteops/lease.json"


def lease(key: bytes, networks: Sequence[str], not_after: int) -> bytes:
    """Return the lease file that lets pollers speak to `networks` until `not_after` (epoch)."""
    terms = {"networks": list(networks), "not_after": not_after}
    text = json.dumps(terms, sort_keys=True, separators=(",", ":"))
    mac = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return json.dumps(terms | {"mac": mac}, sort_keys=True).encode() + b"\n"
