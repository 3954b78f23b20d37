"""What can be known of the engine's own machine: the addresses and ports nothing may reach."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

_LOCAL = re.compile(r"\|-- (\d+\.\d+\.\d+\.\d+)\n\s+/32 host LOCAL")
_MOST = 16
_LISTENING, _BOUND = "0A", "07"
PORTS = (22, 53, 80, 443, 2375)


@dataclass(frozen=True, slots=True)
class Host:
    """The addresses of the engine's machine, the ports it listens on, and the resolvers it asks."""

    addresses: tuple[IPv4Address, ...]
    addresses6: tuple[IPv6Address, ...]
    tcp: tuple[int, ...]
    udp: tuple[int, ...]
    resolvers: tuple[IPv4Address, ...]


def look() -> Host:
    """Look at the engine's machine through this container's parent (of the engine) and pid 1."""
    processes = [Path("/proc") / str(pid) for pid in {os.getppid(), 1}]
    texts = [text for process in processes for text in _texts(process / "net/fib_trie")]
    found = {IPv4Address(one) for text in texts for one in _LOCAL.findall(text)}
    found6 = {one for process in processes for one in _addresses6(process)}
    resolvers = {one for process in processes for one in _resolvers(process)}
    return Host(
        addresses=tuple(sorted(one for one in found if not one.is_loopback))[:_MOST],
        addresses6=tuple(sorted(one for one in found6 if not one.is_loopback))[:_MOST],
        tcp=_ports(processes, "tcp", _LISTENING),
        udp=_ports(processes, "udp", _BOUND),
        resolvers=tuple(sorted(resolvers))[:4],
    )


def _texts(path: Path) -> Iterator[str]:
    with suppress(OSError):
        yield path.read_text(errors="replace")


def _addresses6(process: Path) -> Iterator[IPv6Address]:
    for text in _texts(process / "net/if_inet6"):
        for line in text.splitlines():
            yield IPv6Address(bytes.fromhex(line.split()[0]))


def _resolvers(process: Path) -> Iterator[IPv4Address]:
    for text in _texts(process / "root/etc/resolv.conf"):
        for line in text.splitlines():
            words = line.split()
            if len(words) > 1 and words[0] == "nameserver":
                with suppress(ValueError):
                    address = ip_address(words[1])
                    if isinstance(address, IPv4Address) and not address.is_loopback:
                        yield address


def _ports(processes: list[Path], proto: str, state: str) -> tuple[int, ...]:
    """Return the usual ports and those that are open, at most so many of these."""
    found = set()
    for process in processes:
        for name in (proto, f"{proto}6"):
            for text in _texts(process / "net" / name):
                rows = (line.split() for line in text.splitlines()[1:])
                found |= {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == state}
    return (*PORTS, *sorted(found - set(PORTS))[:_MOST])
