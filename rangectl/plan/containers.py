"""Which container a host becomes, and how a range is read back from labels alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Address

from pydantic import ConfigDict, TypeAdapter, ValidationError

from rangectl.model.people import People
from rangectl.model.topology import Limits, size_bytes
from rangectl.plan.spec import BEGINNING, HostKind, HostSpec, RangeId, RangeSpec, SegmentSpec

SWITCH = "switch"
GATE = "/run/gate"
LABEL = "rangectl."
_HOST = TypeAdapter(HostSpec)
_SEGMENTS = TypeAdapter(tuple[SegmentSpec, ...])
_PEOPLE: TypeAdapter[People | None] = TypeAdapter(
    People | None, config=ConfigDict(defer_build=True)
)
_WAIT = f"mkfifo -m 600 {GATE} && read -r _ <{GATE}; rm -f {GATE}; exec "
# A router forwards from its first breath: its filter is there before its cables are, as a Debian
# router's is before its network.
_FILTER = "[ -x /usr/local/sbin/load-filter ] && /usr/local/sbin/load-filter; "

# What sshd, cron, sudo and package tools need in an unprivileged Debian host, and no more.
CAPABILITIES = (
    *("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID"),
    *("SETPCAP", "SETFCAP", "NET_BIND_SERVICE", "NET_RAW", "SYS_CHROOT", "AUDIT_WRITE"),
)


@dataclass(frozen=True, slots=True)
class Container:
    """Everything the engine needs to create one container of a range; memory in bytes."""

    name: str
    hostname: str
    image: str
    entrypoint: tuple[str, ...]
    labels: tuple[tuple[str, str], ...]
    capabilities: tuple[str, ...]
    sysctls: tuple[tuple[str, str], ...]
    memory: int
    pids: int
    cpus: float
    tmpfs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A container of a range, as its engine reports it; a frozen one is running, too."""

    id: str
    range: RangeId
    kind: HostKind
    host: str
    running: bool
    labels: tuple[tuple[str, str], ...]
    frozen: bool = False

    def label(self, key: str) -> str:
        """Return one label of rangectl's, or the empty string."""
        return dict(self.labels).get(LABEL + key, "")

    @property
    def spec(self) -> HostSpec | None:
        """The host as it was wanted when this container was made; None where unreadable."""
        return _read_spec(self.label("spec"))


@lru_cache(maxsize=4096)
def _read_spec(text: str) -> HostSpec | None:
    try:
        return _HOST.validate_json(text)
    except ValidationError:
        return None


def host_container(range_id: RangeId, host: HostSpec, image: str, secret: str) -> Container:
    """Return the container that is this host; its labels say all that it takes to remake it."""
    labels = _labels(range_id, host.kind, host.name, secret) | {
        LABEL + "spec": _HOST.dump_json(host).decode(),
        LABEL + "image": image,
        LABEL + "digest": digest(host, image),
    }
    router = host.kind == "router"
    return Container(
        name=_name(range_id, host.name),
        hostname=host.name,
        image=image,
        entrypoint=("/bin/sh", "-c", (_FILTER if router else "") + _WAIT + _program(host)),
        labels=tuple(sorted(labels.items())),
        capabilities=(*CAPABILITIES, "NET_ADMIN") if router else CAPABILITIES,
        sysctls=_sysctls(forward=router),
        memory=size_bytes(host.limits.memory),
        pids=host.limits.pids,
        cpus=host.limits.cpus,
        tmpfs=("/run", "/run/lock", "/tmp"),  # noqa: S108 - a mount point inside the container
    )


def switch_container(spec: RangeSpec, image: str, secret: str) -> Container:
    """Return the container whose network namespace is the fabric of this range."""
    labels = _labels(spec.id, "switch", SWITCH, secret) | {
        LABEL + "segments": _SEGMENTS.dump_json(spec.segments).decode(),
        LABEL + "people": _PEOPLE.dump_json(spec.people).decode(),
        LABEL + "topology": spec.topology,
        LABEL + "image": image,
    }
    return Container(
        name=_name(spec.id, SWITCH),
        hostname=SWITCH,
        image=image,
        entrypoint=("/bin/sleep", "infinity"),
        labels=tuple(sorted(labels.items())),
        capabilities=(),
        sysctls=_sysctls(forward=False),
        memory=size_bytes(Limits().memory),
        pids=16,
        cpus=1.0,
        tmpfs=(),
    )


def digest(host: HostSpec, image: str) -> str:
    """Return what changes exactly when the container of this host must be made anew.

    Names of other hosts are not part of it: they reach a live host as files. Nor is
    the range's age.
    """
    alone = replace(host, names=(), since=BEGINNING)
    return hashlib.sha256(_HOST.dump_json(alone) + image.encode()).hexdigest()[:16]


def range_from(seen: Iterable[Seen]) -> RangeSpec | None:
    """Rebuild a range from the labels of its containers; None when its switch is not among them."""
    seen = tuple(seen)
    switch = next((one for one in seen if one.kind == "switch"), None)
    if switch is None:
        return None
    try:
        segments = _SEGMENTS.validate_json(switch.label("segments"))
        people = _PEOPLE.validate_json(switch.label("people") or "null")
    except ValidationError:
        return None
    read = (one.spec for one in sorted(seen, key=lambda one: one.host))
    hosts = tuple(host for host in read if host is not None)
    return RangeSpec(
        id=switch.range,
        topology=switch.label("topology"),
        segments=segments,
        hosts=tuple(replace(host, names=names_of(hosts)) for host in hosts),
        people=people,
        since=since_of(seen) or BEGINNING,
    )


def since_of(seen: Iterable[Seen]) -> datetime | None:
    """Return when a range was first brought up, if one of its containers tells."""
    return min((spec.since for one in seen if (spec := one.spec) is not None), default=None)


def names_of(hosts: Iterable[HostSpec]) -> tuple[tuple[str, IPv4Address], ...]:
    """Return the first address of every host that people know by name, sorted."""
    known = (host for host in hosts if host.kind != "client" and host.nics)
    return tuple(sorted((host.name, host.nics[0].address.ip) for host in known))


def container_name(seen: Seen) -> str:
    """Return the name of a container on its engine."""
    return _name(seen.range, seen.host)


def secret_of(seen: Iterable[Seen]) -> str | None:
    """Return the secret that the containers of a range carry, if one does."""
    return next((secret for one in seen if (secret := one.label("secret"))), None)


def live_addresses(seen: Iterable[Seen]) -> Mapping[tuple[str, str], str]:
    """Return (host, segment) → address of every container that exists."""
    return {
        (one.host, nic.segment): str(nic.address.ip)
        for one in seen
        if (spec := one.spec) is not None
        for nic in spec.nics
    }


def _labels(range_id: RangeId, kind: HostKind, host: str, secret: str) -> dict[str, str]:
    return {
        LABEL + "range": str(range_id),
        LABEL + "kind": kind,
        LABEL + "host": host,
        LABEL + "secret": secret,
    }


def _name(range_id: RangeId, host: str) -> str:
    return f"rangectl-{range_id.name}-{range_id.team}-{host}"


def _program(host: HostSpec) -> str:
    if host.init == "systemd":
        return "/sbin/init"
    return "/usr/local/sbin/main" if host.roles else "/bin/sleep infinity"


def _sysctls(*, forward: bool) -> tuple[tuple[str, str], ...]:
    return (
        ("net.ipv4.ip_forward", "1" if forward else "0"),
        ("net.ipv6.conf.all.disable_ipv6", "1"),
        ("net.ipv6.conf.default.disable_ipv6", "1"),
    )
