"""A small range for tests: its containers made, labelled as tests' own, not wired yet."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from rangectl.model.topology import Init, Limits
from rangectl.plan.containers import host_container, switch_container
from rangectl.plan.fabric import Fabric, Machine
from rangectl.plan.spec import File, HostKind, HostSpec, Nic, RangeId, RangeSpec, SegmentSpec
from rangectl.ports import Engine

LABEL = "rangectl.test"
SEGMENTS = {"office": "10.20.1", "internet": "198.51.100"}
KEY = Ed25519PrivateKey.generate().private_bytes(
    Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
)
OWN = (File("/etc/own", b"mine"), File("/etc/ssh/ssh_host_ed25519_key", KEY, 0o600))


def host(name: str, number: int, *segments: str, kind: HostKind = "host", init: Init) -> HostSpec:
    """Make the spec of a host with one NIC in each segment."""
    nics = tuple(
        Nic(
            f"eth{place}",
            segment,
            IPv4Interface(f"{SEGMENTS[segment]}.{number}/24"),
            f"02:00:00:{place:02x}:00:{number:02x}",
        )
        for place, segment in enumerate(segments)
    )
    first = SEGMENTS[segments[0]]
    gateway = None if kind in {"router", "client"} else IPv4Address(f"{first}.1")
    limits = Limits(memory="256MiB")
    return HostSpec(name, kind, "debian", (), init, nics, gateway, (), (), limits)


HOSTS = (
    host("desk", 20, "office", init="systemd"),
    host("edge", 1, "office", "internet", kind="router", init="process"),
    host("sink", 9, "internet", init="process"),
    host("client", 250, "office", "internet", kind="client", init="process"),
)


def spec(hosts: Sequence[HostSpec] = HOSTS) -> RangeSpec:
    """Make a range under a name of its own."""
    segments = tuple(
        SegmentSpec(name, "partner", IPv4Network(f"{net}.0/24"), IPv4Address(f"{net}.250"))
        for name, net in SEGMENTS.items()
    )
    name = RangeId(f"test-{secrets.token_hex(4)}", "alder")
    return RangeSpec(name, "test", segments, tuple(hosts))


@contextmanager
def containers(
    engine: Engine, image: str, wanted: RangeSpec | None = None, label: str = "node"
) -> Iterator[Fabric]:
    """Create and start the containers of a range, and remove them at the end."""
    wanted = wanted or spec()
    made = [
        switch_container(wanted, image, "secret"),
        *(host_container(wanted.id, one, image, "secret") for one in wanted.hosts),
    ]
    mine = [replace(one, labels=(*one.labels, (LABEL, label))) for one in made]
    try:
        ids = {one.host: one.id for one in engine.create(mine)}
        engine.start(list(ids.values()))
        yield Fabric(
            range=wanted.id,
            switch=ids["switch"],
            bridges=tuple(SEGMENTS),
            machines=tuple(Machine(ids[one.name], one, OWN) for one in wanted.hosts),
        )
    finally:
        engine.remove([one.id for one in engine.seen(wanted.id.name)])
