"""People on errands, to servers on the loopback."""

from __future__ import annotations

import gzip
import itertools
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import paramiko
import pytest

from rangectl.checks import errands as errands_module
from rangectl.checks.errands import HABITS, SocketErrands
from rangectl.checks.habits import letter, links
from rangectl.checks.words import BROWSERS
from rangectl.model.topology import CheckKind, Service
from rangectl.model.traffic import Activity
from rangectl.plan.errands import Errand, Somebody
from rangectl.plan.keys import key_pair
from rangectl.plan.traffic import SPOKEN
from tests.checks.servers import Serve, dial, dialogue, served
from tests.checks.test_directory import directory
from tests.checks.test_post import IMAP

KEY = key_pair("5" * 32, "person/jreik", "jreik@desk-1")
JREIK = Somebody(
    uid=10001,
    account="jreik",
    name="Jana Reik",
    mail="jreik@port.example",
    entry="uid=jreik,ou=people,dc=velmora,dc=example",
    password="winter",  # noqa: S106 - nobody's
    key=KEY.private,
    folder="sales",
    peers=("pvohl@port.example", "imarten@port.example"),
)


def errand(do: Activity, port: int, check: CheckKind | None = None, seed: int = 7) -> Errand:
    query = "www" if do == "resolve" else None
    return Errand(
        container="c1",
        at="desk-1.port.example",
        who=JREIK,
        do=do,
        host="www",
        address="127.0.0.1",
        service=Service(name="it", check=check or SPOKEN[do][0], port=port, query=query),
        resolver=None,
        names=("www.port.example",),
        seed=seed,
    )


def dial_as(container: str, address: str, port: int, proto: str, owner: int) -> socket.socket:
    assert (container, owner) == ("c1", 10001)
    return dial(container, address, port, proto)


def done(*wanted: Errand, seconds: float = 10) -> dict[str, int]:
    """Go on errands, and return how they ended."""
    errands = SocketErrands(dial_as)
    errands.set_out(wanted)
    end = time.monotonic() + seconds
    while sum(errands.tally().values()) < len(wanted) and time.monotonic() < end:
        time.sleep(0.02)
    tally = {what: count for what, count in errands.tally().items() if count}
    errands.halt()
    return tally


def test_every_activity_can_be_done() -> None:
    assert set(HABITS) == set(SPOKEN)


def test_a_browser_follows_links_and_says_who_it_is() -> None:
    asked: list[str] = []
    page = b'<a href="/notices.html">n</a> <img src="/logo.png"> <a href="http://evil.example/">'
    page = gzip.compress(page)

    def serve(link: socket.socket) -> None:
        while request := link.recv(4096):
            asked.append(request.decode())
            head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
            head += f"Content-Length: {len(page)}\r\n\r\n"
            link.sendall(head.encode() + page)

    with served(serve) as port:
        assert done(errand("browse", port, seed=3)) == {"browse": 1}
    assert asked[0].startswith("GET / HTTP/1.1\r\nHost: www\r\nUser-Agent: Mozilla")
    assert len(asked) > 1
    assert {one.split()[1] for one in asked[1:]} <= {"/notices.html", "/logo.png"}
    assert all(any(f"User-Agent: {one}\r\n" in text for one in BROWSERS) for text in asked)


def test_only_links_on_the_same_server_are_followed() -> None:
    page = b"""<a href="notices.html"> <img src='/logo.png'> <a href="../up/">
    <a href="//evil.example/x"> <a href="https://evil.example/"> <a href="mailto:x@y.example">
    <a href="#top"> <a href="old.html#part"> <script src="\xff.js"> <a href="a b">"""
    assert links("/a/b/", page) == ["/a/b/notices.html", "/a/b/old.html", "/a/up/", "/logo.png"]


def test_a_browser_that_is_sent_away_goes_nowhere() -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0.2)
        there = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/"
        answer = f"HTTP/1.1 302 Found\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n".encode()

        def serve(link: socket.socket) -> None:
            while link.recv(4096):
                link.sendall(answer)

        with served(serve) as port:
            assert done(errand("browse", port)) == {"browse": 1}
        with pytest.raises(TimeoutError):
            elsewhere.accept()


def test_a_mail_arrives_at_a_colleagues() -> None:
    heard: list[bytes] = []

    def serve(link: socket.socket) -> None:
        link.sendall(b"220 mail ESMTP\r\n")
        with link.makefile("rb") as lines:
            for line in lines:
                heard.append(line)
                if line.upper() == b"DATA\r\n":
                    link.sendall(b"354 go on\r\n")
                    heard.extend(itertools.takewhile(lambda one: one != b".\r\n", lines))
                link.sendall(b"250 ok\r\n")

    with served(serve) as port:
        assert done(errand("mail", port)) == {"mail": 1}
    text = b"".join(heard).decode()
    assert "mail FROM:<jreik@port.example>" in text
    assert text.startswith("ehlo desk-1.port.example")
    assert "From: Jana Reik <jreik@port.example>" in text


def test_letters_differ_and_are_the_same_for_the_same_seed() -> None:
    one, same, other = (
        letter(errand("mail", 25), "pvohl@port.example", random.Random(seed))  # noqa: S311
        for seed in (1, 1, 2)
    )
    assert one["Message-ID"] == same["Message-ID"] != other["Message-ID"]
    assert one.get_content() == same.get_content()


def test_a_mailbox_is_read() -> None:
    answers = (
        (b"SELECT", b"* 3 EXISTS\r\n%s OK [READ-WRITE]\r\n"),
        (
            b"SEARCH",
            b"* SEARCH\r\n%s OK done\r\n",
        ),
    )

    def serve(link: socket.socket) -> None:
        dialogue(
            (b"CAPABILITY", b"* CAPABILITY IMAP4rev1\r\n%s OK done\r\n"),
            (b"LOGIN JREIK", b"%s OK welcome\r\n"),
            *answers,
            (b"LOGOUT", b"* BYE\r\n%s OK bye\r\n"),
            first=b"* OK ready\r\n",
        )(link)

    with served(serve) as port:
        assert done(errand("mail", port, "imap")) == {"mail": 1}


def test_a_mailbox_that_does_not_open_is_a_failure_and_no_more() -> None:
    with served(IMAP) as port:
        assert done(errand("mail", port, "imap")) == {"mail failed": 1}


def test_a_colleague_is_looked_up() -> None:
    with served(directory()) as port:
        assert done(errand("query", port)) == {"query": 1}


class _Sshd(paramiko.ServerInterface):
    def __init__(self) -> None:
        self.user = ""
        self.typed = threading.Event()

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self.user = username
        fits = key.get_base64() == KEY.public.split()[1]
        return paramiko.common.AUTH_SUCCESSFUL if fits else paramiko.common.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        return paramiko.common.OPEN_SUCCEEDED

    def check_channel_pty_request(self, *_: object) -> bool:
        return True

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:  # noqa: ARG002
        return True


def test_an_administrator_logs_in_by_key_and_leaves() -> None:
    server, banner, typed = _Sshd(), "", b""

    def serve(link: socket.socket) -> None:
        nonlocal banner, typed
        transport = paramiko.Transport(link)
        transport.add_server_key(paramiko.ECDSAKey.generate())
        transport.start_server(server=server, event=threading.Event())
        channel = transport.accept(8)
        assert channel is not None
        banner = transport.remote_version
        channel.settimeout(8)
        while not typed.endswith(b"exit\n"):
            typed += channel.recv(1000)
        channel.close()
        transport.join(3)
        transport.close()

    with served(serve) as port:
        assert done(errand("login", port), seconds=20) == {"login": 1}
    assert server.user == "jreik"
    assert "OpenSSH" in banner
    assert typed.count(b"\n") > 1


@contextmanager
def resolver(seen: list[str]) -> Iterator[int]:
    import dns.message  # noqa: PLC0415 - for this one only

    def serve(link: socket.socket) -> None:
        for _ in range(9):
            data, sender = link.recvfrom(4096)
            question = dns.message.from_wire(data)
            seen.append(str(question.question[0].name))
            link.sendto(dns.message.make_response(question).to_wire(), sender)

    with served(serve, socket.SOCK_DGRAM) as port:
        yield port
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            for _ in range(9):
                last.sendto(dns.message.make_query("x", "A").to_wire(), ("127.0.0.1", port))


def test_names_are_asked_for() -> None:
    seen: list[str] = []
    with resolver(seen) as port:
        assert done(errand("resolve", port)) == {"resolve": 1}
    assert seen
    assert all(one.count(".") > 1 for one in seen if one != "x.")


def test_what_a_server_does_not_end_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errands_module, "_SECONDS", 1.0)

    def flood(link: socket.socket) -> None:
        with suppress(OSError):
            while True:
                link.sendall(b"x" * 65536)

    def silence(link: socket.socket) -> None:
        link.recv(1 << 20)
        link.recv(1 << 20)

    kinds: list[Serve] = [flood, silence]
    began = time.monotonic()
    with ExitStack() as stack:
        wanted = [
            errand(do, stack.enter_context(served(kind)))
            for kind in kinds
            for do in ("browse", "mail", "query", "copy", "login")
        ]
        tally = done(*wanted)
    assert sum(tally.values()) == len(wanted)
    assert all(what.endswith("failed") or what == "query" for what in tally)
    assert time.monotonic() - began < 30


def test_all_is_broken_off_at_once_when_it_is_over() -> None:
    errands = SocketErrands(dial_as)

    def silence(link: socket.socket) -> None:
        link.recv(4096)
        link.recv(4096)

    with served(silence) as port:
        errands.set_out([errand("browse", port)])
        time.sleep(0.3)
        began = time.monotonic()
        errands.halt()
        assert time.monotonic() - began < 2
    assert errands.tally()["browse failed"] == 1


def test_who_finds_no_way_is_left_out_of_nothing_else() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        assert done(errand("browse", port), errand("copy", port)) == {
            "browse failed": 1,
            "copy failed": 1,
        }


def test_too_many_are_left_out() -> None:
    hold = threading.Event()

    def wait(*_: object) -> socket.socket:
        hold.wait(5)
        raise ConnectionError

    errands = SocketErrands(wait)
    errands.set_out([errand("browse", 1)] * 100)
    assert errands.tally()["left out"] == 36
    hold.set()
    errands.halt()
