"""Names that look like the partner's own: from what is installed on a host, and from his offices.

A name is given once on a host, and none is the beginning of another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rangectl.implants import words
from rangectl.implants.chooser import Chooser
from rangectl.plan.spec import HostSpec


@dataclass(slots=True)
class Names:
    """What was given away on one host, so that nothing is given twice."""

    given: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)

    def take(self, draw: Callable[[int], str]) -> str:
        """Return the first draw that is free here; `draw` is told how often it was asked."""
        for attempt in range(10_000):
            text = draw(attempt)
            if text not in self.given:
                self.given.add(text)
                return text
        message = "no name is left for another artefact"
        raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Name:
    """A name of two or three words."""

    noun: str
    verb: str
    text: str

    @property
    def purpose(self) -> str:
        """What something of this name is for."""
        return words.PURPOSES[self.verb].format(noun=self.noun)


def nouns(host: HostSpec) -> tuple[str, ...]:
    """Return the words that names on a host begin with: the offices' and the packages' own."""
    stems = [stem for role in host.roles for stem in words.STEMS.get(role.name, ())]
    return (*words.NOUNS, *dict.fromkeys(stems))


def name(host: HostSpec, choose: Chooser, names: Names) -> Name:
    """Return a name that is free on this host."""
    pool = nouns(host)
    drawn: dict[str, Name] = {}

    def draw(attempt: int) -> str:
        spans = ("",) if attempt < 50 else words.SPANS
        noun, verb, span = choose.pick(pool), choose.pick(words.VERBS), choose.pick(spans)
        text = f"{span}-{noun}-{verb}" if span else f"{noun}-{verb}"
        drawn[text] = Name(noun, verb, text)
        return text

    return drawn[names.take(draw)]


def person(choose: Chooser, names: Names) -> str:
    """Return an account name of somebody who could work here."""
    return names.take(
        lambda n: (
            f"{choose.pick(words.INITIALS)}{choose.pick(words.SURNAMES)}"
            + (str(choose.below(90) + 10) if n > 50 else "")
        )
    )
