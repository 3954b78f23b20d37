"""Trying, from within one machine's network, to reach what must not be reached."""

from __future__ import annotations

import errno
import os
import selectors
import socket
import struct
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from ipaddress import IPv4Address, IPv6Address

from rangectl.node import frames, spaces, witness
from rangectl.node.inits import Init
from rangectl.node.netlink import Link, Netlink
from rangectl.node.raw import Raw
from rangectl.node.trials import Aims, Trial, Trials
from rangectl.node.values import Machine

_TURN_SECONDS = 0.5
_TURNS, _MOST_TURNS = 2, 8
_RECVERR, _ERRQUEUE = 11, 0x2000
_FROM_ICMP = 2
_OUTSIDE_PORTS = (53, 80, 443)


class Reach:
    """All attempts of one machine, under way at once."""

    def __init__(self, machine: Machine, aims: Aims) -> None:
        self._number = int.from_bytes(os.urandom(2), "big")
        self._trials = Trials(machine.name, aims, self._number)
        self._machine = machine
        self._aims = aims
        self._chooser = selectors.DefaultSelector()
        self._stack = ExitStack()
        self._again: list[Callable[[], object]] = []

    def run(self, init: Init) -> list[Trial]:
        """Try everything on every interface; return the attempts with what became of them."""
        with init.open("ns/net") as space:
            with self._stack, self._chooser:
                with spaces.inside(space):
                    self._start(space)
                self._listen()
            with Netlink(space) as net:
                net.forget_neighbours(self._aims.planned - self._witnesses())
        return self._trials.all

    def _listen(self) -> None:
        """Take in what comes in two turns; while a control is silent, as on a busy machine, in
        more, and in one more after that: what the control vouches for may be as late.
        """
        late = False
        for turn in range(_MOST_TURNS):
            silent = not all(one.reached for one in self._trials.all if one.control)
            if turn >= _TURNS and not (silent or late):
                return
            late = turn >= _TURNS and silent
            for send in self._again if turn else ():
                with suppress(OSError):
                    send()
            self._listen_for(_TURN_SECONDS)

    def _listen_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for key, _ in self._chooser.select(left):
                key.data()

    def _witnesses(self) -> frozenset[str]:
        return frozenset(str(one.address) for one in self._aims.mine.values())

    def _start(self, space: int) -> None:
        with Netlink(space) as net:
            links = [link for link in net.links() if link.name != "lo" and link.up]
            held = net.addresses()
        for link in links:
            segment = self._segment(link)
            mine = [text for index, text in held if index == link.index and ":" not in text]
            source = IPv4Address(mine[0].partition("/")[0]) if mine else IPv4Address(0)
            self._on(link, segment, source)
        self._ask_resolvers()

    def _segment(self, link: Link) -> str:
        for nic in self._machine.nics:
            if nic.name == link.name:
                return nic.segment
        return f"unplanned {link.name}"

    def _on(self, link: Link, segment: str, source: IPv4Address) -> None:
        aims = self._aims
        for address in aims.addresses(segment):
            outer = address not in aims.host.addresses
            for port in _OUTSIDE_PORTS if outer else aims.host.tcp:
                self._connect("tcp", link, segment, address, port)
            for port in _OUTSIDE_PORTS if outer else aims.host.udp:
                self._connect("udp", link, segment, address, port)
        for address6 in aims.host.addresses6:
            self._connect6(link, segment, address6)
        known = aims.mine.get(segment)
        if known:
            self._connect("tcp", link, segment, known.address, witness.WEB, control=True)
            self._connect("udp", link, segment, known.address, witness.ECHO, control=True)
            self._ask(known.address, segment, link, control=True)
        self._ping(link, segment)
        self._frames(link, segment, source)

    def _socket(self, family: int, kind: int, proto: int, link: Link | None) -> socket.socket:
        made = self._stack.enter_context(socket.socket(family, kind, proto))
        made.settimeout(0)
        if kind == socket.SOCK_STREAM:
            # No farewell after the end: it would make new traces of the witness here.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if family == socket.AF_INET:
            made.setsockopt(socket.IPPROTO_IP, _RECVERR, 1)
        if link is not None:
            name = os.fsencode(link.name)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, name)
        return made

    def _watch(self, made: socket.socket, events: int, act: Callable[[], None]) -> None:
        self._chooser.register(made, events, act)

    def _connect(
        self,
        way: str,
        link: Link,
        segment: str,
        address: IPv4Address,
        port: int,
        *,
        control: bool = False,
    ) -> None:
        trial = self._trials.add(segment, way, f"{address}:{port}", control=control)
        kind = socket.SOCK_STREAM if way == "tcp" else socket.SOCK_DGRAM
        made = self._socket(socket.AF_INET, kind, 0, link)
        code = made.connect_ex((str(address), port))
        if code not in {0, errno.EINPROGRESS}:
            trial.detail = os.strerror(code)
            return
        events = selectors.EVENT_WRITE
        if way == "udp":
            events = selectors.EVENT_READ
            send = partial(made.send, b"\0" * 16)
            self._again.append(send)
            try:
                send()
            except OSError as error:
                trial.detail = os.strerror(error.errno or 0)
        self._watch(made, events, lambda: self._judge(made, trial))

    def _judge(self, made: socket.socket, trial: Trial) -> None:
        """Decide an attempt whose socket has something to say."""
        self._chooser.unregister(made)
        offender = _offender(made)
        code = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if offender is not None:
            self._judge_offender(trial, offender)
        elif code == 0:
            trial.mark("answered" if trial.way == "udp" else "accepted")
        elif code == errno.ECONNREFUSED:
            trial.mark("refused by the target itself")
        else:
            trial.detail = os.strerror(code)

    def _judge_offender(self, trial: Trial, offender: str) -> None:
        """A machine that belongs here may say no; a word from anybody else is an answer."""
        if offender in self._aims.planned or offender == "":
            trial.detail = f"turned away by {offender}" if offender else "no way there"
        else:
            trial.mark(f"{offender} sent word that it cannot be reached")

    def _connect6(self, link: Link, segment: str, address: IPv6Address) -> None:
        trial = self._trials.add(segment, "ipv6", f"[{address}]:22")
        scope = link.index if address.is_link_local else 0
        try:
            made = self._socket(socket.AF_INET6, socket.SOCK_STREAM, 0, link)
            code = made.connect_ex((str(address), 22, 0, scope))
        except OSError as error:
            trial.detail = str(error)
            return
        if code in {0, errno.EINPROGRESS}:
            self._watch(made, selectors.EVENT_WRITE, lambda: self._judge(made, trial))
        else:
            trial.detail = os.strerror(code)

    def _ask_resolvers(self) -> None:
        """Ask every resolver that could know the world's names."""
        resolvers = [IPv4Address("127.0.0.11"), *self._aims.host.resolvers]
        resolvers += [IPv4Address(one) for one in self._machine.dns]
        segment = self._machine.nics[0].segment if self._machine.nics else ""
        for resolver in dict.fromkeys(resolvers):
            self._ask(resolver, segment, None)

    def _ask(
        self, resolver: IPv4Address, segment: str, link: Link | None, *, control: bool = False
    ) -> None:
        name = self._aims.name
        trial = self._trials.add(segment, "dns", f"{name} of {resolver}", control=control)
        made = self._socket(socket.AF_INET, socket.SOCK_DGRAM, 0, link)
        try:
            question = witness.dns_question(name, self._number)
            made.connect((str(resolver), witness.DNS if control else 53))
            self._again.append(partial(made.send, question))
            made.send(question)
        except (OSError, UnicodeError) as error:
            trial.detail = str(error)
            return
        self._watch(made, selectors.EVENT_READ, lambda: self._judge_dns(made, trial))

    def _judge_dns(self, made: socket.socket, trial: Trial) -> None:
        try:
            answer = made.recv(4096)
        except OSError as error:
            self._chooser.unregister(made)
            trial.detail = str(error)
            return
        for address in witness.dns_addresses(answer, self._number):
            if not self._belongs(address):
                trial.mark(f"it is {address}")

    def _belongs(self, address: IPv4Address) -> bool:
        nets = (self._aims.fabric.subnet(segment) for segment in self._aims.fabric.bridges)
        return address.is_loopback or any(net is not None and address in net for net in nets)

    def _ping(self, link: Link, segment: str) -> None:
        made = self._socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP, link)
        trials: dict[str, Trial] = {}
        targets = [(one, False) for one in self._aims.addresses(segment)]
        known = self._aims.mine.get(segment)
        targets += [(known.address, True)] if known else []
        for address, control in targets:
            trial = self._trials.add(segment, "icmp", str(address), control=control)
            trials[str(address)] = trial
            send = partial(made.sendto, frames.echo(self._number, 1), (str(address), 0))
            self._again.append(send)
            try:
                send()
            except OSError as error:
                trial.detail = os.strerror(error.errno or 0)
        self._watch(made, selectors.EVENT_READ, lambda: self._judge_ping(made, trials))

    def _judge_ping(self, made: socket.socket, trials: Mapping[str, Trial]) -> None:
        _offender(made)  # local trouble, told apart below
        try:
            data = made.recv(2048)
        except OSError:
            return
        inner = data[(data[0] & 15) * 4 :]
        source = str(IPv4Address(data[12:16]))
        number = struct.pack("!H", self._number)
        if inner[:1] == b"\0" and inner[4:6] == number and source in trials:
            trials[source].mark("echoed")
        elif inner[:1] in {b"\x03", b"\x05", b"\x0b"} and len(inner) >= 34:
            target = str(IPv4Address(inner[24:28]))
            if inner[32:34] == number and target in trials:
                self._judge_offender(trials[target], source)

    def _frames(self, link: Link, segment: str, source: IPv4Address) -> None:
        kind = socket.SOCK_RAW | socket.SOCK_CLOEXEC
        made = self._stack.enter_context(socket.socket(socket.AF_PACKET, kind))
        made.settimeout(0)
        raw = Raw(self._trials, made, link, segment, source)
        raw.send()
        self._again.append(raw.again)
        self._watch(made, selectors.EVENT_READ, raw.take)


def _offender(made: socket.socket) -> str | None:
    """Return who reported the failure of a socket: empty for this machine, None for nobody."""
    try:
        _, extra, _, _ = made.recvmsg(1, 512, _ERRQUEUE)
    except OSError:
        return None
    for level, kind, data in extra:
        if level == socket.IPPROTO_IP and kind == _RECVERR and len(data) >= 24:
            return str(IPv4Address(data[20:24])) if data[4] == _FROM_ICMP else ""
    return ""
