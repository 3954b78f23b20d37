"""What one visit needs to be carried out: whose it is, where it leads, with which key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rangectl.model.topology import Service
from rangectl.model.traffic import Activity
from rangectl.people import Person
from rangectl.people.facts import comment
from rangectl.plan.keys import KeyPair, key_pair
from rangectl.plan.partner import entry_of, password_of, people
from rangectl.plan.services import organisation, with_role
from rangectl.plan.spec import HostSpec, RangeSpec
from rangectl.plan.traffic import Visit

_SOMEBODY = 1000
_PEERS = 12


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who goes on an errand; without an account nothing is known but that there is somebody.

    `entry` is the name of the directory's entry, `key` a private key, `folder` the share of
    the department. `peers` are colleagues' addresses of mail.
    """

    uid: int = _SOMEBODY
    account: str = ""
    name: str = ""
    mail: str = ""
    entry: str = ""
    password: str = ""
    key: bytes = b""
    folder: str = ""
    peers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Errand:
    """A visit from a container to a service; `at` is the host it starts from, by its full name.

    `host` is what the server is called, `resolver` who is asked for that name first, if anybody;
    `names` are others that people know.
    """

    container: str
    at: str
    who: Somebody
    do: Activity
    host: str
    address: str
    service: Service
    resolver: str | None
    names: tuple[str, ...]
    seed: int


def errand(visit: Visit, spec: RangeSpec, secret: str, container: str) -> Errand:
    """Return what a visit needs, in the range of this secret."""
    domain = organisation(spec).domain
    source, target = spec.host(visit.host), visit.target
    return Errand(
        container=container,
        at=f"{visit.host}.{domain}",
        who=Somebody() if visit.person is None else _known(visit.person, spec, secret),
        do=visit.do,
        host=target.host,
        address=target.address,
        service=target.service,
        resolver=str(source.dns[0]) if source.dns and visit.do != "resolve" else None,
        names=tuple(sorted(_names(spec, domain))),
        seed=visit.seed,
    )


def _known(person: Person, spec: RangeSpec, secret: str) -> Somebody:
    domain = organisation(spec).domain
    found = people(spec)
    staff = found.staff if found is not None else ()
    return Somebody(
        uid=person.uid,
        account=person.account,
        name=person.name,
        mail=person.mail,
        entry=entry_of(person, domain),
        password=password_of(secret, person),
        key=key_of(secret, person).private if person.admin else b"",
        folder=person.department.key,
        peers=tuple(one.mail for one in _near(person, staff)),
    )


def _near(person: Person, staff: tuple[Person, ...]) -> tuple[Person, ...]:
    """Return some colleagues, those of the same department first."""
    others = [one for one in staff if one is not person]
    mine = [one for one in others if one.department is person.department]
    return tuple([*mine, *(one for one in others if one not in mine)][:_PEERS])


def _names(spec: RangeSpec, domain: str) -> Iterator[str]:
    zones = {segment.name: segment.zone for segment in spec.segments}
    if not with_role(spec, "resolver"):
        return
    for host in spec.hosts:
        if _is_known(host) and zones[host.nics[0].segment] == "partner":
            yield f"{host.name}.{domain}" if spec.people is not None else host.name


def _is_known(host: HostSpec) -> bool:
    return host.kind in {"host", "router"} and bool(host.nics)


def key_of(secret: str, person: Person) -> KeyPair:
    """Return a person's ssh key pair in the range of this secret."""
    return key_pair(secret, person.key, comment(person))
