"""Some hosts of a range looked after, and all others left as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from rangectl.errors import UsageError
from rangectl.plan.containers import Seen, names_of
from rangectl.plan.spec import RangeSpec


def chosen(spec: RangeSpec, only: Sequence[str]) -> frozenset[str]:
    """Return the hosts that these names and patterns mean, with the client; all without any.

    UsageError for one that means none.
    """
    names = [host.name for host in spec.hosts if host.kind != "client"]
    for one in only:
        if not any(fnmatchcase(name, one) for name in names):
            message = f"--only: no host of this topology is called {one!r}"
            raise UsageError(message, hint=f"its hosts: {', '.join(names)}")
    return frozenset(
        host.name
        for host in spec.hosts
        if not only or host.kind == "client" or any(fnmatchcase(host.name, one) for one in only)
    )


def narrowed(spec: RangeSpec, seen: Sequence[Seen], cared: frozenset[str]) -> RangeSpec:
    """Return the range with these hosts as they are wanted, and all others as they are there.

    One that is not there stays as it is wanted: names of it may be known already.
    """
    if all(host.name in cared for host in spec.hosts):
        return spec
    there = {one.host: one.spec for one in seen if one.spec is not None and one.host not in cared}
    strangers = (there[name] for name in sorted(there.keys() - {host.name for host in spec.hosts}))
    hosts = (*(there.get(host.name, host) for host in spec.hosts), *strangers)
    return replace(spec, hosts=tuple(replace(host, names=names_of(hosts)) for host in hosts))
