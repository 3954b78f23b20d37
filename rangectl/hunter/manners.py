"""How a program speaks, read from its text: which technique that is."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PORT = re.compile(r"^PORT = (\d+)$", re.MULTILINE)
MANNERS = (
    (r"IPPROTO_ICMP|AF_PACKET", "T1095"),
    (r"SOCK_DGRAM", "T1071.004"),
    (r"for \w+ in \((\d+, ){5,}", "T1046"),
    (r"server_hostname=(?!HOST\b)", "T1090.004"),
    (r"\bimport ssl\b", "T1573.002"),
    (r"\bPOST\b(.|\n)*Content-Length: \d{4,}", "T1029"),
    (r"[?&](session|token|id)=[A-Za-z0-9+/_-]{24,}\"", "T1132.001"),
)
"""Forms of a program's text with their techniques, the most telling first."""
HTTP = "T1071.001"
_USUAL = {80, 8080, 8000, 443, 8443}


def technique(texts: Iterable[str | None]) -> str:
    """Return the technique by which programs of these texts speak; plain HTTP if none is seen."""
    for text in texts:
        for form, found in MANNERS:
            if text and re.search(form, text):
                return found
        port = _PORT.search(text or "")
        if port and int(port[1]) not in _USUAL:
            return "T1571"
    return HTTP
