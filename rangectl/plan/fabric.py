"""What the node agent is asked to wire, and the structure it reads back."""

from __future__ import annotations

from dataclasses import dataclass

from rangectl.plan.spec import File, HostSpec, Pack, RangeId


@dataclass(frozen=True, slots=True)
class Machine:
    """A container of the range: its engine id, its spec, the files it gets before its init first
    runs, and what its people leave there.

    `kept`: it was made from a snapshot that holds these, whatever became of them since.
    """

    container: str
    spec: HostSpec
    files: tuple[File, ...] = ()
    kept: bool = False
    pack: Pack | None = None


@dataclass(frozen=True, slots=True)
class Fabric:
    """The whole wanted wiring of one range: the switch's container, its bridges, and every machine
    (hosts and client).
    """

    range: RangeId
    switch: str
    bridges: tuple[str, ...]
    machines: tuple[Machine, ...]


@dataclass(frozen=True, slots=True)
class Wired:
    """What wiring did: cables and bridges made or removed, gates opened, and machines whose gate
    did not open in time.
    """

    changed: tuple[str, ...]
    opened: tuple[str, ...]
    missing: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing about a machine's wiring or files that is not as wanted: which field, what is there
    and what is wanted. `machine` is empty for the switch.
    """

    machine: str
    field: str


@dataclass(frozen=True, slots=True)
class Link:
    """An interface as the kernel reports it; `peer` is the index of a veth's other end, `master`
    that of its bridge.
    """

    index: int
    name: str
    kind: str
    mac: str
    up: bool
    peer: int | None = None
    master: int | None = None


@dataclass(frozen=True, slots=True)
class Namespace:
    """A network namespace as read: its links, addresses (with prefix), routes (as text), and the
    sysctls that matter.
    """

    links: tuple[Link, ...]
    addresses: tuple[tuple[str, str], ...]
    routes: tuple[str, ...]
    sysctls: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Structure:
    """The structure of one range's fabric; `machines` by host name. A machine that could not be
    read is left out.
    """

    switch: Namespace | None
    machines: tuple[tuple[str, Namespace], ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way out that was tried.

    `way` names the technique (tcp, udp, dns, icmp, ipv6, raw, broadcast), `target` what it aimed
    at. `control` marks an attempt that is meant to succeed: without it the same way's silence
    proves nothing.
    """

    host: str
    segment: str
    way: str
    target: str
    control: bool
    reached: bool
    detail: str = ""
