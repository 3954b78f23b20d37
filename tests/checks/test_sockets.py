"""Checks, against servers on the loopback, some of them hostile."""

from __future__ import annotations

import socket
import threading
import time
from ipaddress import IPv4Address

import dns.message
import dns.rrset
import paramiko
import pytest

from rangectl.checks import sockets
from rangectl.model.topology import CheckKind, Expect
from tests.checks.servers import Serve, check, served


def page(text: bytes) -> Serve:
    def serve(link: socket.socket) -> None:
        link.recv(4096)
        link.sendall(text)

    return serve


OK = b"HTTP/1.0 200 OK\r\n\r\nVelmora"


def test_a_port_that_accepts_is_up() -> None:
    with served(lambda _: None) as port:
        assert check("tcp", port) is None


def test_a_port_that_refuses_is_down() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        found = check("tcp", closed.getsockname()[1])
    assert found is not None
    assert found.startswith("no connection")


def test_a_page_as_expected_is_up() -> None:
    with served(page(OK)) as port:
        assert check("http", port, Expect(status=200, body="Velmora")) is None


def test_a_page_that_comes_in_pieces_is_up() -> None:
    def serve(link: socket.socket) -> None:
        link.recv(4096)
        link.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
        for part in (b"4\r\nVelm\r\n", b"3\r\nora\r\n", b"0\r\n\r\n"):
            time.sleep(0.1)
            link.sendall(part)

    with served(serve) as port:
        assert check("http", port, Expect(status=200, body="Velmora")) is None


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        (Expect(status=404), "HTTP status 200, not 404"),
        (Expect(body="Karsk"), "the page does not contain 'Karsk'"),
    ],
)
def test_a_page_not_as_expected_is_down(expect: Expect, said: str) -> None:
    with served(page(OK)) as port:
        assert check("http", port, expect) == said


def test_no_http_at_all_is_down() -> None:
    with served(page(b"\x00\xffnonsense\r\n\r\n")) as port:
        assert "no HTTP answer" in (check("http", port) or "")


def test_a_page_without_end_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "_PATIENCE", 0.5)

    def drip(link: socket.socket) -> None:
        link.sendall(b"HTTP/1.0 200 OK\r\n")
        for number in range(100):
            link.sendall(f"X-{number}: x\r\n".encode())
            time.sleep(0.05)

    began = time.monotonic()
    with served(drip) as port:
        assert check("http", port) == "no end of the answer within 0.5 s"
    assert time.monotonic() - began < 3


def named(address: str) -> Serve:
    def serve(link: socket.socket) -> None:
        data, sender = link.recvfrom(4096)
        question = dns.message.from_wire(data)
        answer = dns.message.make_response(question)
        name = question.question[0].name
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", "A", address))
        link.sendto(answer.to_wire(), sender)

    return serve


def test_a_name_that_resolves_is_up() -> None:
    with served(named("10.0.0.9"), socket.SOCK_DGRAM) as port:
        expect = Expect(answer=IPv4Address("10.0.0.9"))
        assert check("dns", port, expect, "web.example") is None


def test_a_name_that_resolves_to_something_else_is_down() -> None:
    with served(named("10.0.0.8"), socket.SOCK_DGRAM) as port:
        expect = Expect(answer=IPv4Address("10.0.0.9"))
        found = check("dns", port, expect, "web.example")
    assert found == "web.example is 10.0.0.8, not 10.0.0.9"


def test_an_answer_to_another_question_is_down() -> None:
    def serve(link: socket.socket) -> None:
        _, sender = link.recvfrom(4096)
        link.sendto(b"\x00" * 40, sender)

    with served(serve, socket.SOCK_DGRAM) as port:
        assert check("dns", port, query="web.example") == "no DNS answer that fits"


def test_a_resolver_that_is_silent_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "_PATIENCE", 0.3)
    with served(lambda _: None, socket.SOCK_DGRAM) as port:
        assert check("dns", port, query="web.example") == "no DNS answer"


def test_a_key_exchange_is_up() -> None:
    key = paramiko.ECDSAKey.generate()

    def serve(link: socket.socket) -> None:
        transport = paramiko.Transport(link)
        transport.add_server_key(key)
        transport.start_server(server=paramiko.ServerInterface(), event=threading.Event())
        transport.join(5)

    with served(serve) as port:
        assert check("ssh", port) is None


def test_a_key_exchange_may_take_its_time() -> None:
    key = paramiko.ECDSAKey.generate()

    def serve(link: socket.socket) -> None:
        time.sleep(0.7)
        transport = paramiko.Transport(link)
        transport.add_server_key(key)
        transport.start_server(server=paramiko.ServerInterface(), event=threading.Event())
        transport.join(5)

    with served(serve) as port:
        assert check("ssh", port) is None


def test_something_else_than_ssh_is_down() -> None:
    with served(page(b"HTTP/1.0 400 no\r\n\r\n")) as port:
        assert "no ssh key exchange" in (check("ssh", port) or "")


def packet(payload: bytes) -> bytes:
    padding = 8 - (len(payload) + 5) % 8 + 8
    head = (len(payload) + padding + 1).to_bytes(4, "big") + bytes([padding])
    return head + payload + bytes(padding)


def text(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


def test_a_key_exchange_that_makes_a_library_stumble_is_down() -> None:
    def serve(link: socket.socket) -> None:
        ciphers = [b"aes128-ctr", b"aes128-ctr", b"hmac-sha2-256", b"hmac-sha2-256"]
        lists = [b"curve25519-sha256@libssh.org", b"ssh-ed25519", *ciphers, b"none", b"none"]
        offer = b"\x14" + bytes(16) + b"".join(map(text, [*lists, b"", b""])) + bytes(5)
        link.sendall(b"SSH-2.0-x\r\n" + packet(offer))
        reply = b"\x1f" + text(b"no key") + text(b"no point of a curve") + text(b"no signature")
        link.sendall(packet(reply))
        while link.recv(4096):
            pass

    with served(serve) as port:
        assert "makes no sense" in (check("ssh", port) or "")


@pytest.mark.parametrize(
    ("kind", "answer"),
    [("http", b"HTTP/1.1 99\x1b[2J\x07 x\r\n\r\n"), ("ssh", b"SSH-\x1b[2J\x07-x\r\n")],
)
def test_what_a_server_says_steers_no_terminal(
    kind: CheckKind, answer: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    def serve(link: socket.socket) -> None:
        link.sendall(answer)
        link.recv(4096)

    with served(serve) as port:
        wrong = check(kind, port)
    assert wrong is not None
    assert wrong.isprintable()
    assert "[2J" in wrong
    assert capfd.readouterr().err == ""
