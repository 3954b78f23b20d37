"""The people of a range: who works at the partner's, from what the range's spec says."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache, partial

from rangectl import people as folk
from rangectl.people import People, Person, Site
from rangectl.plan.keys import KeyPair, derive, key_pair
from rangectl.plan.spec import HostSpec, Pack, RangeSpec, is_administered

_WORDS = ("Herbst", "Lantern", "Granit", "Sparrow", "Kompass", "Meadow", "Juniper", "Harbour")
_SIGNS = "!.-+"
_FORM = 1
"""Changed when hosts that are up should be given what their people leave again."""


def people(spec: RangeSpec) -> People | None:
    """Return who works at the partner's; None where the topology says nothing of people."""
    found = site(spec)
    return None if found is None else folk.of(found)


def site(spec: RangeSpec) -> Site | None:
    """Return what the people of a range are made from: the organisation, its hosts, its present."""
    if spec.people is None:
        return None
    zones = {segment.name: segment.zone for segment in spec.segments}
    hosts = (
        _host(host, administered=is_administered(host, zones))
        for host in sorted(spec.hosts, key=lambda host: host.name)
        if host.kind in {"host", "router"}
        and any(zones[nic.segment] == "partner" for nic in host.nics)
    )
    return Site(spec.people, tuple(hosts), spec.since.astimezone(UTC))


def password_of(secret: str, person: Person) -> str:
    """Return what a person logs in with where a password is asked for: mail, files, directory."""
    return RangeSecrets(secret).password(person.account)


@dataclass(frozen=True, slots=True)
class RangeSecrets:
    """Keys and passwords of one range, from its secret."""

    secret: str

    def pair(self, purpose: str, comment: str) -> KeyPair:
        """Return the key pair of a purpose."""
        return key_pair(self.secret, purpose, comment)

    def password(self, account: str) -> str:
        """Return the password of an account; its hash may be read, so no list of words has it."""
        drawn = derive(self.secret, f"password/{account}")
        word = _WORDS[drawn[0] % len(_WORDS)]
        number = int.from_bytes(drawn[1:4]) % 9000 + 1000
        more = b32encode(drawn[5:15]).decode().lower()
        return f"{word}{number}{_SIGNS[drawn[4] % len(_SIGNS)]}{more}"

    def salt(self, account: str) -> str:
        """Return sixteen letters for hashing that password."""
        return derive(self.secret, f"salt/{account}").hex()[:16]


def pack_of(spec: RangeSpec, host: HostSpec, secret: str) -> Pack | None:
    """Return what a host's people leave there; None where nobody has an account."""
    found = site(spec) if host.people else None
    if found is None:
        return None
    digest = hashlib.sha256(repr((_FORM, found, host.name, secret)).encode()).hexdigest()
    return Pack(digest, partial(_packed, found, host.name, secret))


@lru_cache(maxsize=1024)
def _packed(found: Site, name: str, secret: str) -> bytes:
    # Loaded where it is made: nearly always the digest alone is looked at.
    from rangectl.people.moving import belongings
    from rangectl.plan.pack import packed

    host = next(one for one in found.hosts if one.name == name)
    return packed(belongings(folk.of(found), host, RangeSecrets(secret)))


def entry_of(person: Person, domain: str) -> str:
    """Return the name of a person's entry in the directory."""
    return f"uid={person.account},ou=people,{suffix_of(domain)}"


def suffix_of(domain: str) -> str:
    """Return the name of the directory's own entry: `port.example` gives `dc=port,dc=example`."""
    return ",".join(f"dc={label}" for label in domain.split("."))


def _host(host: HostSpec, *, administered: bool) -> folk.Host:
    return folk.Host(
        name=host.name,
        address=host.nics[0].address.ip,
        segment=host.nics[0].segment,
        roles=tuple(role.name for role in host.roles),
        kind=host.kind,
        administered=administered,
        keeps=_keeps(host),
    )


def _keeps(host: HostSpec) -> str:
    """Return what a web application lists, where it has no database to ask."""
    roles = {role.name: dict(role.boot) for role in host.roles}
    if "webapp" not in roles or "database" in roles or roles["webapp"].get("database"):
        return ""
    return str(roles["webapp"].get("records", "records"))
