"""File shares, and files on them."""

from __future__ import annotations

import socket
import struct
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from smbprotocol.connection import Connection
from smbprotocol.exceptions import SMBException
from smbprotocol.open import (
    CreateDisposition,
    CreateOptions,
    FilePipePrinterAccessMask,
    ImpersonationLevel,
    Open,
    ShareAccess,
)
from smbprotocol.session import Session
from smbprotocol.tree import TreeConnect

from rangectl.checks.links import BUDGET, TooMuchError, said
from rangectl.model.topology import Login, Service


class _Transport:
    """What the library needs of a connection, on a link; no message is larger than the budget."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self.connected = False

    def connect(self) -> None:
        """There is nothing to connect."""
        self.connected = True

    def close(self) -> None:
        """Hang up; the link itself is closed by whoever opened it."""
        self.connected = False
        with suppress(OSError):
            self._link.shutdown(socket.SHUT_RDWR)

    def send(self, message: bytes) -> None:
        """Send one message."""
        self._link.sendall(struct.pack(">L", len(message)) + message)

    def recv(self, _: float) -> bytes | None:
        """Receive one message, or None when the other side is gone."""
        head = self._exactly(4)
        if head is None:
            return None
        size = struct.unpack(">L", head)[0]
        if size > BUDGET:
            raise TooMuchError
        return self._exactly(size)

    def _exactly(self, size: int) -> bytes | None:
        found = bytearray()
        while len(found) < size:
            part = self._link.recv(size - len(found))
            if not part:
                self.close()
                return None
            found += part
        return bytes(found)


class _Connection(Connection):  # type: ignore[misc] # the library has no types
    """A connection that keeps to its transport, whatever the library puts in its place."""

    def __init__(self, link: socket.socket, address: str) -> None:
        self._mine = _Transport(link)
        super().__init__(uuid.uuid4(), address, require_signing=False)

    @property
    def transport(self) -> _Transport:
        """The link."""
        return self._mine

    @transport.setter
    def transport(self, _: object) -> None:
        """The library would open a socket of its own."""


@contextmanager
def connected(link: socket.socket, address: str, seconds: float) -> Iterator[Any]:
    """Negotiate, and hang up in the end."""
    connection = _Connection(link, address)
    try:
        connection.connect(timeout=int(seconds) or 1)
        yield connection
    finally:
        connection.disconnect(close=False)


def open_share(connection: Any, address: str, login: Login, share: str | None) -> Any:  # noqa: ANN401 - the library has no types
    """Log in, and return the share that is asked for, if any."""
    session = Session(connection, login.user, login.password or "", require_encryption=False)
    session.connect()
    if share is None:
        return None
    tree = TreeConnect(session, rf"\\{address}\{share}")
    tree.connect()
    return tree


def check_smb(link: socket.socket, address: str, service: Service) -> str | None:
    """Negotiate, log in where that is asked for, and open a share and a file on it."""
    try:
        with connected(link, address, link.gettimeout() or 1) as connection:
            if service.login is not None:
                tree = open_share(connection, address, service.login, service.expect.share)
                if service.expect.file is not None:
                    _touch(tree, service.expect.file)
                connection.disconnect(timeout=2)
    except SMBException as error:
        return f"no SMB answer: {said(error)}"
    return None


def _touch(tree: Any, path: str) -> None:  # noqa: ANN401 - the library has no types
    file = Open(tree, path.strip("/").replace("/", "\\"))
    file.create(
        ImpersonationLevel.Impersonation,
        FilePipePrinterAccessMask.GENERIC_READ,
        0,
        ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE,
        CreateDisposition.FILE_OPEN,
        CreateOptions.FILE_NON_DIRECTORY_FILE,
    )
    file.close()
