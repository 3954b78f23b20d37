"""Mail servers."""

from __future__ import annotations

import pytest

from rangectl.model.topology import Expect, Login
from tests.checks.servers import check, dialogue, served

JREIK = Login(user="jreik", password="winter")  # noqa: S106 - nobody's
SMTP = dialogue(
    (b"EHLO", b"250-mail\r\n250 AUTH PLAIN LOGIN\r\n"),
    (b"AUTH", b"235 welcome\r\n"),
    (b"MAIL FROM:<>", b"250 ok\r\n"),
    (b"RCPT TO:<JREIK", b"250 ok\r\n"),
    (b"RCPT", b"550 5.1.1 no such user\r\n"),
    (b"RSET", b"250 ok\r\n"),
    (b"QUIT", b"221 bye\r\n"),
    first=b"220 mail01 ESMTP Postfix\r\n",
)
IMAP = dialogue(
    (b"CAPABILITY", b"* CAPABILITY IMAP4rev1\r\n%s OK done\r\n"),
    (b"LOGIN JREIK", b"%s OK welcome\r\n"),
    (b"LOGIN", b"%s NO [AUTHENTICATIONFAILED] no\r\n"),
    (b'EXAMINE "INBOX"', b"* 3 EXISTS\r\n%s OK [READ-ONLY] done\r\n"),
    (b"EXAMINE", b"%s NO Mailbox doesn't exist\r\n"),
    (b"LOGOUT", b"* BYE\r\n%s OK bye\r\n"),
    first=b"* OK Dovecot ready.\r\n",
)


@pytest.mark.parametrize(
    ("expect", "login"),
    [
        (Expect(), None),
        (Expect(banner="Postfix"), None),
        (Expect(recipient="jreik@velmora.example"), None),
        (Expect(recipient="jreik@velmora.example"), JREIK),
    ],
)
def test_a_mail_server_that_takes_mail_is_up(expect: Expect, login: Login | None) -> None:
    with served(SMTP) as port:
        assert check("smtp", port, expect, login=login) is None


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        (Expect(banner="Exim"), "it says 'mail01 ESMTP Postfix', not 'Exim'"),
        (Expect(recipient="x@y.example"), "no mail is taken for x@y.example: 550"),
    ],
)
def test_a_mail_server_that_does_not_take_mail_is_down(expect: Expect, said: str) -> None:
    with served(SMTP) as port:
        assert said in (check("smtp", port, expect) or "")


def test_a_mail_server_that_is_busy_is_down() -> None:
    with served(dialogue(first=b"421 too busy\r\n")) as port:
        assert check("smtp", port) == "SMTP greets with 421 too busy"


@pytest.mark.parametrize(
    ("expect", "login"),
    [(Expect(banner="Dovecot"), None), (Expect(), JREIK), (Expect(mailbox="INBOX"), JREIK)],
)
def test_a_mailbox_that_opens_is_up(expect: Expect, login: Login | None) -> None:
    with served(IMAP) as port:
        assert check("imap", port, expect, login=login) is None


@pytest.mark.parametrize(
    ("expect", "user", "said"),
    [
        (Expect(banner="Courier"), "jreik", "it says '* OK Dovecot ready.', not 'Courier'"),
        (Expect(mailbox="Old"), "jreik", "no mailbox Old: Mailbox doesn't exist"),
        (Expect(mailbox="INBOX"), "pvohl", "no login: [AUTHENTICATIONFAILED] no"),
    ],
)
def test_a_mailbox_that_does_not_open_is_down(expect: Expect, user: str, said: str) -> None:
    with served(IMAP) as port:
        found = check("imap", port, expect, login=Login(user=user, password="x"))  # noqa: S106
    assert found is not None
    assert said in found


def test_a_text_longer_than_anybody_wants_is_never_read() -> None:
    huge = dialogue(first=b"* OK {99999999999}\r\n")
    with served(huge) as port:
        assert "without end" in (check("imap", port) or "")
