"""The wanted wiring, as the client sends it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv4Network
from typing import Any

Json = dict[str, Any]


class NodeError(Exception):
    """A failure the client can do something about."""


@dataclass(frozen=True, slots=True)
class Nic:
    """One network interface of a machine."""

    name: str
    segment: str
    address: IPv4Interface
    mac: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that a machine gets before its init first runs."""

    path: str
    content: bytes
    mode: int
    owner: str
    mtime: float | None = None

    @property
    def digest(self) -> str:
        """Tell this form of the file from any other."""
        look = f"{self.mode:o} {self.owner} ".encode()
        return hashlib.sha256(look + self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Machine:
    """One container of a range, with its cables."""

    container: str
    name: str
    kind: str
    init: str
    nics: tuple[Nic, ...]
    gateway: str | None
    dns: tuple[str, ...]
    files: tuple[File, ...]
    kept: bool = False
    pack: str = ""
    """The digest of what its people leave there."""


@dataclass(frozen=True, slots=True)
class Fabric:
    """All wanted wiring of one range."""

    range: str
    switch: str
    bridges: tuple[str, ...]
    machines: tuple[Machine, ...]

    def subnet(self, segment: str) -> IPv4Network | None:
        """Return the subnet of a segment, if any machine is plugged into it."""
        for machine in self.machines:
            for nic in machine.nics:
                if nic.segment == segment:
                    return nic.address.network
        return None


def fabric(data: Json) -> Fabric:
    """Read a fabric."""
    return Fabric(
        range=f"{data['range']['name']}/{data['range']['team']}",
        switch=data["switch"],
        bridges=tuple(data["bridges"]),
        machines=tuple(_machine(one) for one in data["machines"]),
    )


def _machine(data: Json) -> Machine:
    spec = data["spec"]
    return Machine(
        container=data["container"],
        name=spec["name"],
        kind=spec["kind"],
        init=spec["init"],
        nics=tuple(_nic(one) for one in spec["nics"]),
        gateway=spec["gateway"],
        dns=tuple(spec["dns"]),
        files=tuple(_file(one) for one in data["files"]),
        kept=bool(data.get("kept")),
        pack=(data.get("pack") or {}).get("digest", ""),
    )


def _nic(data: Json) -> Nic:
    address = IPv4Interface(data["address"])
    return Nic(data["name"], data["segment"], address, data["mac"].lower())


def _file(data: Json) -> File:
    content = base64.b64decode(data["content"])
    return File(data["path"], content, data["mode"], data["owner"], data.get("mtime"))


def short(name: str) -> str:
    """Return a name that fits an interface: itself, or its beginning and a digest."""
    if len(name) <= 15:
        return name
    return f"{name[:8]}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def port_name(machine: Machine, nic: Nic) -> str:
    """Return the name of the switch's end of a cable."""
    return short(f"{machine.name}.{nic.name}")
