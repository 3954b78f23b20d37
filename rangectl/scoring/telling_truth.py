"""How a run stands, in lines and as plain data: with the answers, or without them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter

from rangectl.scoring.truth import ImplantTruth, Standing, TeamTruth

_ADAPTER = TypeAdapter(Standing)
_OPEN = ("team", "handed_in", "services_down", "done", "injects")


def as_facts(standing: Standing, *, truth: bool) -> dict[str, Any]:
    """Return how a run stands as plain data for JSON; without the `truth`, nothing of what the
    teams are to find.
    """
    facts: dict[str, Any] = _ADAPTER.dump_python(standing, mode="json")
    if not truth:
        facts["teams"] = [{key: team[key] for key in _OPEN} for team in facts["teams"]]
    return facts


def as_lines(standing: Standing, *, truth: bool) -> Iterator[str]:
    """Yield how a run stands, line by line; without the `truth`, without the answers."""
    yield f"{standing.run}: {standing.exercise}, {standing.phase}{_left(standing)}"
    for team in standing.teams:
        yield ""
        yield f"{team.team}: {_handed(team)}"
        if team.services_down:
            yield f"  down: {', '.join(team.services_down)}"
        if team.injects:
            yield f"  injects: {', '.join(team.injects)}"
        if truth:
            yield from _truth(team)


def _left(standing: Standing) -> str:
    if standing.left is None:
        return ""
    own = _span(standing.left * standing.compression)
    return f", {_span(standing.left)} left ({own} of its clock)"


def _handed(team: TeamTruth) -> str:
    counts = team.handed_in
    kinds = (("finding", "findings"), ("request", "requests"), ("reply", "replies"))
    numbers = [(counts.get(one, 0), one, many) for one, many in kinds]
    told = [f"{n} {one if n == 1 else many}" for n, one, many in numbers if n or one != "reply"]
    return ", ".join([*told, *(["done"] if team.done else [])])


def _truth(team: TeamTruth) -> Iterator[str]:
    yield f"  impact so far: {team.impact:g}"
    for actor, until in team.quiet.items():
        yield f"  {actor} is quiet" + (f" until {until:%H:%M:%S}Z" if until else "")
    yield from (f"  tipped off: {tip}" for tip in team.tips)
    yield from (f"  reaction: {reaction}" for reaction in team.reactions)
    rows = [("  STATE", "ENTRY", "HOST", "CHANNEL", "STANDS"), *(_row(i) for i in team.implants)]
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    for row in rows:
        yield "  ".join([*(row[n].ljust(widths[n]) for n in range(4)), row[4]]).rstrip()


def _row(one: ImplantTruth) -> tuple[str, str, str, str, str]:
    stands = ", ".join(one.stands) or "nothing"
    if one.beside:
        stands += f"; broken beside it: {', '.join(one.beside)}"
    return f"  {one.state.upper()}", one.entry, one.host, one.channel, stands


def _span(length: timedelta) -> str:
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
