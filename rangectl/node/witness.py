"""Witnesses: short-lived neighbours plugged into a fabric, there to be reached."""

from __future__ import annotations

import os
import selectors
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv6Address

from rangectl.node import frames, spaces
from rangectl.node.netlink import Netlink

# Above 1024: the agent may not listen below.
ECHO, DNS, WEB = 7007, 5300, 8080
_SETTLE_SECONDS = 3.0
_RCVBUFFORCE = 33  # past the limit for everybody: it is read when all have called
# In no network that a range can have: RFC 2544's, and neither private nor a documentation one.
ANSWER = IPv4Address("198.18.0.53")


@dataclass(slots=True)
class Witness:
    """A neighbour in one segment; `heard` is a socket that takes in frames of a kind of ours."""

    segment: str
    address: IPv4Address
    mac: str
    heard: socket.socket

    def nonces(self) -> list[bytes]:
        """Return the bodies of the frames heard so far."""
        bodies = []
        with suppress(BlockingIOError):
            while True:
                bodies.append(self.heard.recv(2048)[14:])
        return bodies


@contextmanager
def plugged(
    switch: int, bridges: Mapping[str, int], addresses: Mapping[str, IPv4Interface]
) -> Iterator[dict[str, Witness]]:
    """Plug a witness into every segment that has an address for it; all of it goes at the end."""
    with ExitStack() as stack:
        net = stack.enter_context(Netlink(switch))
        services: list[socket.socket] = []
        witnesses: dict[str, Witness] = {}
        ports: set[str] = set()
        for number, (segment, address) in enumerate(addresses.items()):
            # The same address has the same MAC in every run: caches of neighbours stay right.
            mac = "02:5e:" + address.packed.hex(":")
            space = spaces.new_network()
            stack.callback(os.close, space)
            port = f"w{number}-{os.urandom(3).hex()}"
            net.add_cable(port, bridges[segment], space, "eth0", mac)
            stack.callback(_unplug, switch, port)
            _settle(space, address, mac)
            with spaces.inside(space):
                heard = _ears()
                services += _services()
            stack.callback(heard.close)
            witnesses[segment] = Witness(segment, address.ip, mac, heard)
            ports.add(port)
        _await_forwarding(net, ports)
        stack.enter_context(_served(services))
        yield witnesses


def _await_forwarding(net: Netlink, ports: set[str]) -> None:
    """Wait until the bridges carry frames to new ports: a moment after these are up."""
    end = time.monotonic() + _SETTLE_SECONDS
    while time.monotonic() < end:
        if ports <= {link.name for link in net.links() if link.forwarding}:
            return
        time.sleep(0.005)


def _unplug(switch: int, port: str) -> None:
    with Netlink(switch) as net:
        for link in net.links():
            if link.name == port:
                net.remove(link.index)


def _settle(space: int, address: IPv4Interface, mac: str) -> None:
    with Netlink(space) as net:
        for link in net.links():
            if link.name in {"lo", "eth0"}:
                net.set_link(link.index)
            if link.name == "eth0":
                net.add_address(link.index, address)
                tail = bytes.fromhex(mac.replace(":", ""))
                packed = b"\xfe\x80" + bytes(6) + b"\x02\x5e\xff\xfe" + tail[2:]
                net.add_link_local(link.index, IPv6Address(packed))


def _ears() -> socket.socket:
    kind = socket.SOCK_RAW | socket.SOCK_CLOEXEC
    heard = socket.socket(socket.AF_PACKET, kind, socket.htons(frames.NONCE))
    heard.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, 4 << 20)
    heard.settimeout(0)
    return heard


def _services() -> list[socket.socket]:
    """Listen; who connects is accepted by the kernel alone, who sends a datagram gets an answer."""
    web = socket.socket()
    web.bind(("0.0.0.0", WEB))  # noqa: S104 - in a namespace of our own
    web.listen(4096)
    made = [web]
    for port in (ECHO, DNS):
        service = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        service.settimeout(0)
        service.bind(("0.0.0.0", port))  # noqa: S104 - in a namespace of our own
        made.append(service)
    return made


@contextmanager
def _served(services: list[socket.socket]) -> Iterator[None]:
    stop, told = socket.socketpair()
    chooser = selectors.DefaultSelector()
    chooser.register(told, selectors.EVENT_READ)
    for service in services:
        if service.type == socket.SOCK_DGRAM:
            chooser.register(service, selectors.EVENT_READ, service)
    thread = threading.Thread(target=_serve, args=(chooser,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.close()
        thread.join()
        chooser.close()
        for one in (told, *services):
            one.close()


def _serve(chooser: selectors.BaseSelector) -> None:
    while True:
        for key, _ in chooser.select():
            service = key.data
            if service is None:
                return
            with suppress(OSError):
                data, sender = service.recvfrom(2048)
                answer = dns_answer(data) if service.getsockname()[1] == DNS else data
                service.sendto(answer, sender)


def dns_question(name: str, number: int) -> bytes:
    """Return a question for an address, asking for recursion."""
    labels = b"".join(bytes([len(one)]) + one for one in name.encode("idna").split(b".") if one)
    head = number.to_bytes(2, "big") + b"\x01\0\0\x01" + bytes(6)
    return head + labels + b"\0\0\x01\0\x01"


def dns_answer(question: bytes) -> bytes:
    """Answer any question with one address."""
    head = question[:2] + b"\x81\x80\0\x01\0\x01" + bytes(4)
    return head + question[12:] + b"\xc0\x0c\0\x01\0\x01" + bytes(4) + b"\0\x04" + ANSWER.packed


def dns_addresses(answer: bytes, number: int) -> list[IPv4Address]:
    """Return the addresses in an answer to our question; nothing of one that does not parse."""
    try:
        if answer[:2] != number.to_bytes(2, "big") or not answer[2] & 0x80:
            return []
        at = _skip_name(answer, 12) + 4
        found = []
        for _ in range(int.from_bytes(answer[6:8], "big")):
            at = _skip_name(answer, at)
            kind = int.from_bytes(answer[at : at + 2], "big")
            length = int.from_bytes(answer[at + 8 : at + 10], "big")
            if kind == 1:
                found.append(IPv4Address(answer[at + 10 : at + 14]))
            at += 10 + length
    except (IndexError, ValueError):
        return []
    return found


def _skip_name(data: bytes, at: int) -> int:
    while data[at]:
        if data[at] & 0xC0:
            return at + 2
        at += data[at] + 1
    return at + 1
