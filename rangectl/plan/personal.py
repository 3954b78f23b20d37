"""What is particular to one host: the files it gets before its init first runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rangectl.plan.keys import derive, key_pair
from rangectl.plan.routing import rules
from rangectl.plan.services import reverse_lines, settings, zone_lines
from rangectl.plan.spec import File, HostSpec, RangeSpec, is_administered

HUNT_CLIENT = "/usr/local/bin/hunt"
_HUNT_FOLDER = "/usr/local/lib/hunt"
_LAUNCHER = b"""#!/usr/bin/python3
import sys

sys.path[0] = "/usr/local/lib"
from hunt.__main__ import run

run()
"""
LEASE_KEY = "/var/lib/siteops/key"
RELOAD = {
    "resolver": ("systemctl", "reload-or-restart", "unbound"),
    "router": ("nft", "-f", "/etc/nftables.conf"),
    "dns": ("systemctl", "reload-or-restart", "nsd"),
    "carrier": ("birdc", "configure"),
}
"""How a service of a role reads its files again."""
_PATIENT = File(
    "/etc/systemd/system/service.d/watchdog.conf",
    b"# A virtual machine may stand still for a while: nobody is to be ended for that.\n"
    b"[Service]\nWatchdogSec=0\n",
)
"""What keeps an init from killing what said nothing while all of its host was paused."""

_KIT_HOME = "/home/trainee/.ssh"


def files(
    spec: RangeSpec, host: HostSpec, secret: str, hunt: Mapping[str, bytes]
) -> tuple[File, ...]:
    """Return the files of one host; `hunt` are those of the trainee's client."""
    makers: list[Callable[[], tuple[File, ...]]] = [lambda: _names(host)]
    if host.init == "systemd":
        makers.append(lambda: (*_host_key(host, secret), _PATIENT))
    if is_seat(spec, host):
        makers.append(lambda: _seats(secret))
    roles = {role.name for role in host.roles}
    if "resolver" in roles:
        makers.append(lambda: (_zone(spec),))
    if host.kind == "router":
        makers.append(lambda: (File("/etc/nftables.conf", rules(host).encode(), mode=0o644),))
    if host.kind == "kit":
        makers.append(lambda: _kit(spec, secret, hunt))
    makers.append(lambda: settings(spec, host, secret))
    return tuple(file for maker in makers for file in maker())


def is_seat(spec: RangeSpec, host: HostSpec) -> bool:
    """Say whether the partner owns this host, so that hunter and partner have seats on it."""
    return is_administered(host, {segment.name: segment.zone for segment in spec.segments})


def partner_key(secret: str) -> File:
    """Return the partner's private key, as the kit gets it once a request was approved."""
    pair = key_pair(secret, "partner", "partner@site")
    return File(f"{_KIT_HOME}/partner", pair.private, mode=0o600, owner="trainee")


def host_key(secret: str, host: str) -> str:
    """Return the public key by which a host shows who it is, in base64."""
    return key_pair(secret, f"host/{host}", f"root@{host}").public.split()[1]


def _names(host: HostSpec) -> tuple[File, ...]:
    """Return what the engine does not write for a container without a network of its own."""
    lines = ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback"]
    lines += [f"{nic.address.ip}\t{host.name}" for nic in host.nics[:1]]
    resolvers = [str(address) for address in host.dns] or ["127.0.0.1"]
    return (
        File("/etc/hosts", "\n".join([*lines, ""]).encode()),
        File("/etc/resolv.conf", "".join(f"nameserver {one}\n" for one in resolvers).encode()),
    )


def _host_key(host: HostSpec, secret: str) -> tuple[File, ...]:
    pair = key_pair(secret, f"host/{host.name}", f"root@{host.name}")
    path = "/etc/ssh/ssh_host_ed25519_key"
    return (
        File(path, pair.private, mode=0o600),
        File(path + ".pub", pair.public.encode() + b"\n"),
    )


def _seats(secret: str) -> tuple[File, ...]:
    made = [File(LEASE_KEY, derive(secret, "lease").hex().encode() + b"\n")]
    for seat in ("hunter", "partner"):
        line = key_pair(secret, seat, f"{seat}@site").public.encode() + b"\n"
        made.append(File(f"/home/{seat}/.ssh/authorized_keys", line, mode=0o600, owner=seat))
    return tuple(made)


def _zone(spec: RangeSpec) -> File:
    lines = ["server:", '    local-zone: "." static']
    hosts = (host for host in spec.hosts if host.kind != "client" and host.nics)
    lines += [
        f'    local-data: "{host.name}. 300 IN A {host.nics[0].address.ip}"'
        for host in sorted(hosts, key=lambda host: host.name)
    ]
    if spec.people is not None:
        lines += [f'    local-data: "{line}"' for line in zone_lines(spec)]
        lines += [f'    local-data-ptr: "{line}"' for line in reverse_lines(spec)]
    return File("/etc/unbound/unbound.conf.d/zone.conf", "\n".join([*lines, ""]).encode())


def _kit(spec: RangeSpec, secret: str, hunt: Mapping[str, bytes]) -> tuple[File, ...]:
    seats = [host for host in spec.hosts if is_seat(spec, host)]
    config, known = [], []
    for host in sorted(seats, key=lambda host: host.name):
        address = host.nics[0].address.ip
        config.append(_entry(host.name, str(address), "hunter"))
        config.append(_entry(f"{host.name}-partner", str(address), "partner"))
        line = key_pair(secret, f"host/{host.name}", f"root@{host.name}").public
        known.append(f"{host.name},{address} {line.rsplit(' ', 1)[0]}\n")
    hunter = key_pair(secret, "hunter", "hunter@site")
    return (
        File(HUNT_CLIENT, _LAUNCHER, mode=0o755),
        *(File(f"{_HUNT_FOLDER}/{name}", text) for name, text in sorted(hunt.items())),
        File(f"{_KIT_HOME}/config", "\n".join(config).encode(), mode=0o600, owner="trainee"),
        File(f"{_KIT_HOME}/known_hosts", "".join(known).encode(), mode=0o600, owner="trainee"),
        File(f"{_KIT_HOME}/hunter", hunter.private, mode=0o600, owner="trainee"),
    )


def _entry(alias: str, address: str, seat: str) -> str:
    """Return one `Host` block of an ssh client's configuration."""
    return (
        f"Host {alias}\n    HostName {address}\n    User {seat}\n"
        f"    IdentityFile ~/.ssh/{seat}\n    IdentitiesOnly yes\n"
        f"    HostKeyAlias {alias.removesuffix('-partner')}\n"
    )
