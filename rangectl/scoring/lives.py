"""Implants over time: a fold of what was planted, seen, hushed and removed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rangectl.model.events import Event, Observed, Planted, Reacted, Rebuilt, ServiceChecked
from rangectl.model.planting import Artefact, Component

_HUSHED = ("process", "traffic")


@dataclass
class Part:
    """A component over time: since when it is `gone`, or None while it is there."""

    component: Component
    gone: datetime | None = None

    def held(self, hold: timedelta, now: datetime) -> bool:
        """Say whether it has been gone, without a break, for the whole hold."""
        return self.gone is not None and now - self.gone >= hold

    def holding(self, hold: timedelta, now: datetime) -> bool:
        """Say whether it is gone and its hold still runs."""
        return self.gone is not None and now - self.gone < hold


@dataclass
class Life:
    """An artefact from its planting on; `was_gone` once all that is required was gone at a time.

    `hushed`: its actor keeps quiet, so that silence is no removal; `silent` notes since when which
    component is not seen then. `kills` are the moments at which a process was ended that came back
    because what starts it stood. `spells` are the times, from and to, in which all was at work.
    """

    artefact: Artefact
    planted: datetime
    parts: dict[str, Part] = field(default_factory=dict)
    was_gone: bool = False
    hushed: bool = False
    silent: dict[str, datetime] = field(default_factory=dict)
    waking: set[str] = field(default_factory=set)
    kills: list[datetime] = field(default_factory=list)
    spells: list[tuple[datetime, datetime]] = field(default_factory=list)
    working: datetime | None = None

    @property
    def required(self) -> list[Part]:
        """The parts that must go."""
        return [part for part in self.parts.values() if part.component.required]

    @property
    def solid(self) -> list[Part]:
        """The parts that must go and are seen on the host itself: all but traffic, if there are."""
        required = self.required
        return [part for part in required if part.component.kind != "traffic"] or required

    @property
    def persistent(self) -> list[Part]:
        """The parts that bring others back."""
        return [part for part in self.parts.values() if part.component.persistence]

    @property
    def stands(self) -> bool:
        """Whether something is left of it that its actor could use."""
        return any(part.gone is None for part in (*self.solid, *self.persistent))

    @property
    def removed(self) -> datetime | None:
        """Since when all is gone that is seen on the host itself; None while some of it stands."""
        moments = [part.gone for part in self.solid]
        if not self.required or None in moments:
            return None
        return max(moment for moment in moments if moment is not None)

    @property
    def blocked(self) -> datetime | None:
        """Since when nothing arrives of it though it runs; None where that is not so."""
        if self.hushed or any(part.gone is not None for part in self.solid):
            return None
        quiet = [
            part.gone + part.component.lately
            for part in self.parts.values()
            if part.component.kind == "traffic" and part.gone is not None
        ]
        return max(quiet, default=None)

    def observe(self, event: Observed) -> None:
        """Take in what was seen of a component; one that is back starts anew.

        Traffic is missed only when it was not seen for as long as `lately` says: it ended then.
        """
        part = self.parts.get(event.component)
        if part is None:
            return
        if event.present:
            self._find(part)
        elif part.gone is None:
            self._miss(part, max(self.planted, event.at - part.component.lately))
        self._settle(event.at)

    def hush(self, moment: datetime) -> None:
        """Take in that the actor goes quiet."""
        self.hushed = True
        self._settle(moment)

    def wake(self, moment: datetime) -> None:
        """Take in that the quiet is over: what was silent is gone from now on, unless it comes
        back; from when on its starter went, if that went meanwhile.
        """
        since = max((p.gone for p in self.persistent if p.gone is not None), default=moment)
        for name in self.silent:
            self.parts[name].gone = self.parts[name].gone or since
        self.hushed = False
        self.waking |= self.silent.keys()
        self.silent.clear()
        self._settle(moment)

    def _find(self, part: Part) -> None:
        name = part.component.id
        was_ended = part.component.kind == "process" and self.removed is None
        if part.gone is not None and was_ended and name not in self.waking:
            self.kills.append(part.gone)
        part.gone = None
        self.silent.pop(name, None)
        self.waking.discard(name)

    def _miss(self, part: Part, since: datetime) -> None:
        if self.hushed and part.component.kind in _HUSHED:
            self.silent[part.component.id] = since
        else:
            part.gone = since

    def _settle(self, moment: datetime) -> None:
        """Draw the consequences: what is silent is gone once nothing stands that could bring it
        back.
        """
        if self.hushed and all(part.gone is not None for part in self.persistent):
            for name, since in self.silent.items():
                self.parts[name].gone = self.parts[name].gone or since
        self.was_gone |= bool(self.required) and all(p.gone for p in self.required)
        works = not self.hushed and all(part.gone is None for part in self.required)
        if works and self.working is None:
            self.working = moment
        elif not works and self.working is not None:
            self.spells.append((self.working, moment))
            self.working = None


@dataclass
class Site:
    """What a team's range holds: implants and decoys by id, hosts rebuilt by the partner, services
    by host and whether each was up when last it counted.
    """

    implants: dict[str, Life] = field(default_factory=dict)
    decoys: dict[str, Life] = field(default_factory=dict)
    rebuilt: dict[str, datetime] = field(default_factory=dict)
    services: dict[str, dict[str, bool]] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        """Take in one event of this team."""
        match event:
            case Planted() if event.artefact.nature != "noise":
                kind = self.implants if event.artefact.nature == "implant" else self.decoys
                kind.setdefault(event.artefact.id, _planted(event))
            case Observed():
                life = self.implants.get(event.artefact) or self.decoys.get(event.artefact)
                if life is not None:
                    life.observe(event)
            case Rebuilt(by="partner"):
                self.rebuilt[event.host] = event.at
            case ServiceChecked(excused=False):
                self.services.setdefault(event.host, {})[event.service] = event.up
            case Reacted(do="go_quiet") | Reacted(do="return"):
                self._hush(event)
            case _:
                pass

    def _hush(self, event: Reacted) -> None:
        mine = [one for one in self.implants.values() if one.artefact.actor == event.actor]
        for life in mine:
            if event.do == "return":
                life.wake(event.at)
            else:
                life.hush(event.at)


def sites(events: Iterable[Event]) -> dict[str, Site]:
    """Return every team's site, as the events leave it."""
    teams: dict[str, Site] = {}
    for event in events:
        team = getattr(event, "team", None)
        if team is not None:
            teams.setdefault(team, Site()).take(event)
    return teams


def lives(events: Iterable[Event]) -> dict[str, dict[str, Life]]:
    """Return every team's implants, by id, as the events leave them. A component is taken to be
    there from the planting on, until it is seen to be gone.
    """
    return {team: site.implants for team, site in sites(events).items() if site.implants}


def _planted(event: Planted) -> Life:
    parts = {component.id: Part(component) for component in event.artefact.components}
    return Life(event.artefact, event.at, parts, working=event.at)
