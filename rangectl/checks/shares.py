"""File shares, and files on them."""

from __future__ import annotations

import socket
import struct
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

from smbprotocol.connection import Connection
from smbprotocol.exceptions import SMBException
from smbprotocol.open import (
    CreateDisposition,
    CreateOptions,
    DirectoryAccessMask,
    FileAttributes,
    FileInformationClass,
    FilePipePrinterAccessMask,
    ImpersonationLevel,
    Open,
    ShareAccess,
)
from smbprotocol.session import Session
from smbprotocol.tree import TreeConnect
from spnego import _ntlm as ntlm

from rangectl.checks.links import BUDGET, TooMuchError, said
from rangectl.model.topology import Login, Service

_ENTRIES, _PART = 200, 64 << 10
_MONITOR = "MONITOR"
_workstation: ContextVar[str] = ContextVar("workstation", default=_MONITOR)
# Otherwise servers would log what this machine is called.
ntlm._get_workstation = _workstation.get  # noqa: SLF001 - there is no other way


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
        super().__init__(uuid.uuid4(), address)

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


def open_share(
    connection: Any,  # noqa: ANN401 - the library has no types
    address: str,
    login: Login,
    share: str | None,
    name: str = _MONITOR,
) -> Any:  # noqa: ANN401 - the library has no types
    """Log in, from a workstation of this name, and return the share that is asked for, if any."""
    session = Session(connection, login.user, login.password or "", require_encryption=False)
    before = _workstation.set(name.upper())
    try:
        session.connect()
    finally:
        _workstation.reset(before)
    if share is None:
        return None
    tree = TreeConnect(session, rf"\\{address}\{share}")
    tree.connect()
    return tree


def check_smb(link: socket.socket, address: str, service: Service) -> str | None:
    """Negotiate, log in where that is asked for, and open a share and a file on it."""
    seconds = link.gettimeout() or 1
    try:
        with connected(link, address, seconds) as connection:
            if service.login is not None:
                tree = open_share(connection, address, service.login, service.expect.share)
                if service.expect.file is not None:
                    _touch(tree, service.expect.file)
                connection.disconnect(timeout=int(seconds) or 1)
    except SMBException as error:
        return f"no SMB answer: {said(error)}"
    return None


def _touch(tree: Any, path: str) -> None:  # noqa: ANN401 - the library has no types
    _open(tree, path, CreateDisposition.FILE_OPEN).close()


def names(tree: Any, folder: str) -> list[tuple[str, bool]]:  # noqa: ANN401 - the library has no types
    """Return the names in a folder, each with whether it is a folder; not too many."""
    opened = Open(tree, _path(folder))
    opened.create(
        ImpersonationLevel.Impersonation,
        DirectoryAccessMask.FILE_LIST_DIRECTORY,
        FileAttributes.FILE_ATTRIBUTE_DIRECTORY,
        ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE,
        CreateDisposition.FILE_OPEN,
        CreateOptions.FILE_DIRECTORY_FILE,
    )
    kind = FileInformationClass.FILE_DIRECTORY_INFORMATION
    found = []
    for entry in opened.query_directory("*", kind)[:_ENTRIES]:
        name = entry["file_name"].get_value().decode("utf-16-le", errors="replace")
        is_folder = entry["file_attributes"].has_flag(FileAttributes.FILE_ATTRIBUTE_DIRECTORY)
        if name not in {".", ".."}:
            found.append((name, bool(is_folder)))
    opened.close()
    return found


def fetch(tree: Any, path: str) -> bytes:  # noqa: ANN401 - the library has no types
    """Return the beginning of a file."""
    opened = _open(tree, path, CreateDisposition.FILE_OPEN)
    size = min(opened.end_of_file, _PART)
    content = opened.read(0, size) if size else b""
    opened.close()
    return bytes(content)


def store(tree: Any, path: str, content: bytes) -> None:  # noqa: ANN401 - the library has no types
    """Write a file, in the place of what was there."""
    opened = _open(tree, path, CreateDisposition.FILE_OVERWRITE_IF, write=True)
    opened.write(content, 0)
    opened.close()


def _open(tree: Any, path: str, how: int, *, write: bool = False) -> Any:  # noqa: ANN401 - the library has no types
    mask = FilePipePrinterAccessMask
    opened = Open(tree, _path(path))
    opened.create(
        ImpersonationLevel.Impersonation,
        mask.GENERIC_READ | mask.GENERIC_WRITE if write else mask.GENERIC_READ,
        0,
        ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE,
        how,
        CreateOptions.FILE_NON_DIRECTORY_FILE,
    )
    return opened


def _path(path: str) -> str:
    return path.strip("/").replace("/", "\\")
