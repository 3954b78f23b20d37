"""What stands on the engine, and whether it answers; from labels alone."""

from __future__ import annotations

from dataclasses import dataclass

from rangectl.app.edges import Edges
from rangectl.app.ranges import CLIENT, Live, live, paused, whole
from rangectl.app.ready import Checked, check
from rangectl.plan.containers import Seen

_NO_CLIENT = "not checked, the range's client is gone: rangectl up brings it back"
_NO_SWITCH = "its switch is gone: rangectl up makes it whole again, rangectl down removes it"


@dataclass(frozen=True, slots=True)
class HostStatus:
    """One host: whether it runs, its addresses by segment, and its checks.

    One that is `paused` is not checked: it does not answer, and need not.
    """

    range: str
    host: str
    kind: str
    running: bool
    addresses: tuple[tuple[str, str], ...]
    checks: tuple[tuple[str, str | None], ...]
    paused: bool = False

    @property
    def state(self) -> str:
        """Whether it runs, in a word."""
        if self.paused:
            return "paused"
        return "running" if self.running else "stopped"


def status(edges: Edges, name: str | None) -> tuple[HostStatus, ...]:
    """Return every host of the ranges of that name (or of all), with its services checked.

    Of a range that lost its switch its hosts are told, and that they are cut off. UsageError when
    nothing is up under that name.
    """
    seen = edges.engine.seen(name)
    ranges = whole(seen) if seen or name is None else live(edges, name)
    lines = [line for range_ in ranges for line in _lines(range_, _checked(edges, range_))]
    known = {range_.spec.id for range_ in ranges}
    return (*lines, *(_cut_off(one) for one in seen if one.range not in known))


def _cut_off(seen: Seen) -> HostStatus:
    checks = (("range", _NO_SWITCH),)
    state = (seen.kind, seen.running)
    return HostStatus(str(seen.range), seen.host, *state, (), checks, seen.frozen)


def _checked(edges: Edges, range_: Live) -> tuple[Checked, ...]:
    if paused(range_.containers):
        return ()
    if any(one.host == CLIENT for one in range_.containers):
        return check(edges, [range_])
    return tuple(
        Checked(range_.spec.id.team, host.name, service, _NO_CLIENT)
        for host, _ in range_.hosts()
        for service in host.services
    )


def _lines(range_: Live, checked: tuple[Checked, ...]) -> list[HostStatus]:
    return [
        HostStatus(
            range=str(range_.spec.id),
            host=host.name,
            kind=host.kind,
            running=seen.running,
            addresses=tuple((nic.segment, str(nic.address.ip)) for nic in host.nics),
            checks=tuple((one.service.name, one.wrong) for one in checked if one.host == host.name),
            paused=seen.frozen,
        )
        for host, seen in range_.hosts()
    ]
