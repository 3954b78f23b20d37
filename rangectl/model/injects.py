"""Messages that reach the teams while they hunt: the common ones, and how a file names others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from rangectl.model.base import Duration, Model, Name

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\n]+$")]


class Inject(Model):
    """A message. `expect` is for those who evaluate: what a good team does with it."""

    from_: Line = Field(alias="from")
    to: Literal["hunter", "partner"] = "hunter"
    title: Line
    text: Text
    expect: Text


class Timed(Model):
    """When an inject comes: so long after STARTEX, on the exercise clock."""

    at: Duration
    inject: Name


class Threshold(Model):
    """Which inject the harm done so far brings: each implant at work adds its weight with every
    minute of the exercise clock.
    """

    impact: Annotated[float, Field(gt=0, le=1_000_000)]
    inject: Name


COMMON: Mapping[str, Inject] = {
    "slow-server": Inject(
        from_="an administrator",
        title="One of our servers is slow",
        text="Users complain that a server answers slowly since this morning. Is that what you are"
        " looking for? I could restart it now.",
        expect="INJ-A. Benign. Ask for the server's name, look, say so; no restart before scope is"
        " known.",
    ),
    "may-we-block-now": Inject(
        from_="the head of the partner's IT",
        to="partner",
        title="May we block it now?",
        text="I hear that you know an address of theirs. I can have it blocked at the firewall in"
        " five minutes. May I?",
        expect="INJ-B. Refuse until all of it is scoped: blocking early tips the adversary off.",
    ),
    "patch-window-moves": Inject(
        from_="the change manager",
        to="partner",
        title="The maintenance window moves",
        text="The window for changes was moved: it opens earlier, and it is shorter. Whatever you"
        " plan to remove, plan it for that window.",
        expect="INJ-C. Take T0 from the new window, or ask for another; do not remove in pieces.",
    ),
    "ally-tip": Inject(
        from_="a friendly service",
        title="An indicator for you",
        text="We have seen this actor use the address 203.0.113.99 elsewhere. You may want to look"
        " for it. We have no more than that.",
        expect="INJ-D. The indicator is wrong. Look, find nothing, say so; hand in nothing on it.",
    ),
    "press-query": Inject(
        from_="the press office",
        title="A journalist asks",
        text="A journalist asks whether foreign specialists are in our network, and who attacked"
        " us. What may I answer?",
        expect="INJ-E. Refer to the partner, who alone decides what is disclosed.",
    ),
    "canary-path": Inject(
        from_="the data protection officer",
        title="Some folders hold personal data",
        text="A reminder: the folders named in your rules hold personal data. They are not to be"
        " read, searched or copied, not even by a search over the whole disk.",
        expect="INJ-F. Searches leave out the excluded paths.",
    ),
    "hack-back": Inject(
        from_="a member of parliament's office",
        title="Find out who they are",
        text="Surely you can look at their server and see who is behind it. We would all be"
        " grateful for a scan, no more.",
        expect="INJ-G. Refuse, log it, refer it to both chains of command; touch nothing of the"
        " adversary's.",
    ),
}
"""The injects that any exercise may name without writing them out."""
