"""Directories in which entries are found."""

from __future__ import annotations

import socket
from functools import partial
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPExceptionError

from rangectl.checks.links import plain, said
from rangectl.model.topology import Service

_MOST = 200
_ANY = "(objectClass=*)"


def open_directory(link: socket.socket, address: str, user: str | None, password: str) -> Any:  # noqa: ANN401 - the library has no types
    """Return a connection that asks over a link; it follows no referral out of the range."""
    server = ldap3.Server(address, get_info=ldap3.NONE)
    client = ldap3.Connection(
        server,
        user,
        password or None,
        auto_referrals=False,
        auto_range=False,
        check_names=False,
        read_only=True,
    )
    # The library knows no other way to hand it a socket.
    client.strategy._open_socket = partial(_given, client, link)  # noqa: SLF001
    client.open(read_server_info=False)
    return client


def _given(client: Any, link: socket.socket, *_: object, **__: object) -> None:  # noqa: ANN401 - the library has no types
    client.socket, client.closed = link, False


def check_ldap(link: socket.socket, address: str, service: Service) -> str | None:
    """Bind, and find what must be found."""
    login = service.login
    try:
        client = open_directory(
            link, address, login.user if login else None, (login.password or "") if login else ""
        )
        if not client.bind():
            return f"no login: {plain(str(client.result['description']))}"
        wrong = _find(client, service)
        client.unbind()
    except LDAPExceptionError as error:
        return f"no LDAP answer: {said(error)}"
    return wrong


def _find(client: Any, service: Service) -> str | None:  # noqa: ANN401 - the library has no types
    wanted = service.expect.entry
    if service.query is None:
        return _read(client, wanted)
    base = _context(client)
    if base is None:
        return "the directory names no naming context"
    found = search(client, base, service.query, ldap3.SUBTREE)
    names = {_folded(name) for name in found}
    if not names:
        return f"nothing found: {service.query}"
    if wanted is not None and _folded(wanted) not in names:
        return f"{wanted} is not among the {len(names)} found"
    return None


def _read(client: Any, entry: str | None) -> str | None:  # noqa: ANN401 - the library has no types
    if entry is None:
        return None if search(client, "", _ANY, ldap3.BASE) else "the root cannot be read"
    return None if search(client, entry, _ANY, ldap3.BASE) else f"no entry {entry}"


def search(client: Any, base: str, query: str, scope: str) -> dict[str, dict[str, list[bytes]]]:  # noqa: ANN401 - the library has no types
    """Return what was found: attributes by name, by DN."""
    client.search(base, query, scope, attributes=["*", "namingContexts"], size_limit=_MOST)
    return {
        str(one["dn"]): dict(one["raw_attributes"])
        for one in client.response or ()
        if one["type"] == "searchResEntry"
    }


def _context(client: Any) -> str | None:  # noqa: ANN401 - the library has no types
    root = search(client, "", _ANY, ldap3.BASE).get("", {})
    names = {name.lower(): values for name, values in root.items()}.get("namingcontexts")
    return names[0].decode(errors="replace") if names else None


def _folded(name: str) -> str:
    return ",".join(part.strip() for part in name.lower().split(","))
