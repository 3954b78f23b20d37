"""One thing to plant, with what the partner's register says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from rangectl.model.planting import Artefact
from rangectl.plan.probing import Edit, Hide


@dataclass(frozen=True, slots=True)
class Key:
    """A key that the partner knows."""

    host: str
    account: str
    fingerprint: str
    owner: str


@dataclass(frozen=True, slots=True)
class Job:
    """A job that the partner knows; `path` is the file that holds it."""

    host: str
    path: str
    user: str
    command: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Poller:
    """A resident program that the partner knows, and the server it asks."""

    host: str
    command: str
    address: str
    port: int
    purpose: str


@dataclass(frozen=True, slots=True)
class Program:
    """A set-user-id program that the partner knows; `sha256` is None until its host was read."""

    host: str
    path: str
    sha256: str | None
    purpose: str


@dataclass(frozen=True, slots=True)
class Change:
    """A change that the partner ordered: a file, or a line of one."""

    host: str
    path: str
    line: str
    ticket: str
    owner: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Account:
    """An account that the partner knows."""

    host: str
    account: str
    owner: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a file was when the partner last vouched for it, and where a copy of that is kept."""

    host: str
    path: str
    copy: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A file that the partner's host was built with."""

    host: str
    path: str
    sha256: str


Listing = Key | Job | Poller | Program | Change | Account | Baseline | SiteFile


@dataclass(frozen=True, slots=True)
class Share:
    """What of an artefact is put on one host: edits, and units to start."""

    host: str
    edits: tuple[Edit, ...]
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """An artefact, its edits, when to plant it (exercise clock), what the register says of it, and
    which units are to be started; `beyond` is what it has on another host than its own,
    `hides` what is done once its programs run.

    An implant has no listing but what was vouched for before: that alone tells it from a decoy.
    What has a name in `reserve` (ACTOR/NAME) is planted by a reaction alone.
    """

    artefact: Artefact
    edits: tuple[Edit, ...]
    after: timedelta
    listings: tuple[Listing, ...] = ()
    reserve: str = ""
    units: tuple[str, ...] = ()
    beyond: tuple[Share, ...] = ()
    hides: tuple[Hide, ...] = ()

    @property
    def shares(self) -> tuple[Share, ...]:
        """What is put where, on its own host first."""
        return (Share(self.artefact.host, self.edits, self.units), *self.beyond)

    def edits_on(self, host: str) -> tuple[Edit, ...]:
        """Return the edits on one host."""
        return tuple(edit for one in self.shares if one.host == host for edit in one.edits)
