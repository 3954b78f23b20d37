"""Raw frames on one interface, and the answers to them."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address

from rangectl.node import frames
from rangectl.node.netlink import Link, mac_bytes
from rangectl.node.trials import Trial, Trials

_ATTACH_FILTER = 26
_EVERY_PROTOCOL = 3


class Raw:
    """Raw frames on one interface, and the answers to them."""

    def __init__(
        self, trials: Trials, made: socket.socket, link: Link, segment: str, source: IPv4Address
    ) -> None:
        """Take over a packet socket that is not bound yet."""
        self._trials = trials
        self._socket = made
        self._mac = mac_bytes(link.mac)
        self._segment = segment
        self._source = source
        self._name = link.name
        self._link_local = IPv6Address(b"\xfe\x80" + bytes(6) + os.urandom(8))
        self._known = trials.aims.mine.get(segment)
        self._arps: dict[str, Trial] = {}
        self._echoes: dict[str, Trial] = {}
        self._sent: list[bytes] = []
        self._nodes: Trial | None = None
        self._nodes_control: Trial | None = None
        attach(made, frames.only_answers(trials.number, self._link_local))
        made.bind((link.name, _EVERY_PROTOCOL))

    def send(self) -> None:
        """Send every kind of frame once."""
        aims = self._trials.aims
        for address in aims.addresses(self._segment):
            self._who_has(address)
        others = [one for one in aims.other.values() if one.segment == self._segment]
        for other in others:
            self._echo(other.mac, other.address, "the other range's")
        bridge = aims.bridges.get(self._segment)
        for address in aims.addresses(self._segment) if bridge else ():
            self._echo(bridge or "", address, "the bridge's")
        if self._known:
            self._who_has(self._known.address, control=True)
            self._echo(self._known.mac, self._known.address, "the witness's", control=True)
            self._nodes_control = self._trial("ipv6", "all nodes: the witness", control=True)
        self._nodes = self._trial("ipv6", "all nodes of the link")
        self._put(frames.ipv6_echo_to_all(self._mac, self._link_local, self._trials.number))
        self._shout()

    def _trial(self, way: str, target: str, *, control: bool = False) -> Trial:
        return self._trials.add(self._segment, way, target, control=control)

    def again(self) -> None:
        """Send it all once more: one lost frame must not look like silence."""
        for frame in self._sent:
            with suppress(OSError):
                self._socket.send(frame)

    def _put(self, frame: bytes) -> None:
        self._sent.append(frame)
        with suppress(OSError):
            self._socket.send(frame)

    def _who_has(self, address: IPv4Address, *, control: bool = False) -> None:
        trial = self._trial("raw", f"ARP for {address}", control=control)
        self._arps[str(address)] = trial
        self._put(frames.who_has(self._mac, self._source, address))

    def _echo(self, mac: str, address: IPv4Address, whose: str, *, control: bool = False) -> None:
        target = f"echo of {address} at {whose} MAC"
        trial = self._trial("raw", target, control=control)
        self._echoes.setdefault(str(address), trial)
        macs = (mac_bytes(mac), self._mac)
        self._put(frames.ipv4_echo(macs, self._source, address, self._trials.number))

    def _shout(self) -> None:
        """Emit a nonce to everybody; who heard it is asked when all is over."""
        mark = f"{self._trials.host} {self._name}".encode()
        body = self._trials.aims.nonce + bytes([len(mark)]) + mark
        self._put(frames.frame(frames.EVERYBODY, self._mac, frames.NONCE, body))

    def take(self) -> None:
        """Take in the frames that arrived."""
        with suppress(OSError):  # nothing more, or the interface was set down meanwhile
            for _ in range(256):
                data, origin = self._socket.recvfrom(2048)
                if origin[2] != socket.PACKET_OUTGOING:
                    reply = frames.read(data, self._trials.number, self._link_local)
                    if reply:
                        self._note(reply)

    def _note(self, reply: frames.Reply) -> None:
        if reply.kind == "ipv6":
            witnessed = self._known is not None and reply.mac == self._known.mac
            trial = self._nodes_control if witnessed else self._nodes
        else:
            trial = (self._arps if reply.kind == "arp" else self._echoes).get(reply.address)
        if trial is not None:
            trial.mark(f"{reply.address} ({reply.mac}) answered")


def attach(made: socket.socket, program: bytes) -> None:
    """Let a socket take in only what a program of classic BPF lets through."""
    kept = ctypes.create_string_buffer(program, len(program))
    told = struct.pack("HP", len(program) // 8, ctypes.addressof(kept))
    made.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, told)
