"""Pages, and ports of which nothing more is known than that they accept."""

from __future__ import annotations

import base64
import http.client
import socket

from rangectl.checks.links import TooMuchError, plain, said
from rangectl.model.topology import Service

_BODY = 64 << 10
_BANNER = 4096


def check_tcp(link: socket.socket, _: str, service: Service) -> str | None:
    """A connection is enough, unless the server must say something first."""
    wanted = service.expect.banner
    if wanted is None:
        return None
    heard = b""
    while wanted.encode() not in heard:
        part = link.recv(_BANNER)
        heard += part
        if not part or len(heard) > _BANNER:
            return f"it says {plain(heard)!r}, not {wanted!r}" if heard else "it says nothing"
    return None


def connected(link: socket.socket, address: str, port: int) -> http.client.HTTPConnection:
    """Return a connection on a link; when it ends, no other is opened in its place."""
    connection = http.client.HTTPConnection(address, port)
    connection.sock = link
    connection.auto_open = 0
    return connection


def check_http(link: socket.socket, address: str, service: Service) -> str | None:
    """Get one page and look at its status and its text."""
    connection = connected(link, address, service.port)
    try:
        connection.request("GET", service.path, headers=_headers(service))
        response = connection.getresponse()
        body = response.read(_BODY).decode(errors="replace")
    except TooMuchError:
        raise
    except (OSError, http.client.HTTPException) as error:
        return f"no HTTP answer: {said(error)}"
    wanted = service.expect
    if response.status != (wanted.status or response.status):
        return f"HTTP status {response.status}, not {wanted.status}"
    if wanted.status is None and response.status >= 500:
        return f"HTTP status {response.status}"
    if wanted.body is not None and wanted.body not in body:
        return f"the page does not contain {wanted.body!r}"
    return None


def _headers(service: Service) -> dict[str, str]:
    headers = {"Connection": "close"}
    if service.login is not None:
        pair = f"{service.login.user}:{service.login.password or ''}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return headers
