"""Directories."""

from __future__ import annotations

import socket
from contextlib import suppress

import pytest

from rangectl.model.topology import Expect, Login
from tests.checks.servers import Serve, check, served

STAFF = "dc=velmora,dc=example"
JREIK = f"uid=jreik,ou=people,{STAFF}"
_BIND, _BOUND, _SEARCH, _ENTRY, _DONE, _REFERRAL = 0x60, 0x61, 0x63, 0x64, 0x65, 0x73


def ber(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    return bytes([tag]) + (bytes([size]) if size < 128 else b"\x81" + bytes([size])) + body


def result(tag: int, code: int, *more: bytes) -> bytes:
    return ber(tag, ber(10, bytes([code])), ber(4), ber(4), *more)


def entry(name: str, **values: str) -> bytes:
    pairs = [
        ber(0x30, ber(4, k.encode()), ber(0x31, ber(4, v.encode()))) for k, v in values.items()
    ]
    return ber(_ENTRY, ber(4, name.encode()), ber(0x30, *pairs))


def directory(password: bytes = b"", referral: str | None = None) -> Serve:
    """Serve a directory of one person; a password is asked for if there is one."""

    def answers(request: bytes) -> list[bytes]:
        if request[5] == _BIND:
            return [result(_BOUND, 0 if request.endswith(password) else 49)]
        if request[5] != _SEARCH:
            return []
        if referral is not None:
            return [result(_DONE, 10, ber(0xA3, ber(4, referral.encode())))]
        if JREIK.encode() in request or b"jreik" in request:
            return [entry(JREIK, uid="jreik"), result(_DONE, 0)]
        if STAFF.encode() in request:
            return [result(_DONE, 32)]
        return [entry("", namingContexts=STAFF), result(_DONE, 0)]

    def serve(link: socket.socket) -> None:
        with suppress(IndexError):
            while request := link.recv(4096):
                for answer in answers(request):
                    link.sendall(ber(0x30, ber(2, request[4:5]), answer))

    return serve


@pytest.mark.parametrize(
    ("expect", "query"),
    [
        (Expect(), None),
        (Expect(entry=JREIK), None),
        (Expect(), "(uid=jreik)"),
        (Expect(entry=JREIK.upper().replace(",", ", ")), "(uid=jreik)"),
    ],
)
def test_a_directory_in_which_the_wanted_is_found_is_up(expect: Expect, query: str | None) -> None:
    with served(directory()) as port:
        assert check("ldap", port, expect, query) is None


@pytest.mark.parametrize(
    ("expect", "query", "said"),
    [
        (Expect(entry=f"uid=pvohl,{STAFF}"), None, f"no entry uid=pvohl,{STAFF}"),
        (Expect(), "(uid=pvohl)", "nothing found: (uid=pvohl)"),
        (Expect(entry=STAFF), "(uid=jreik)", f"{STAFF} is not among the 1 found"),
    ],
)
def test_a_directory_that_lacks_it_is_down(expect: Expect, query: str | None, said: str) -> None:
    with served(directory()) as port:
        assert check("ldap", port, expect, query) == said


@pytest.mark.parametrize(("password", "wrong"), [("winter", None), ("x", "no login")])
def test_a_login_must_fit(password: str, wrong: str | None) -> None:
    with served(directory(b"winter")) as port:
        found = check("ldap", port, login=Login(user=JREIK, password=password))
    assert (found or "").startswith(wrong or "")
    assert (found is None) == (wrong is None)


def test_a_referral_is_followed_nowhere() -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0.2)
        there = f"ldap://127.0.0.1:{elsewhere.getsockname()[1]}/{STAFF}"
        with served(directory(referral=there)) as port:
            assert check("ldap", port, Expect(entry=JREIK)) == f"no entry {JREIK}"
        with pytest.raises(TimeoutError):
            elsewhere.accept()
