"""What the services of a host may not mean, though the schema lets them say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from rangectl.model.parse.marks import Path
from rangectl.model.parse.problem import Problem
from rangectl.model.topology import CheckKind, Service

KEYS: Mapping[str, tuple[CheckKind, ...]] = {
    "query": ("dns", "ldap", "snmp", "sql"),
    "path": ("http",),
    "database": ("sql",),
    "title": ("dicom",),
    "login": ("http", "imap", "ldap", "smb", "smtp", "sql", "ssh"),
    "tls": ("http", "imap", "ldap", "smtp", "tcp"),
}
"""Which kinds of checks each key of a service is for; `name`, `check`, `port` and `expect` are for
all of them.
"""
EXPECTATIONS: Mapping[str, tuple[CheckKind, ...]] = {
    "status": ("http",),
    "body": ("http",),
    "answer": ("dns",),
    "banner": ("imap", "smtp", "ssh", "tcp"),
    "recipient": ("smtp",),
    "mailbox": ("imap",),
    "entry": ("ldap",),
    "share": ("smb",),
    "file": ("smb",),
    "value": ("snmp", "sql"),
    "registers": ("modbus",),
}
"""Which kinds of checks can expect each thing."""

_VERBS = {"query": "have a query", "path": "have a path", "login": "log in", "tls": "use tls"}
_NEEDS_LOGIN = {"mailbox": "reading a mailbox", "share": "opening a share"}


def service_problems(path: Path, services: Sequence[Service]) -> Iterator[Problem]:
    """Yield what is wrong with the services of one host."""
    counts = Counter(service.name for service in services)
    for index, service in enumerate(services):
        where = (*path, index)
        if counts[service.name] > 1:
            yield Problem((*where, "name"), f'several services are named "{service.name}"')
        if not service.path.startswith("/"):
            yield Problem((*where, "path"), "must begin with /")
        yield from _key_problems(where, service)
        yield from _lacking(where, service)


def _key_problems(path: Path, service: Service) -> Iterator[Problem]:
    for key, kinds in KEYS.items():
        if key in service.model_fields_set and service.check not in kinds:
            verb = _VERBS.get(key, f"have a {key}")
            yield Problem((*path, key), f"only {_either(kinds)} checks {verb}", key=True)
    for key in sorted(service.expect.model_fields_set):
        kinds = EXPECTATIONS[key]
        if service.check not in kinds:
            message = f"only {_either(kinds)} checks can expect this"
            yield Problem((*path, "expect", key), message, key=True)


def _lacking(path: Path, service: Service) -> Iterator[Problem]:
    """Yield what a check cannot do without."""
    if service.check == "dns" and service.query is None:
        yield Problem((*path, "query"), "a dns check needs a name to ask for", key=True)
    if service.check == "sql" and service.login is None:
        yield Problem((*path, "login"), "a sql check needs a login", key=True)
    wanted = service.expect
    for key, doing in _NEEDS_LOGIN.items():
        fits = service.check in EXPECTATIONS[key]
        if fits and getattr(wanted, key) is not None and service.login is None:
            yield Problem((*path, "expect", key), f"{doing} needs a login", key=True)
    if service.check == "smb" and wanted.file is not None and wanted.share is None:
        yield Problem((*path, "expect", "file"), "a file needs its share", key=True)


def _either(kinds: Collection[str]) -> str:
    *most, last = kinds
    return f"{', '.join(most)} or {last}" if most else last
