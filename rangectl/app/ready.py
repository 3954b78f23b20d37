"""Waiting until every service of a range answers as it must."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rangectl.app.edges import Edges
from rangectl.app.ranges import CLIENT, Live
from rangectl.errors import RangeError
from rangectl.model.topology import Service

_PAUSE = 0.15


@dataclass(frozen=True, slots=True)
class Checked:
    """What one check of one service found; `wrong` is None when the service is up."""

    team: str
    host: str
    service: Service
    wrong: str | None


@dataclass(frozen=True, slots=True)
class _Ask:
    client: str
    address: str
    team: str
    host: str
    service: Service


def check(edges: Edges, ranges: Sequence[Live]) -> tuple[Checked, ...]:
    """Check every service of these ranges once, all at the same time."""
    return _round(edges, _asks(ranges))


def wait_ready(edges: Edges, ranges: Sequence[Live], *, seconds: float = 60) -> int:
    """Return the number of services once all are up; RangeError names those that never were."""
    asks = _asks(ranges)
    pending = asks
    began = edges.clock.now()
    while True:
        results = _round(edges, pending)
        pending = [ask for ask, result in zip(pending, results, strict=True) if result.wrong]
        if not pending:
            return len(asks)
        if (edges.clock.now() - began).total_seconds() > seconds:
            raise _never([result for result in results if result.wrong])
        edges.clock.sleep(_PAUSE)


def _asks(ranges: Sequence[Live]) -> list[_Ask]:
    return [
        _Ask(
            client=range_.container(CLIENT).id,
            address=str(host.nics[0].address.ip),
            team=range_.spec.id.team,
            host=host.name,
            service=service,
        )
        for range_ in ranges
        for host, _ in range_.hosts()
        for service in host.services
    ]


def _round(edges: Edges, asks: Sequence[_Ask]) -> tuple[Checked, ...]:
    def one(ask: _Ask) -> Checked:
        wrong = edges.checker.check(ask.client, ask.address, ask.service)
        return Checked(ask.team, ask.host, ask.service, wrong)

    return tuple(edges.each(one, asks))


def _never(failed: Sequence[Checked]) -> RangeError:
    lines = [f"  {one.team}: {one.host} {one.service.name}: {one.wrong}" for one in failed]
    return RangeError(
        "\n".join(["not ready in time:", *lines]),
        hint="look at the host with: rangectl exec NAME/TEAM HOST -- journalctl -n 50",
    )
