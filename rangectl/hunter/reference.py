"""The reference hunter: looks, reports at once, removes everything at T0, and watches the hold."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any

from .halves import halves
from .leads import Case, Lead, leads
from .seat import Seat
from .signs import read_traces, signs, watched
from .timing import Hunt, first_cycle, is_over, may_say_done, may_strike, should_look_whole

ROUND = 8.0
HOLDING = 15.0
WATCH = 2.0
DEEP_EVERY = 4


class Hunter:
    """One hunt, from the first look to the end of the hold."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.register = seat.register()
        self.cycle = first_cycle((time.time() - seat.now()) % 60)
        self.round = 0
        self.whole = False
        self.slow = 0.0
        self.traced: dict[str, tuple[Lead, ...]] = {}
        self.known: dict[tuple[str, str], Lead] = {}
        self.first: dict[tuple[str, str], float] = {}
        self.present: set[tuple[str, str]] = set()
        self.proven: dict[tuple[str, str], frozenset[str]] = {}
        self.refused: list[dict[str, Any]] = []
        self.news = 0.0
        self.fresh = 0
        self.quiet = 0
        self.removed: float | None = None
        self.said_done = False
        self._alone = threading.Lock()

    def run(self) -> None:
        """Hunt until the last removal has held or the time is over."""
        self.seat.hunt(
            "request", "partner-seat", "--why", "to remove what we find in one go, once scoped"
        )
        self.seat.tell(f"hosts: {', '.join(self.register.hosts)}; asked for the partner seat")
        while not self.is_over():
            begun = self.seat.now()
            self.step()
            self.slow = max(self.slow, self.seat.now() - begun)
            length = ROUND if self.removed is None else HOLDING
            time.sleep(pause(begun, self.seat.now(), self.cycle, length))
        if not self.said_done:
            self.say_done()

    def step(self) -> None:
        """Play one round: look, report, and act if it is time to."""
        self.look()
        standing = [self.known[key] for key in sorted(self.present) if self.known[key].removal]
        if self.removed is None and may_strike(
            self.state(), self.register.length, self.register.hold
        ):
            self.seat.tell(f"T0: {len(standing)} leads on {len({x.host for x in standing})} hosts")
            self.strike(standing)
        elif self.removed is not None and standing:
            self.seat.tell(f"{len(standing)} leads stand after T0: removed again")
            self.strike(standing)
        elif not self.said_done and may_say_done(self.state(), self.removed):
            self.say_done()

    def state(self) -> Hunt:
        """Return how the hunt stands."""
        waiting = [self.first[k] for k in self.present if self.known[k].waiting]
        return Hunt(
            now=self.seat.now(),
            cycle=self.cycle,
            news=self.news,
            quiet=self.quiet,
            waiting=max(waiting, default=None),
            seat=self.seat.has_partner_seat(),
            leads=len(self.present),
            whole=self.whole,
            slow=self.slow,
        )

    def is_over(self) -> bool:
        """Return whether nothing more is to be done."""
        return is_over(self.state(), self.removed, self.register.length, self.register.hold)

    def look(self) -> None:
        """Look at every host, and hand in at once what one shows: others may be slow. What was
        refused the last time is handed in once more.
        """
        refused, self.refused = self.refused, []
        self.seat.submit(refused)
        last = should_look_whole(self.state(), self.register.length, self.register.hold)
        deep = self.round % DEEP_EVERY == 0 or (self.removed is None and last)
        self.round += 1
        self.fresh = 0
        excluded = list(self.register.excluded)
        ask = {"wide": False, "deep": deep, "watch": WATCH, "excluded": excluded}
        hidden = {
            host: [lead.file for lead in self.known.values() if lead.host == host and lead.file]
            for host in self.register.hosts
        }
        own = self.seat.own_keys()

        def act(host: str) -> tuple[Lead, ...]:
            view = self.seat.survey(host, ask | {"also": hidden[host]})
            seen = leads(Case(host, view, self.register, own))
            self.take_in(host, (*seen, *self.traced.get(host, ())))
            return seen

        found = self.seat.on_all(self.register.hosts, act)
        seen_whole = self.trace() & found.keys() if deep else frozenset()
        self.whole = seen_whole == set(self.register.hosts)
        if deep:
            for host, seen in found.items():
                self.take_in(host, (*seen, *self.traced.get(host, ())))
        self.quiet = 0 if self.fresh else self.quiet + 1

    def trace(self) -> frozenset[str]:
        """Look at what else the hosts show, which changes more slowly; one host is compared with
        the others. Return those that answered.
        """
        told = self.seat.on_all(
            self.register.hosts,
            lambda host: self.seat.traces(
                host, tuple(watched(self.register, host)), self.register.excluded
            ),
        )
        for host, traces in read_traces(told, self.register):
            try:
                self.traced[host] = halves(traces, signs(traces))
            except (KeyError, TypeError, AttributeError, ValueError) as error:
                self.seat.tell(f"{host}: what it told makes no sense: {error!r}")
        return frozenset(told)

    def take_in(self, host: str, found: Iterable[Lead]) -> None:
        """Keep all that was found on a host, and hand in what is new or better proven."""
        with self._alone:
            seen = {(host, lead.name): lead for lead in found}
            fresh = {key: lead for key, lead in seen.items() if key not in self.present}
            better = [seen[key] for key in seen if key not in fresh and self.is_better(seen[key])]
            for key, lead in fresh.items():
                self.seat.tell(f"{lead.host}: {lead.technique} {lead.name}: {lead.note}")
                self.first.setdefault(key, self.seat.now())
                self.proven[key] = lead.strength
                self.news = self.seat.now()
            self.fresh += len(fresh)
            self.known |= seen
            self.present = {key for key in self.present if key[0] != host} | set(seen)
        refused = self.seat.submit([lead.finding() for lead in (*fresh.values(), *better)])
        with self._alone:
            self.refused += refused

    def is_better(self, lead: Lead) -> bool:
        """Return whether a known lead is better proven than it was."""
        proven = self.proven.get((lead.host, lead.name), frozenset())
        self.proven[lead.host, lead.name] = proven | lead.strength
        return not lead.strength <= proven

    def strike(self, standing: Sequence[Lead]) -> None:
        """Remove everything on all hosts at the same time, starters first."""
        plans: dict[str, list[dict[str, Any]]] = {}
        for lead in standing:
            plans.setdefault(lead.host, []).extend(lead.removal)
        for plan in plans.values():
            plan.sort(key=lambda step: int(step["order"]))
        went = self.seat.on_all(tuple(plans), lambda host: self.seat.evict(host, plans[host]))
        for host, results in went.items():
            for step, result in zip(plans[host], results, strict=False):
                self.seat.tell(f"{host}: {step['do']} {step.get('path', '')}: {result}")
        self.removed = self.seat.now()
        self.round = 0
        # What is only reported stays, and is no news.
        self.traced = {
            host: tuple(one for one in found if not one.removal)
            for host, found in self.traced.items()
        }
        self.present = {key for key in self.present if not self.known[key].removal}
        self.quiet = 0

    def say_done(self) -> None:
        """Say that nothing more is coming."""
        self.seat.hunt("done", "--note", f"{len(self.known)} findings")
        self.said_done = True
        self.seat.tell("done")


def pause(begun: float, now: float, cycle: float, length: float = ROUND) -> float:
    """Return how long to wait for the next round; one begins when a cycle of cron is over."""
    following = max(now, begun + length)
    return (cycle if now < cycle < following else following) - now
