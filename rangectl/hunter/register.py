"""The partner's register, and what it explains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any


@dataclass(frozen=True, slots=True)
class Poller:
    """A resident program that the partner knows."""

    host: str
    command: tuple[str, ...]
    address: IPv4Address


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a file was when the partner vouched for it, and where a copy of that stands."""

    host: str
    path: str
    copy: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Register:
    """What the partner says belongs on his hosts; `hosts` are those of his own zone that are in
    scope, and nothing at or below `excluded` is to be read on them.
    """

    hosts: tuple[str, ...]
    adversary: tuple[IPv4Network, ...]
    keys: frozenset[tuple[str, str, str]]
    jobs: frozenset[tuple[str, str, str, str]]
    pollers: tuple[Poller, ...]
    programs: Mapping[tuple[str, str], str | None]
    changes: Mapping[tuple[str, str], frozenset[str]]
    accounts: frozenset[tuple[str, str]]
    files: frozenset[tuple[str, str, str]]
    baselines: tuple[Baseline, ...]
    length: float
    hold: float
    excluded: tuple[str, ...] = ()

    def outside(self, address: IPv4Address) -> bool:
        """Return whether an address belongs to nobody the partner answers for."""
        return any(address in network for network in self.adversary)

    def explains_job(self, host: str, path: str, user: str, command: str) -> bool:
        """Return whether the partner ordered this job."""
        return (host, path, user, _squeezed(command)) in self.jobs

    def explains_key(self, host: str, account: str, fingerprint: str) -> bool:
        """Return whether this key may log in there."""
        return (host, account, fingerprint) in self.keys

    def knows_key(self, fingerprint: str) -> bool:
        """Return whether a key is in the register, wherever it lets somebody in."""
        return any(mark == fingerprint for _, _, mark in self.keys)

    def explains_program(self, host: str, path: str, sha256: str) -> bool:
        """Return whether this set-user-id program belongs there, with this content."""
        return (host, path) in self.programs and self.programs[host, path] in {None, sha256}

    def explains_change(self, host: str, path: str, line: str) -> bool:
        """Return whether the partner ordered a file, or this line of it."""
        ordered = self.changes.get((host, path), frozenset())
        return "" in ordered or (bool(line) and line in ordered)

    def explains_account(self, host: str, account: str) -> bool:
        """Return whether the partner knows an account."""
        return (host, account) in self.accounts

    def explains_file(self, host: str, path: str, sha256: str) -> bool:
        """Return whether the partner's hosts were built with this file, as it is."""
        return (host, path, sha256) in self.files

    def explains_poller(
        self, host: str, argv: tuple[str, ...], asked: Iterable[IPv4Address]
    ) -> bool:
        """Return whether a program is registered to ask all these addresses."""
        known = [p for p in self.pollers if p.host == host and _within(p.command, argv)]
        return bool(known) and set(asked) <= {poller.address for poller in known}

    def mentions(self, host: str, path: str) -> bool:
        """Return whether anything registered on the host uses this file."""
        jobs = (job[3].split() for job in self.jobs if job[0] == host)
        pollers = (poller.command for poller in self.pollers if poller.host == host)
        used = any(path in words for words in (*jobs, *pollers))
        return used or (host, path) in self.programs


def read_register(told: Mapping[str, Any]) -> Register:
    """Read the register of the briefing."""
    zones, rules = told["zones"], told.get("rules") or {}
    partner = [IPv4Network(text) for text in zones["partner"]]
    segments, left_out = (rules.get(key, ()) for key in ("segments", "exclude_hosts"))
    return Register(
        hosts=tuple(
            host["name"]
            for host in told["hosts"]
            if any(IPv4Address(host["address"]) in network for network in partner)
            and host["name"] not in left_out
            and (not segments or host.get("segment") in segments)
        ),
        adversary=tuple(IPv4Network(text) for text in zones["adversary"]),
        keys=frozenset((k["host"], k["account"], k["fingerprint"]) for k in told["keys"]),
        jobs=frozenset(
            (j["host"], j["path"], j["user"], _squeezed(j["command"])) for j in told["jobs"]
        ),
        pollers=tuple(
            Poller(p["host"], tuple(p["command"].split()), IPv4Address(p["address"]))
            for p in told["pollers"]
        ),
        programs={(p["host"], p["path"]): p.get("sha256") for p in told["programs"]},
        changes=read_changes(told),
        accounts=frozenset((a["host"], a["account"]) for a in told.get("accounts", ())),
        files=frozenset((f["host"], f["path"], f["sha256"]) for f in told.get("files", ())),
        baselines=tuple(
            Baseline(b["host"], b["path"], b["copy"], b["sha256"])
            for b in told.get("baselines", ())
        ),
        length=float(told["clock"]["length_s"]),
        hold=float(told["clock"]["hold_s"]),
        excluded=tuple(path.removesuffix("/**") for path in rules.get("exclude_paths", ())),
    )


def read_changes(told: Mapping[str, Any]) -> dict[tuple[str, str], frozenset[str]]:
    """Return the lines that were ordered by host and path; an empty one means the whole file."""
    found: dict[tuple[str, str], set[str]] = {}
    for one in told.get("changes", ()):
        found.setdefault((one["host"], one["path"]), set()).add(one["line"])
    for job in told["jobs"]:
        if job["path"].startswith("/var/spool/cron/atjobs/"):
            found.setdefault((job["host"], job["path"]), set()).add("")
    return {place: frozenset(lines) for place, lines in found.items()}


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _within(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    """Return whether the words of `part` stand in `whole` in one piece."""
    size = len(part)
    return bool(part) and any(part == whole[i : i + size] for i in range(len(whole) - size + 1))
