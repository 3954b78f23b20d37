"""Names that resolve."""

from __future__ import annotations

import socket
from contextlib import suppress

import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype

from rangectl.model.topology import Service

_TRIES = 2


def check_dns(link: socket.socket, _: str, service: Service) -> str | None:
    """Ask for the address of a name; a datagram may be lost once."""
    question = dns.message.make_query(service.query or ".", dns.rdatatype.A)
    link.settimeout((link.gettimeout() or 1) / (_TRIES + 1))
    for _number in range(_TRIES):
        with suppress(TimeoutError):
            answer = ask(link, question)
            return "no DNS answer that fits" if answer is None else _judge(answer, service)
    return "no DNS answer"


def ask(link: socket.socket, question: dns.message.Message) -> dns.message.Message | None:
    """Ask once; None when what came back is no answer to it. TimeoutError when nothing came."""
    try:
        link.send(question.to_wire())
        answer = dns.message.from_wire(link.recv(4096))
    except TimeoutError:
        raise
    except (OSError, dns.exception.DNSException):
        return None
    return answer if question.is_response(answer) else None


def _judge(answer: dns.message.Message, service: Service) -> str | None:
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
