"""What the partner tells his guests: the briefing for people, the register for programs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from rangectl.implants import rules
from rangectl.implants.item import (
    Account,
    Baseline,
    Change,
    Item,
    Job,
    Key,
    Listing,
    Poller,
    Program,
    SiteFile,
)
from rangectl.implants.places import STARTING_PLACES
from rangectl.model.exercise import Exercise
from rangectl.model.roe import Roe
from rangectl.plan.keys import key_pair
from rangectl.plan.personal import is_seat
from rangectl.plan.probing import Answer, AppendLine, FindContent, Grep, Query, ReadFolder
from rangectl.plan.spec import HostSpec, RangeSpec

PARTNER = "Velmora"

SEATS = {"hunter": "the guests", "partner": "site operations"}
"""The accounts of the two seats, and whose they are."""

Register = dict[str, object]


def register(
    exercise: Exercise,
    spec: RangeSpec,
    items: Sequence[Item],
    also: Sequence[Listing] = (),
) -> Register:
    """Return the partner's register: hosts, zones, clock, and every key, job, poller, program,
    change, account and baseline that he knows, and what his hosts were built with.

    `also` is what was wired, such as the seats' keys (`seat_keys`). Everything is sorted by place,
    so that its order tells nothing.
    """
    listings = listed(spec, items, also)
    length = exercise.clock.length.total_seconds() / exercise.clock.compression
    return {
        "partner": partner(spec),
        "hosts": [_host(spec, host) for host in _shown(spec)],
        "zones": {
            zone: sorted(str(one.subnet) for one in spec.segments if one.zone == zone)
            for zone in ("partner", "adversary", "hunt")
        },
        "clock": {
            "length_s": round(length),
            "hold_s": round(exercise.scoring.hold.total_seconds()),
        },
        "rules": rules.facts(exercise.roe),
        "keys": _rows(listings, Key),
        "jobs": _rows(listings, Job),
        "pollers": _rows(listings, Poller),
        "programs": _rows(listings, Program),
        "changes": _rows(listings, Change),
        "accounts": _rows(listings, Account),
        "baselines": _rows(listings, Baseline),
        "files": _rows(listings, SiteFile),
    }


def listed(
    spec: RangeSpec, items: Sequence[Item], also: Sequence[Listing] = ()
) -> tuple[Listing, ...]:
    """Return all that the partner knows of: the site's jobs, what was wired, what is planted."""
    return (*_site_jobs(spec), *also, *(one for item in items for one in item.listings))


def partner(spec: RangeSpec) -> str:
    """Return what the partner is called."""
    return PARTNER if spec.people is None else spec.people.organisation


def seat_accounts(spec: RangeSpec) -> tuple[Account, ...]:
    """Return the accounts of the two seats, for the register."""
    return tuple(
        Account(host.name, seat, owner, "seat of the exercise")
        for host in spec.hosts
        if is_seat(spec, host)
        for seat, owner in SEATS.items()
    )


def seat_keys(spec: RangeSpec, secret: str) -> tuple[Key, ...]:
    """Return the two seats' own keys on every host of the partner's, for the register."""
    marks = {seat: key_pair(secret, seat, f"{seat}@site").fingerprint for seat in SEATS}
    return tuple(
        Key(host.name, seat, marks[seat], owner)
        for host in spec.hosts
        if is_seat(spec, host)
        for seat, owner in SEATS.items()
    )


_SECRET = ("passwd", "shadow", "group", "gshadow")
BUILT: tuple[Query, ...] = (
    Grep(("/etc/passwd",), (":",)),
    *(FindContent((root,), ()) for root in STARTING_PLACES),
    ReadFolder("/etc", entries=256),
)
"""What to ask of a host before anything is planted; `built` reads the answers."""


def built(host: str, answers: Sequence[Answer], items: Sequence[Item]) -> tuple[Listing, ...]:
    """Return the accounts and files that a host was built with; what items touch is left out, so
    that this says the same whether they are planted already or not.
    """
    touched = {
        path
        for item in items
        for edit in item.edits_on(host)
        if (path := getattr(edit, "path", None)) is not None
    }
    added = {
        edit.line.partition(":")[0]
        for item in items
        for edit in item.edits_on(host)
        if isinstance(edit, AppendLine) and edit.path == "/etc/passwd"
    }
    accounts = (
        Account(host, line.line.partition(":")[0], "site operations", "was built with the host")
        for answer in answers
        for line in answer.lines
        if line.line.partition(":")[0] not in added
    )
    files = (
        SiteFile(host, fact.path, fact.sha256)
        for answer in answers
        for fact in answer.files
        if fact.sha256 is not None and fact.path not in touched
    )
    settings = (
        SiteFile(host, f"/etc/{name}", hashlib.sha256(content).hexdigest())
        for answer in answers
        if answer.folder is not None
        for name, content in answer.folder.files
        if f"/etc/{name}" not in touched and not name.startswith(_SECRET)
    )
    return (*accounts, *files, *settings)


def briefing(exercise: Exercise, spec: RangeSpec, text: str = "") -> str:
    """Return the briefing; `text` is what the exercise's own briefing file says, if anything."""
    length = exercise.clock.length.total_seconds() / exercise.clock.compression
    parts = (
        f"# Briefing: {exercise.name}\n",
        _invitation(exercise, partner(spec), text),
        _scope(spec, exercise.roe),
        *([rules.told(exercise.roe)] if exercise.roe is not None else []),
        _SEATS,
        _CLOCK.format(
            length=_minutes(length), hold=f"{exercise.scoring.hold.total_seconds():g} seconds"
        ),
        _HANDING_IN.format(host=_example(spec)),
        _COUNTING,
    )
    return "\n".join(parts)


def _invitation(exercise: Exercise, partner: str, text: str) -> str:
    own = (text or exercise.description).strip()
    return (
        f"{partner} invites you onto its network. It fears that somebody is inside who was not\n"
        "invited, and asks you to find what he left behind and to help to remove it. The network\n"
        f"is {partner}'s: you look, {partner} decides.\n" + (f"\n{own}\n" if own else "")
    )


def _scope(spec: RangeSpec, roe: Roe | None) -> str:
    zones = {segment.name: segment.zone for segment in spec.segments}

    def whose(host: HostSpec, segment: str) -> str:
        """Say whose zone a foot of a host is in, and whether the rules leave it out."""
        zone = zones[segment]
        if roe is None or zone != "partner":
            return zone
        out = host.name in roe.scope.exclude_hosts or segment not in roe.scope.segments
        return f"{zone}, out of scope" if out else zone

    rows = "".join(
        f"| {host.name} | {nic.address.ip} | {nic.segment} | {whose(host, nic.segment)} |\n"
        for host in _shown(spec)
        for nic in host.nics
    )
    which = (
        "the partner's hosts"
        if roe is None
        else "those hosts of the partner's that no rule leaves out"
    )
    return f"""\
## Scope

In scope are {which}. Whatever stands outside, the adversary's servers above all, you
may see in logs and flows; you do not connect to it.

| host | address | segment | zone |
|---|---|---|---|
{rows}
## Rules

* You may read logs, list processes, read and hash files, and watch traffic.
* Nothing is changed, stopped or removed before the partner has approved it.
* Do not contact the adversary's servers, and do not log in with keys that are not yours.
* All that you do here is recorded.
"""


_SITE_JOBS = (
    ("config-backup", "keeps copies of the host's settings"),
    ("disk-report", "reports how full the host is"),
)
_SEATS = """\
## Seats and keys

* `ssh HOST` logs in as `hunter`: it reads. `sudo -l` shows what it may read as root.
* `ssh HOST-partner` logs in as `partner`, who may change everything on his hosts. Its key appears
  in `~/.ssh/partner` once the partner has approved your request.
* `register.json`, beside this page in `/srv/briefing`, is the partner's register: the keys, the
  jobs, the resident pollers, the set-user-id programs and those with capabilities, the changes and
  the accounts that he knows of, the files that his hosts were built with in places that start
  things, and what he last vouched for. It is the only thing that tells what belongs here from what
  merely looks as if it did. It does not list every file.
* `papers`, beside it, holds what a guest asks for, as tables: staff, accounts, keys, jobs, hosts,
  software, the change calendar. `hunt papers` lists them, `hunt papers NAME` shows one.
"""

_CLOCK = """\
## Clock

The exercise lasts {length} of wall time. What was removed must stay away for {hold}: a process
that is ended while its starter still stands comes back, and then nothing was removed.
"""

_HANDING_IN = """\
## Handing in

The `hunt` client hands in and shows receipts; `hunt --help` explains each word.

* `hunt submit FILE`: a finding. It names a host and its evidence: a file with its SHA-256, a line
  word for word, a process with id and start time, or a connection. `hunt template` prints one.
* `hunt submit --host HOST --path PATH`: the same without a file. The evidence is taken over ssh.
* `hunt request partner-seat --why TEXT`: asks the partner for his seat.
* `hunt request rebuild HOST --why TEXT`: asks for a clean host; its service is away meanwhile.
* `hunt messages` shows what reached you meanwhile; `hunt reply NAME TEXT` answers.
* `hunt done`: you have nothing more to hand in. Holds that run go on.

One finding both ways, if `/etc/cron.d/NAME` on {host} were what you found:

    hunt submit --host {host} --path /etc/cron.d/NAME --line 'PART OF A LINE' --technique T1053.003

    hunt template >finding.yaml         # then write into it:
        host: {host}
        technique: T1053.003
        evidence:
          - {{kind: file, path: /etc/cron.d/NAME, sha256: DIGITS}}    # of sha256sum
          - {{kind: line, path: /etc/cron.d/NAME, line: "THE WHOLE LINE"}}
    hunt submit finding.yaml

Also `--pid 4711` (repeatable), `--flow 198.51.100.7:443`, `--note TEXT`; `hunt submit --help`.
"""

_COUNTING = """\
## What counts

* What you can prove: early findings with evidence that the range bears out, and the right
  technique.
* What is gone and stays gone, all of it, with everything beside it still at work. What is the
  partner's own is put back if you took it along.
* Findings that name what belongs here cost. There are decoys, made to be mistaken for the
  adversary's work, and many changes that mean nothing.
* Save evidence before you remove anything. Receipts say that a finding arrived, never that it is
  right.
"""


def _site_jobs(spec: RangeSpec) -> tuple[Job, ...]:
    """Return the jobs that the role `base` brings, which no package owns."""
    return tuple(
        Job(host.name, "/etc/cron.d/siteops", "root", f"/opt/siteops/bin/{name}", purpose)
        for host in spec.hosts
        if is_seat(spec, host) and any(role.name == "base" for role in host.roles)
        for name, purpose in _SITE_JOBS
    )


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:g} minutes"


def _shown(spec: RangeSpec) -> tuple[HostSpec, ...]:
    """Return the hosts the partner knows: his own and the guests' kit."""
    known = (host for host in spec.hosts if is_seat(spec, host) or host.kind == "kit")
    return tuple(sorted(known, key=lambda host: host.name))


def _example(spec: RangeSpec) -> str:
    """Return the name of a host of the partner's, to show how one is named."""
    return next((host.name for host in _shown(spec) if host.kind == "host"), "HOST")


def _host(spec: RangeSpec, host: HostSpec) -> Register:
    """Describe a host, a router by its foot in the partner's network."""
    inner = {segment.name for segment in spec.segments if segment.zone == "partner"}
    nic = next((one for one in host.nics if one.segment in inner), host.nics[0])
    return {
        "name": host.name,
        "address": str(nic.address.ip),
        "segment": nic.segment,
        "roles": [role.name for role in host.roles],
    }


def _rows(listings: Sequence[Listing], kind: type[Listing]) -> list[dict[str, object]]:
    rows = (asdict(one) for one in _unique(listings) if isinstance(one, kind))
    return sorted(rows, key=lambda row: json.dumps(list(row.values())))


def _unique(listings: Sequence[Listing]) -> Iterator[Listing]:
    yield from dict.fromkeys(listings)
