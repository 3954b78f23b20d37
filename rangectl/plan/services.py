"""What the services of a host are told when it boots: whose they are, and where others stand.

Images know no partner. What they need beside what people leave on a host comes in files.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping

from rangectl.model.people import People
from rangectl.model.topology import Service
from rangectl.plan.keys import derive
from rangectl.plan.links import link
from rangectl.plan.spec import File, HostSpec, RangeSpec, is_administered

SITE = "/etc/default/site"
APP_ACCOUNT = "app"
"""The database, and its owner, that web applications use."""

_SEEN_BY_NAME = {"host", "router", "kit"}
_BY_DATAGRAM = {"snmp"}
_ASN = 64512


def organisation(spec: RangeSpec) -> People:
    """Return the partner's organisation; one is made up where the topology says nothing of it."""
    if spec.people is not None:
        return spec.people
    name = spec.topology.replace("-", " ").title()
    return People(organisation=name, domain=f"{spec.topology}.example")


def settings(spec: RangeSpec, host: HostSpec, secret: str) -> tuple[File, ...]:
    """Return what the services of one host are told."""
    made = [_told(role.name, dict(role.boot)) for role in host.roles if role.boot]
    zones = {segment.name: segment.zone for segment in spec.segments}
    if is_administered(host, zones):
        made.append(_site(spec))
        made += _forward(spec, host)
    for role in host.roles:
        if maker := TOLD.get(role.name):
            made += maker(spec, host, secret)
    return tuple(made)


def app_password(secret: str) -> str:
    """Return what web applications log in to their database with."""
    return derive(secret, "database").hex()[:20]


def with_role(spec: RangeSpec, role: str) -> tuple[HostSpec, ...]:
    """Return the hosts that have a role, by name."""
    found = (host for host in spec.hosts if any(one.name == role for one in host.roles))
    return tuple(sorted(found, key=lambda host: host.name))


def zone_lines(spec: RangeSpec) -> Iterator[str]:
    """Yield the records of the partner's own zone, as a resolver takes them: `NAME TTL IN ...`."""
    domain = organisation(spec).domain
    for name, address in _addresses(spec).items():
        yield f"{name}.{domain}. 300 IN A {address}"
    for host in exchangers(spec):
        yield f"{domain}. 300 IN MX 10 {host.name}.{domain}."


def reverse_lines(spec: RangeSpec) -> Iterator[str]:
    """Yield what the addresses of the partner's own hosts are called: `ADDRESS NAME`."""
    domain = organisation(spec).domain
    for name, address in _addresses(spec).items():
        yield f"{address} {name}.{domain}"


def exchangers(spec: RangeSpec) -> tuple[HostSpec, ...]:
    """Return who takes mail for the partner: a gateway where there is one, else the mail server."""
    found = with_role(spec, "mail")
    gateways = [host for host in found if _boot(host, "mail").get("relay_to")]
    return tuple(gateways) or found[:1]


def _boot(host: HostSpec, name: str) -> dict[str, str | int | bool]:
    """Return what a role of a host is told when it boots."""
    return next((dict(role.boot) for role in host.roles if role.name == name), {})


def _addresses(spec: RangeSpec) -> dict[str, str]:
    """Return the address of every host of partner and guests by name."""
    zones = {segment.name: segment.zone for segment in spec.segments}
    known = (host for host in spec.hosts if host.kind in _SEEN_BY_NAME and host.nics)
    return {
        host.name: str(host.nics[0].address.ip)
        for host in sorted(known, key=lambda host: host.name)
        if zones[host.nics[0].segment] != "adversary"
    }


def _told(name: str, values: Mapping[str, str | int | bool]) -> File:
    """Return the settings of a service, in the form that shells and systemd read."""
    lines = [f"{key.upper()}={shlex.quote(_text(value))}\n" for key, value in values.items()]
    return File(f"/etc/default/{name}", "".join(lines).encode())


def _text(value: str | int | bool) -> str:  # noqa: FBT001 - any value of a variable
    return str(value).lower() if isinstance(value, bool) else str(value).replace("\n", " ")


def _site(spec: RangeSpec) -> File:
    about = organisation(spec)
    values = {"organisation": about.organisation, "domain": about.domain}
    first: dict[str, str] = {}
    for host in sorted(spec.hosts, key=lambda host: host.name):
        for role in host.roles:
            first.setdefault(role.name, host.name)
    for name in ("database", "directory", "fileserver", "loghost", "mail", "resolver"):
        if name in first:
            values[name] = first[name]
    return _told("site", values)


def _forward(spec: RangeSpec, host: HostSpec) -> Iterator[File]:
    """Send a host's log to the log host too, over TCP; what waits is kept in memory, bounded."""
    for target in with_role(spec, "loghost")[:1]:
        if target.name != host.name:
            address = target.nics[0].address.ip
            text = (
                f"# to {target.name}; whether it is there is the watch's to tell\n"
                'global(processInternalMessages="on")\n'
                'if $programname startswith "rsyslogd" and $msg contains "cannot connect" '
                "then stop\n"
                f'*.* action(type="omfwd" target="{address}" port="514" protocol="tcp"\n'
                '  queue.type="LinkedList" queue.size="2000" action.resumeRetryCount="-1"\n'
                '  action.resumeInterval="5" action.reportSuspension="off")\n'
            )
            yield File("/etc/rsyslog.d/60-loghost.conf", text.encode())


def _webapp(spec: RangeSpec, host: HostSpec, secret: str) -> Iterator[File]:
    near = host in with_role(spec, "database")
    where = "127.0.0.1" if near else _boot(host, "webapp").get("database")
    if where:
        line = f"{where}:5432:{APP_ACCOUNT}:{APP_ACCOUNT}:{app_password(secret)}\n"
        yield File("/etc/webapp/pgpass", line.encode(), mode=0o600, owner="webapp")


def _database(spec: RangeSpec, host: HostSpec, secret: str) -> Iterator[File]:
    del spec, host
    text = f"{app_password(secret)}\n".encode()
    yield File("/etc/postgresql/app-password", text, mode=0o640, owner="postgres")


def _dns(spec: RangeSpec, host: HostSpec, secret: str) -> Iterator[File]:
    """Yield the zone that the partner shows the world: the servers the outside may reach."""
    del secret
    domain = organisation(spec).domain
    addresses = _addresses(spec)
    names = [
        one.name
        for one in spec.hosts
        if one.kind == "host" and one.name in addresses and _is_shown(spec, one)
    ]
    serial = f"{spec.since:%Y%m%d}01"
    lines = [
        f"$ORIGIN {domain}.\n$TTL 3600\n",
        f"@ IN SOA {host.name}.{domain}. hostmaster.{domain}. {serial} 7200 1800 1209600 300\n",
        f"@ IN NS {host.name}.{domain}.\n",
        *(f"@ IN MX 10 {one.name}.{domain}.\n" for one in exchangers(spec)),
        f'@ IN TXT "v=spf1 mx -all"\n{host.name} IN A {addresses[host.name]}\n',
        *(f"{name} IN A {addresses[name]}\n" for name in names if name != host.name),
        *(
            f"www IN CNAME {one.name}\n"
            for one in with_role(spec, "proxy")[:1]
            if "www" not in names
        ),
    ]
    yield File(f"/etc/nsd/zones/{domain}.zone", "".join(lines).encode())
    stanza = f"zone:\n    name: {domain}\n    zonefile: zones/{domain}.zone\n"
    yield File("/etc/nsd/nsd.conf.d/zones.conf", stanza.encode())


def _is_shown(spec: RangeSpec, host: HostSpec) -> bool:
    """Say whether the outside may reach one of a host's services."""
    offered = {"any", *(f"{how}/{one.port}" for one in host.services for how in ("tcp", "udp"))}
    here = host.nics[0].segment
    return any(
        rule.to == here and _faces(spec, rule.from_) and offered & set(rule.allow)
        for one in spec.hosts
        for rule in one.policy
    )


def _faces(spec: RangeSpec, segment: str) -> bool:
    return any(one.zone == "adversary" for one in spec.segments if one.name == segment)


def _monitoring(spec: RangeSpec, host: HostSpec, secret: str) -> Iterator[File]:
    """Yield the list of what is watched: host, address, service, kind of check, port.

    That is what the router lets the watch ask.
    """
    del secret
    addresses = _addresses(spec)
    lines = [
        f"{one.name} {addresses[one.name]} {service.name} {_asked(service)} {service.port}\n"
        for one in sorted(spec.hosts, key=lambda one: one.name)
        for service in one.services
        if one.name in addresses and service.check not in _BY_DATAGRAM
        if _lets(spec, host.nics[0].segment, one, service.port)
    ]
    yield File("/etc/sitecheck/targets", "".join(lines).encode())


def _asked(service: Service) -> str:
    """Return how the watch asks a service: pages over TLS are asked for over TLS."""
    return "https" if service.check == "http" and service.tls else service.check


def _lets(spec: RangeSpec, segment: str, target: HostSpec, port: int) -> bool:
    """Say whether somebody in a segment may open a TCP connection to a host."""
    there = {nic.segment for nic in target.nics[:1]}
    if segment in there:
        return True
    rules = (rule for one in spec.hosts for rule in one.policy)
    return any(
        rule.from_ == segment and rule.to in there and {"any", f"tcp/{port}"} & set(rule.allow)
        for rule in rules
    )


def _carrier(spec: RangeSpec, host: HostSpec, secret: str) -> Iterator[File]:
    """Yield a core router's configuration: a session with each of the others."""
    del secret
    routers = with_role(spec, "carrier")
    yield File("/etc/bird/bird.conf", carrier_config(routers, host).encode(), mode=0o640)


def _vpn(spec: RangeSpec, host: HostSpec, secret: str) -> Iterator[File]:
    """Yield a gateway's end of the link with the gateway that it names, if there is that one."""
    peer = _boot(host, "vpn").get("link")
    for other in with_role(spec, "vpn"):
        if other.name == peer and other.nics:
            yield from link(host, other, secret)


def _golden(spec: RangeSpec, host: HostSpec, secret: str) -> Iterator[File]:
    """Yield what the core routers should be set to, for the host that keeps configurations."""
    del secret
    routers = with_role(spec, "carrier")
    when = spec.since.timestamp() - 19 * 86_400
    if routers and host == with_role(spec, "fileserver")[0]:
        for one in routers:
            path = f"/srv/share/golden/{one.name}.conf"
            text = carrier_config(routers, one).encode()
            yield File(path, text, mode=0o664, owner="share", mtime=when)


def carrier_config(routers: tuple[HostSpec, ...], host: HostSpec) -> str:
    """Return what a core router is set to, and its golden copy says."""
    address = host.nics[0].address.ip
    number = routers.index(host)
    text = (
        f"# {host.name}\nlog syslog all;\nrouter id {address};\n\n"
        "protocol device { scan time 60; }\n\n"
        "protocol static customers {\n    ipv4;\n"
        f"    route 10.{128 + number}.0.0/16 blackhole;\n}}\n"
    )
    for index, other in enumerate(routers):
        if other.name != host.name:
            text += (
                f"\nprotocol bgp {other.name.replace('-', '_')} {{\n"
                f"    local {address} as {_ASN + number};\n"
                f"    neighbor {other.nics[0].address.ip} as {_ASN + index};\n"
                "    hold time 240;\n"
                "    ipv4 { import all; export all; };\n}\n"
            )
    return text


_Maker = Callable[[RangeSpec, HostSpec, str], Iterator[File]]
TOLD: Mapping[str, _Maker] = {
    "carrier": _carrier,
    "database": _database,
    "dns": _dns,
    "fileserver": _golden,
    "monitoring": _monitoring,
    "vpn": _vpn,
    "webapp": _webapp,
}
"""What each role is told, beside its own variables."""
