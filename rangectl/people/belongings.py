"""What people leave on a host: their accounts, and files with owner, mode and time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Thing:
    """A file of somebody's, or a folder where there is no content."""

    path: str
    content: bytes | None
    mode: int
    owner: str
    mtime: float


@dataclass(frozen=True, slots=True)
class Entry:
    """The lines of one account, as passwd and shadow have them."""

    passwd: str
    shadow: str

    @property
    def name(self) -> str:
        """The account's name."""
        return self.passwd.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Group:
    """Members to be added to a group; one with a number is made where it lacks."""

    name: str
    number: int | None
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Home:
    """A home that begins as the host's own skeleton, made at this time."""

    path: str
    owner: str
    mtime: float


@dataclass(frozen=True, slots=True)
class Belongings:
    """All of it, for one host; `at` is when the lists of accounts were changed last."""

    at: float
    accounts: tuple[Entry, ...] = ()
    groups: tuple[Group, ...] = ()
    homes: tuple[Home, ...] = ()
    files: tuple[Thing, ...] = ()


class Pair(Protocol):
    """A key pair as OpenSSH reads it."""

    @property
    def private(self) -> bytes:
        """The private key file."""

    @property
    def public(self) -> str:
        """The public line."""

    @property
    def fingerprint(self) -> str:
        """The SHA256 fingerprint."""


class Secrets(Protocol):
    """What differs between ranges of the same people: keys and passwords."""

    def pair(self, purpose: str, comment: str) -> Pair:
        """Return the key pair of a purpose."""

    def password(self, account: str) -> str:
        """Return the password of an account."""

    def salt(self, account: str) -> str:
        """Return sixteen letters for hashing that password."""


def text(path: str, content: str, owner: str, when: datetime, mode: int = 0o644) -> Thing:
    """Return a text file."""
    return Thing(path, content.encode(), mode, owner, when.timestamp())


def folder(path: str, owner: str, when: datetime, mode: int = 0o755) -> Thing:
    """Return a folder."""
    return Thing(path, None, mode, owner, when.timestamp())
