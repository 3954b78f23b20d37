"""Mail: servers that take it and servers that hand it out."""

from __future__ import annotations

import imaplib
import smtplib
import socket
from contextlib import suppress
from io import BufferedReader

from rangectl.checks.links import BUDGET, TooMuchError, plain, said, unverified
from rangectl.model.topology import Login, Service

_LINE = 64 << 10
_NAME = "monitor"


class Smtp(smtplib.SMTP):
    """A client on a socket that is connected already."""

    def __init__(self, link: socket.socket, address: str, name: str) -> None:
        """`name` is what the client calls itself."""
        super().__init__(local_hostname=name)
        self.sock = link
        self._host = address

    def enter(self, login: Login) -> None:
        """Log in, encrypted where the server offers it."""
        self.ehlo_or_helo_if_needed()
        if self.has_extn("starttls"):
            self.starttls(context=unverified())
            self.ehlo()
        self.login(login.user, login.password or "")


class Imap(imaplib.IMAP4):
    """A client on a socket that is connected already; no line and no text is without end."""

    def __init__(self, link: socket.socket, address: str) -> None:
        self._link = self._read_from = link
        self._stream = link.makefile("rb")
        super().__init__(address)

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:  # noqa: ARG002 - as in the library
        """There is nothing to open."""
        self.host, self.sock = host, self._link

    def enter(self, login: Login) -> None:
        """Log in, encrypted where the server offers it."""
        if "STARTTLS" in self.capabilities:
            self.starttls(unverified())
        self.login(login.user, login.password or "")

    def read(self, size: int) -> bytes:
        """Read a text of a length that the server told."""
        if size > BUDGET:
            raise TooMuchError
        return self._file_of_now().read(size)

    def readline(self) -> bytes:
        """Read a line."""
        line = self._file_of_now().readline(_LINE)
        if len(line) >= _LINE:
            raise TooMuchError
        return line

    def _file_of_now(self) -> BufferedReader:
        """Return what is read from: another once the conversation is encrypted."""
        if self._read_from is not self.sock:
            self._read_from = self.sock
            self._stream = self.sock.makefile("rb")
        return self._stream

    def shutdown(self) -> None:
        """Hang up."""
        self._stream.close()
        self.sock.close()


def check_smtp(link: socket.socket, address: str, service: Service) -> str | None:
    """Be greeted, greet, log in where that is asked for, and name a recipient."""
    client = Smtp(link, address, _NAME)
    try:
        return _greeted(client, service) or _recipient(client, service.expect.recipient)
    except TooMuchError:
        raise
    except (OSError, smtplib.SMTPException) as error:
        return f"no SMTP answer: {said(error)}"


def _greeted(client: Smtp, service: Service) -> str | None:
    code, banner = client.getreply()
    if code != 220:
        return f"SMTP greets with {code} {plain(banner)}"
    wanted = service.expect.banner
    if wanted is not None and wanted.encode() not in banner:
        return f"it says {plain(banner)!r}, not {wanted!r}"
    client.ehlo_or_helo_if_needed()
    if service.login is not None:
        try:
            client.enter(service.login)
        except smtplib.SMTPAuthenticationError as error:
            return f"no login: {plain(error.smtp_error)}"
    return None


def _recipient(client: Smtp, wanted: str | None) -> str | None:
    if wanted is not None:
        client.mail("")
        code, why = client.rcpt(wanted)
        client.rset()
        if code not in {250, 251}:
            return f"no mail is taken for {wanted}: {code} {plain(why)}"
    client.quit()
    return None


def check_imap(link: socket.socket, address: str, service: Service) -> str | None:
    """Be greeted, log in where that is asked for, and open a mailbox."""
    try:
        client = Imap(link, address)
        wanted = service.expect.banner
        if wanted is not None and wanted.encode() not in (client.welcome or b""):
            return f"it says {plain(client.welcome or b'')!r}, not {wanted!r}"
        wrong = _mailbox(client, service.login, service.expect.mailbox)
        with suppress(imaplib.IMAP4.error):
            client.logout()
    except TooMuchError:
        raise
    except (OSError, imaplib.IMAP4.error) as error:
        return f"no IMAP answer: {said(error)}"
    return wrong


def _mailbox(client: Imap, login: Login | None, mailbox: str | None) -> str | None:
    if login is None:
        return None
    try:
        client.enter(login)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        return f"no login: {said(error)}"
    if mailbox is None:
        return None
    done, why = client.select(f'"{mailbox}"', readonly=True)
    return None if done == "OK" else f"no mailbox {mailbox}: {plain(why[0] or b'')}"
