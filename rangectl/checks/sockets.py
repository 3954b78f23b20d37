"""Checks of services over sockets that someone else connected; servers may be hostile."""

from __future__ import annotations

import http.client
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import assert_never

import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype
import paramiko

from rangectl.model.topology import CheckKind, Service

Dial = Callable[[str, str, int, str], socket.socket]
_SECONDS = 5.0
_BODY = 64 << 10
# It would log what hostile servers say, with tracebacks.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


class SocketChecker:
    """A `Checker`; every check ends within five seconds and reads a bounded number of bytes."""

    def __init__(self, dial: Dial) -> None:
        """`dial` takes a client's container, an address, a port and `tcp` or `udp`."""
        self._dial = dial

    def check(self, client: str, address: str, service: Service) -> str | None:
        """Return None when the service answers as it must, else what was wrong."""
        proto = "udp" if service.check == "dns" else "tcp"
        try:
            link = self._dial(client, address, service.port, proto)
        except OSError as error:
            return f"no connection: {error}"
        with _deadline(link) as late:
            try:
                wrong = _converse(service.check, link, address, service)
            except Exception as error:  # noqa: BLE001 - libraries stumble in many ways over nonsense
                wrong = f"an answer that makes no sense: {_said(error)}"
        return f"no end of the answer within {_SECONDS:g} s" if late.is_set() else wrong


def _converse(kind: CheckKind, link: socket.socket, address: str, service: Service) -> str | None:
    match kind:
        case "tcp":
            return None
        case "http":
            return _http(link, address, service)
        case "dns":
            return _dns(link, service)
        case "ssh":
            return _ssh(link)
        case _:
            assert_never(kind)


@contextmanager
def _deadline(link: socket.socket) -> Iterator[threading.Event]:
    """Hang up when time is over, whatever the server keeps sending, and tell of it."""
    late = threading.Event()

    def hang_up() -> None:
        late.set()
        with suppress(OSError):
            link.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(_SECONDS, hang_up)
    timer.daemon = True
    timer.start()
    link.settimeout(_SECONDS)
    try:
        yield late
    finally:
        timer.cancel()
        link.close()


def _http(link: socket.socket, address: str, service: Service) -> str | None:
    connection = http.client.HTTPConnection(address, service.port)
    connection.sock = link
    try:
        connection.request("GET", service.path, headers={"Connection": "close"})
        response = connection.getresponse()
        body = response.read(_BODY).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return f"no HTTP answer: {_said(error)}"
    wanted = service.expect
    if response.status != (wanted.status or response.status):
        return f"HTTP status {response.status}, not {wanted.status}"
    if wanted.status is None and response.status >= 500:
        return f"HTTP status {response.status}"
    if wanted.body is not None and wanted.body not in body:
        return f"the page does not contain {wanted.body!r}"
    return None


def _dns(link: socket.socket, service: Service) -> str | None:
    question = dns.message.make_query(service.query or ".", dns.rdatatype.A)
    link.settimeout(_SECONDS / 3)
    for _ in range(2):  # a datagram may be lost
        with suppress(TimeoutError):
            answer = _ask(link, question)
            return "no DNS answer that fits" if answer is None else _judge_dns(answer, service)
    return "no DNS answer"


def _judge_dns(answer: dns.message.Message, service: Service) -> str | None:
    if service.query is None:
        return None
    if answer.rcode() != dns.rcode.NOERROR:
        return f"{service.query}: {dns.rcode.to_text(answer.rcode())}"
    sets = (records for records in answer.answer if records.rdtype == dns.rdatatype.A)
    found = {str(record) for records in sets for record in records}
    if not found:
        return f"{service.query}: no address"
    wanted = service.expect.answer
    if wanted is not None and str(wanted) not in found:
        return f"{service.query} is {', '.join(sorted(found))}, not {wanted}"
    return None


def _ask(link: socket.socket, question: dns.message.Message) -> dns.message.Message | None:
    """Ask once; None when what came back is no answer to it. TimeoutError when nothing came."""
    try:
        link.send(question.to_wire())
        answer = dns.message.from_wire(link.recv(4096))
    except TimeoutError:
        raise
    except (OSError, dns.exception.DNSException):
        return None
    return answer if question.is_response(answer) else None


def _ssh(link: socket.socket) -> str | None:
    """Exchange banners and keys; nobody logs in."""
    transport = paramiko.Transport(link)
    try:
        transport.start_client(timeout=_SECONDS)
    except (OSError, EOFError, paramiko.SSHException) as error:
        return f"no ssh key exchange: {_said(error)}"
    finally:
        transport.close()
    return None


def _said(error: BaseException) -> str:
    """Return an error's words; a server's in them must not steer the terminal they end up on."""
    text = str(error)[:200] or type(error).__name__
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text).strip()
