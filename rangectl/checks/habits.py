"""What people do with a service, spoken on a link that comes from their workstation.

Servers are as hostile as in checks. What is said is fixed or follows from a seed; nothing that a
server answers decides more than which of its pages, mails or files is read next.
"""

from __future__ import annotations

import email.utils
import io
import random
import re
import socket
import zlib
from email.message import EmailMessage
from threading import Event
from urllib.parse import urljoin

import dns.message
import dns.rdatatype
import ldap3
import paramiko

from rangectl.checks import directory, names, shares, web
from rangectl.checks.links import encrypted
from rangectl.checks.post import Imap, Smtp
from rangectl.checks.words import BROWSERS, COMMANDS, OUTSIDE, PARAGRAPHS, SUBJECTS
from rangectl.model.topology import Login
from rangectl.plan.errands import Errand

_PAGE = 64 << 10
_LINK = re.compile(rb"""(?:href|src)=["']([^"'#<>\s:\x80-\xff]{1,200})["'#]""")
_TASTE = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-GB,en;q=0.5",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "keep-alive",
}
_SUBMISSION = 587
_SSH = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7"
_MAILER = "Mozilla Thunderbird"


def browse(link: socket.socket, errand: Errand, draw: random.Random, stop: Event) -> None:
    """Look at a page, at what it shows, and follow a link or two."""
    connection = web.connected(link, errand.address, errand.service.port)
    agent = random.Random(errand.who.account or errand.at).choice(BROWSERS)  # noqa: S311
    path = errand.service.path
    for turn in range(draw.randint(1, 4)):
        connection.request("GET", path, headers={"Host": errand.host, "User-Agent": agent} | _TASTE)
        response = connection.getresponse()
        body = response.read(_PAGE)
        if response.headers.get("Content-Encoding") == "gzip":
            body = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, _PAGE)
        shown = links(path, body)
        if not shown or response.will_close or stop.wait(draw.uniform(0.2, 1.5) * bool(turn)):
            return
        path = draw.choice(shown)


def links(path: str, page: bytes) -> list[str]:
    """Return the paths on the same server that a page leads to."""
    near = (one.decode("ascii") for one in _LINK.findall(page))
    return sorted({urljoin(path, one) for one in near if not one.startswith("//")})


def mail(link: socket.socket, errand: Errand, draw: random.Random, stop: Event) -> None:
    """Send a mail to a colleague, or read what came."""
    if errand.service.check == "smtp":
        _send(link, errand, draw)
    else:
        _read(link, errand, stop)


def _send(link: socket.socket, errand: Errand, draw: random.Random) -> None:
    client = Smtp(link, errand.address, errand.at)
    client.getreply()
    if errand.service.port == _SUBMISSION:
        client.enter(Login(user=errand.who.account, password=errand.who.password))
    to = draw.choice(errand.who.peers)
    client.send_message(letter(errand, to, draw), errand.who.mail, [to])
    client.quit()


def letter(errand: Errand, to: str, draw: random.Random) -> EmailMessage:
    """Return a mail to a colleague."""
    who = errand.who
    made = EmailMessage()
    made["From"] = email.utils.formataddr((who.name, who.mail))
    made["To"] = to
    made["Subject"] = draw.choice(SUBJECTS)
    made["Date"] = email.utils.formatdate().replace("-0000", "+0000")
    made["Message-ID"] = f"<{draw.getrandbits(128):032x}@{who.mail.partition('@')[2]}>"
    made["User-Agent"] = _MAILER
    text = "\n\n".join(draw.sample(PARAGRAPHS, draw.randint(1, 3)))
    made.set_content(f"{text}\n\n{who.name.partition(' ')[0]}\n")
    return made


def _read(link: socket.socket, errand: Errand, stop: Event) -> None:
    client = Imap(link, errand.address)
    client.enter(Login(user=errand.who.account, password=errand.who.password))
    client.select("INBOX")
    _, found = client.search(None, "UNSEEN")
    for number in (found[0] or b"").split()[-3:]:
        client.fetch(number.decode(), "(RFC822)")
        if stop.wait(0.5):
            return
    client.logout()


def query(link: socket.socket, errand: Errand, draw: random.Random, _: Event) -> None:
    """Look a colleague up."""
    who = errand.who
    user, password = (who.entry, who.password) if draw.random() < 0.5 else (None, "")
    client = directory.open_directory(link, errand.address, user, password)
    client.bind()
    base = who.entry.partition(",ou=people,")[2]
    wanted = draw.choice(who.peers) if who.peers else "*"
    client.search(base, f"(mail={wanted})", ldap3.SUBTREE, attributes=["cn", "mail"], size_limit=20)
    client.unbind()


def copy(link: socket.socket, errand: Errand, draw: random.Random, stop: Event) -> None:
    """Look into the department's share, read a file, and now and then write one."""
    who = errand.who
    share = errand.service.expect.share or who.folder
    login = Login(user=who.account, password=who.password)
    with shares.connected(link, errand.address, link.gettimeout() or 1) as connection:
        tree = shares.open_share(connection, errand.address, login, share, errand.at.split(".")[0])
        files = [name for name, is_folder in shares.names(tree, "") if not is_folder]
        if files and not stop.wait(draw.uniform(0.2, 1)):
            shares.fetch(tree, draw.choice(sorted(files)))
        if draw.random() < 0.4:
            _note(tree, f"notes-{who.account}.txt", files, draw)
        connection.disconnect(timeout=2)


def _note(tree: object, path: str, files: list[str], draw: random.Random) -> None:
    """Add a line to one's own notes."""
    before = shares.fetch(tree, path) if path in files else b""
    day = email.utils.formatdate()[5:11].strip()
    line = f"{day}  {draw.choice(SUBJECTS)}: {draw.choice(PARAGRAPHS)}\r\n"
    shares.store(tree, path, before[-4000:] + line.encode())


def login(link: socket.socket, errand: Errand, draw: random.Random, stop: Event) -> None:
    """Log in to a host, look how it is, and leave."""
    seconds = link.gettimeout() or 1
    transport = paramiko.Transport(link)
    transport.local_version = _SSH
    try:
        transport.start_client(timeout=seconds)
        key = paramiko.Ed25519Key.from_private_key(io.StringIO(errand.who.key.decode()))
        transport.auth_publickey(errand.who.account, key)
        channel = transport.open_session(timeout=seconds)
        channel.settimeout(seconds)
        channel.get_pty("xterm-256color", 120, 40)
        channel.invoke_shell()
        for command in [*draw.sample(COMMANDS, draw.randint(1, 3)), "exit"]:
            if stop.wait(draw.uniform(0.5, 2)):
                return
            channel.sendall(f"{command}\n".encode())
        while channel.recv(4096):
            pass
    finally:
        transport.close()


def resolve(link: socket.socket, errand: Errand, draw: random.Random, _: Event) -> None:
    """Ask for a few names, most of them the partner's own."""
    for _number in range(draw.randint(1, 3)):
        own = errand.names and draw.random() < 0.8
        ask(link, draw.choice(errand.names if own else OUTSIDE))


def ask(link: socket.socket, name: str) -> None:
    """Ask a resolver for an address."""
    names.ask(link, dns.message.make_query(name, dns.rdatatype.A))


def secured(link: socket.socket, errand: Errand) -> socket.socket:
    """Return the link, encrypted where the service is."""
    return encrypted(link, errand.address) if errand.service.tls else link
