"""Services that encrypt, from the first byte on or when they are asked to."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from rangectl.checks import sockets
from rangectl.model.topology import Expect, Login
from tests.checks.servers import check, dialogue, served
from tests.checks.test_post import IMAP
from tests.checks.test_sockets import page

OK = b"HTTP/1.0 200 OK\r\n\r\nVelmora"
BEGIN, END = dt.datetime(2020, 1, 1), dt.datetime(2060, 1, 1)  # noqa: DTZ001 - as the library has it


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """Return a server's side, with a certificate that nobody signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail01")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(BEGIN)
        .not_valid_after(END)
        .sign(key, SHA256())
    )
    path: Path = tmp_path_factory.mktemp("tls") / "both.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + made.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_a_page_over_tls_is_up(server: ssl.SSLContext) -> None:
    def serve(link: socket.socket) -> None:
        with server.wrap_socket(link, server_side=True) as secured:
            page(OK)(secured)

    with served(serve) as port:
        assert check("http", port, Expect(status=200, body="Velmora"), tls=True) is None


def test_an_encrypted_answer_without_end_ends(
    server: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "_PATIENCE", 3.0)

    def serve(link: socket.socket) -> None:
        with suppress(OSError), server.wrap_socket(link, server_side=True) as secured:
            while True:
                secured.sendall(b"x" * 65536)

    with served(serve) as port:
        assert "without end" in (check("imap", port, tls=True) or "")


def test_a_login_is_encrypted_where_that_is_offered(server: ssl.SSLContext) -> None:
    def serve(link: socket.socket) -> None:
        link.sendall(b"* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready\r\n")
        asked = b""
        while b"STARTTLS" not in asked:
            asked = link.recv(4096)
            tag = asked.split()[0]
            capable = b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\n"
            link.sendall((b"" if b"STARTTLS" in asked else capable) + tag + b" OK done\r\n")
        with server.wrap_socket(link, server_side=True) as secured:
            dialogue(
                (b"CAPABILITY", b"* CAPABILITY IMAP4rev1\r\n%s OK done\r\n"),
                (b"LOGIN JREIK", b"%s OK welcome\r\n"),
                (b'EXAMINE "INBOX"', b"* 3 EXISTS\r\n%s OK done\r\n"),
                (b"LOGOUT", b"* BYE\r\n%s OK bye\r\n"),
            )(secured)

    login = Login(user="jreik", password="winter")  # noqa: S106 - nobody's
    with served(serve) as port:
        assert check("imap", port, Expect(mailbox="INBOX"), login=login) is None


def test_what_offers_no_encryption_is_asked_for_none() -> None:
    login = Login(user="jreik", password="winter")  # noqa: S106 - nobody's
    with served(IMAP) as port:
        assert check("imap", port, Expect(mailbox="INBOX"), login=login) is None
