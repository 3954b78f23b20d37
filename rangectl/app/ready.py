"""Waiting until every service of a range answers as it must."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rangectl.app.edges import Edges
from rangectl.app.ranges import CLIENT, Live
from rangectl.app.story import story
from rangectl.errors import RangeError
from rangectl.model.topology import Service
from rangectl.plan.logins import settled
from rangectl.progress import Progress, Tell

_PAUSE, _LONG_PAUSE, _QUIET, _LONG_QUIET = 0.15, 2.0, 3.0, 15.0
_EACH = 0.02
"""Seconds until the next round for each service to be asked in it: what boots needs the cores."""
_MANY = 5


@dataclass(frozen=True, slots=True)
class Checked:
    """What one check of one service found; `wrong` is None when the service is up.

    One that could not be `asked` is not to blame for that.
    """

    team: str
    host: str
    service: Service
    wrong: str | None
    asked: bool = True


@dataclass(frozen=True, slots=True)
class _Ask:
    client: str
    address: str
    team: str
    host: str
    service: Service


def check(
    edges: Edges, ranges: Sequence[Live], seconds: float | None = None
) -> tuple[Checked, ...]:
    """Check every service of these ranges once, all at the same time. An answer may take so many
    `seconds`, if that is to be more than usual.
    """
    return _round(edges, _asks(ranges), seconds)


def wait_ready(
    edges: Edges,
    ranges: Sequence[Live],
    *,
    seconds: float = 60,
    tell: Tell | None = None,
    only: Collection[str] | None = None,
) -> int:
    """Return the number of services once all are up, and tell now and then what is waited for.

    RangeError names those that never were, `seconds` after the last one came up, and says of each
    host what is known of it. With `only`, the services of these hosts alone are waited for.
    """
    asks = [ask for ask in _asks(ranges) if only is None or ask.host in only]
    pending = asks
    told = began = edges.clock.now()
    last = ""
    while True:
        results, before = _round(edges, pending), len(pending)
        pending = [ask for ask, result in zip(pending, results, strict=True) if result.wrong]
        if len(pending) < before:
            began = edges.clock.now()
        if not pending:
            return len(asks)
        if (edges.clock.now() - began).total_seconds() > seconds:
            raise _never(edges, ranges, [result for result in results if result.wrong])
        waits = _waits([result for result in results if result.wrong])
        quiet = _QUIET if waits != last else _LONG_QUIET
        if tell is not None and (edges.clock.now() - told).total_seconds() > quiet:
            told, last = edges.clock.now(), waits
            tell(Progress("wait", waits))
        edges.clock.sleep(max(_PAUSE, min(_LONG_PAUSE, len(pending) * _EACH)))


def _asks(ranges: Sequence[Live]) -> list[_Ask]:
    return [
        _Ask(
            client=range_.container(CLIENT).id,
            address=str(host.nics[0].address.ip),
            team=range_.spec.id.team,
            host=host.name,
            service=settled(service, range_.spec, range_.secret),
        )
        for range_ in ranges
        for host, _ in range_.hosts()
        for service in host.services
    ]


def _round(edges: Edges, asks: Sequence[_Ask], seconds: float | None = None) -> tuple[Checked, ...]:
    def one(ask: _Ask) -> Checked:
        try:
            wrong = edges.checker.check(ask.client, ask.address, ask.service, seconds)
        except RangeError as error:
            return Checked(ask.team, ask.host, ask.service, str(error), asked=False)
        return Checked(ask.team, ask.host, ask.service, wrong)

    return tuple(edges.each(one, asks))


def _waits(failed: Sequence[Checked]) -> str:
    names = [f"{one.team} {one.host} {one.service.name} ({one.wrong})" for one in failed]
    more = f" and {len(names) - _MANY} more" if len(names) > _MANY else ""
    return f"waiting for {', '.join(names[:_MANY])}{more}"


def _never(edges: Edges, ranges: Sequence[Live], failed: Sequence[Checked]) -> RangeError:
    lines = [f"  {one.team}: {one.host} {one.service.name}: {one.wrong}" for one in failed]
    hosts = list(dict.fromkeys((one.team, one.host) for one in failed))
    of = {range_.spec.id.team: range_ for range_ in ranges}
    known = [line for team, host in hosts[:_MANY] for line in story(edges, of[team], host)]
    return RangeError(
        "\n".join(["not ready in time:", *lines, *known]),
        hint="look at the host with: rangectl exec NAME/TEAM HOST -- journalctl -n 50",
    )
