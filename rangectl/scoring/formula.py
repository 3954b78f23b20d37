"""The formula hunt-forward: plain numbers in, a score from 0 to 100 with all its terms out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

PartName = Literal["detection", "eviction", "speed", "report"]

WEIGHTS: dict[PartName, float] = {"detection": 35, "eviction": 30, "speed": 10, "report": 25}
SERVICE_CAP = 25.0
CONDUCT_CAP = 25.0
SERVICE_PRICE = 50.0
REBUILD_PRICE = 1.0
UNDETECTED_EVICTION = 0.5
STREAK = 5
STREAK_STEP = 0.1
STREAK_CAP = 0.5


@dataclass(frozen=True, slots=True)
class ImplantTerms:
    """What the formula knows of one implant.

    `d` detection level, `q` share of the required evidence, `t` time to the first accepted finding
    as a share of the implant's window, `e` share of the required components that stayed gone (None:
    nothing of it can be removed), `saved` 1 when evidence came in before it was removed, `removed`
    when that was, on any clock the window is measured on.
    """

    weight: float
    chain: str
    d: float = 0.0
    q: float = 0.0
    t: float = 1.0
    e: float | None = 0.0
    saved: float = 0.0
    removed: float | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the formula knows of one team; None where the exercise does not assess a part.

    `window` is how close together a chain's removals must lie to be one stroke. `surcharge` is what
    long outages add to the loss of availability, as a share of it.
    """

    implants: tuple[ImplantTerms, ...]
    unmatched: int = 0
    decoys: int = 0
    window: float = 0.0
    availability: float | None = None
    surcharge: float = 0.0
    rebuilds: int = 0
    conduct: float | None = None
    report: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the merit: what was reached of it (0 to 1, None: not assessed), and its points
    after rescaling.
    """

    name: PartName
    weight: float
    share: float | None
    points: float


@dataclass(frozen=True, slots=True)
class Stroke:
    """How much of a chain's weight was removed within the window of its first removal."""

    chain: str
    sigma: float
    kappa: float


@dataclass(frozen=True, slots=True)
class Score:
    """A score with every term that led to it; `scale` makes the assessed parts add up to 100."""

    detection: float
    precision: float
    speed: float
    eviction: float
    report: float | None
    found: int
    strokes: tuple[Stroke, ...]
    parts: tuple[Part, ...]
    scale: float
    merit: float
    service_loss: float
    conduct_loss: float
    score: float

    @property
    def loss(self) -> float:
        """What is taken off the merit."""
        return self.service_loss + self.conduct_loss


def score(terms: Terms) -> Score:
    """Price a team. H comes off after the merit was rescaled to the assessed parts."""
    found = sum(1 for implant in terms.implants if implant.d > 0)
    p = precision(found, terms.unmatched, terms.decoys)
    d, t = _detection(terms.implants), _speed(terms.implants)
    strokes = _strokes(terms.implants, terms.window)
    e = _eviction(terms.implants, strokes)
    scale, parts = _parts(detection=d * p, eviction=e, speed=t * p, report=terms.report)
    merit = sum(part.points for part in parts)
    service, conduct = service_loss(terms), min(CONDUCT_CAP, terms.conduct or 0.0)
    return Score(
        detection=d,
        precision=p,
        speed=t,
        eviction=e,
        report=terms.report,
        found=found,
        strokes=strokes,
        parts=parts,
        scale=scale,
        merit=merit,
        service_loss=service,
        conduct_loss=conduct,
        score=min(100.0, max(0.0, merit - service - conduct)),
    )


def precision(found: int, unmatched: int, decoys: int) -> float:
    """Return P: the share of true ones among all that was reported; a decoy counts twice."""
    return found / (found + unmatched + 2 * decoys) if found else 0.0


def streak_surcharge(misses: int) -> float:
    """Return what `misses` in a row add to a service's loss: a tenth for each from the fifth on, at
    most half.
    """
    return min(STREAK_CAP, STREAK_STEP * max(0, misses - STREAK + 1))


def service_loss(terms: Terms) -> float:
    """Return the points lost by downtime and rebuilds, at most 25."""
    down = 0.0 if terms.availability is None else 1 - terms.availability
    lost = SERVICE_PRICE * down * (1 + terms.surcharge)
    return min(SERVICE_CAP, lost + REBUILD_PRICE * terms.rebuilds)


def detected(implant: ImplantTerms) -> float:
    """Return an implant's share of its weight in D."""
    return implant.d * (0.5 + 0.5 * implant.q)


def sped(implant: ImplantTerms) -> float:
    """Return an implant's share of its weight in T."""
    return max(0.0, 1 - implant.t) if implant.d > 0 else 0.0


def evicted(implant: ImplantTerms) -> float:
    """Return an implant's share of its weight in E, before its chain's factor."""
    known = 1.0 if implant.d > 0 else UNDETECTED_EVICTION
    return (implant.e or 0.0) * (0.8 + 0.2 * implant.saved) * known


def _detection(implants: Sequence[ImplantTerms]) -> float:
    return _ratio(sum(i.weight * detected(i) for i in implants), sum(i.weight for i in implants))


def _speed(implants: Sequence[ImplantTerms]) -> float:
    return _ratio(sum(i.weight * sped(i) for i in implants), sum(i.weight for i in implants))


def _eviction(implants: Sequence[ImplantTerms], strokes: Sequence[Stroke]) -> float:
    kappa = {stroke.chain: stroke.kappa for stroke in strokes}
    gone = sum(i.weight * evicted(i) * kappa.get(i.chain, 0.0) for i in implants)
    return _ratio(gone, sum(i.weight for i in implants if i.e is not None))


def _strokes(implants: Sequence[ImplantTerms], window: float) -> tuple[Stroke, ...]:
    chains = dict.fromkeys(i.chain for i in implants)
    removable = [i for i in implants if i.e is not None]
    strokes = (_stroke(name, [i for i in removable if i.chain == name], window) for name in chains)
    return tuple(stroke for stroke in strokes if stroke is not None)


def _stroke(name: str, chain: Sequence[ImplantTerms], window: float) -> Stroke | None:
    gone = [(i.removed, i.weight) for i in chain if i.e and i.removed is not None]
    if not gone:
        return None
    first = min(moment for moment, _ in gone)
    together = sum(weight for moment, weight in gone if moment <= first + window)
    sigma = _ratio(together, sum(i.weight for i in chain))
    return Stroke(chain=name, sigma=sigma, kappa=0.5 + 0.5 * sigma)


def _parts(
    *, detection: float, eviction: float, speed: float, report: float | None
) -> tuple[float, tuple[Part, ...]]:
    shares: dict[PartName, float | None] = {
        "detection": detection,
        "eviction": eviction,
        "speed": speed,
        "report": report,
    }
    scale = 100 / sum(WEIGHTS[name] for name, share in shares.items() if share is not None)
    return scale, tuple(
        Part(name, WEIGHTS[name], share, WEIGHTS[name] * (share or 0.0) * scale)
        for name, share in shares.items()
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
