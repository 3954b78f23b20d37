"""A small language to write event logs in: one team, one range of three implants, in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Self

from rangectl.model.events import (
    Answered,
    Ended,
    Event,
    Observed,
    Planted,
    RangeReady,
    Reacted,
    Rebuilt,
    RunCreated,
    ServiceChecked,
    Started,
    Submitted,
    Tipped,
)
from rangectl.model.finding import (
    Done,
    Evidence,
    FileEvidence,
    Finding,
    FlowEvidence,
    LineEvidence,
    ProcessEvidence,
)
from rangectl.model.planting import Artefact, Component, Technique

BEGIN = datetime(2026, 5, 4, 9, tzinfo=UTC)
TEAM = "alder"
KEYS = "/home/ops/.ssh/authorized_keys"
CRON = "/etc/cron.d/sysstat-rotate"
TABLE = "/var/spool/cron/crontabs/www-data"
PROGRAM = "/opt/agent/relay.py"
SINK = IPv4Address("198.51.100.7")
KEY_TECHNIQUE = Technique(id="T1098.004", version="18.1", tactic="persistence")
CRON_TECHNIQUE = Technique(
    id="T1053.003", version="18.1", tactic="persistence", aliases=("T1168", "T1999.003")
)
WEB_TECHNIQUE = Technique(id="T1071.001", version="18.1", tactic="command-and-control")


def sha(name: str) -> str:
    return name.encode().hex().ljust(64, "0")[:64]


def line_part(name: str, path: str, needle: str) -> Component:
    return Component(
        id=name, kind="line", persistence=True, path=path, look_in=(path,), needle=needle
    )


KEY = Artefact(
    id="i1",
    nature="implant",
    host="web01",
    entry="ssh.authkey",
    actor="karsk",
    weight=2,
    technique=KEY_TECHNIQUE,
    evidence=("line",),
    fingerprint="SHA256:evil",
    components=(line_part("key", KEYS, "AAAAevil"),),
)
JOB = Artefact(
    id="i2",
    nature="implant",
    host="web01",
    entry="cron.dropin",
    actor="karsk",
    weight=1,
    technique=CRON_TECHNIQUE,
    evidence=("file",),
    components=(Component(id="job", kind="file", persistence=True, path=CRON, sha256=sha("job")),),
)
BEACON = Artefact(
    id="i3",
    nature="implant",
    host="desk-1",
    entry="c2.http",
    actor="karsk",
    weight=3,
    technique=WEB_TECHNIQUE,
    evidence=("process", "line"),
    components=(
        line_part("starter", TABLE, PROGRAM),
        Component(id="process", kind="process", needle=PROGRAM),
        Component(
            id="program",
            kind="file",
            required=False,
            persistence=True,
            path=PROGRAM,
            sha256=sha("program"),
        ),
        Component(id="traffic", kind="traffic", address=SINK, port=80, needle="/poll"),
    ),
)
DECOY_KEY = Artefact(
    id="d1",
    nature="decoy",
    host="web01",
    imitates="i1",
    fingerprint="SHA256:backup",
    components=(line_part("key", KEYS, "AAAAbackup"),),
)
DECOY_POLLER = Artefact(
    id="d2",
    nature="decoy",
    host="desk-1",
    imitates="i3",
    components=(
        line_part("starter", TABLE, "/opt/agent/stock.py"),
        Component(id="program", kind="file", path="/opt/agent/stock.py", sha256=sha("program")),
    ),
)
NOISE = Artefact(
    id="n1",
    nature="noise",
    host="web01",
    components=(Component(id="edit", kind="file", path="/etc/motd.old", sha256=sha("motd")),),
)
IMPLANTS = (KEY, JOB, BEACON)
ALL = (KEY, DECOY_KEY, NOISE, JOB, BEACON, DECOY_POLLER)

KEY_LINE = LineEvidence(path=KEYS, line="ssh-ed25519 AAAAevil ops@edge")
KEY_FILE = FileEvidence(path=KEYS, sha256=sha("keys as they are"))
DECOY_LINE = LineEvidence(path=KEYS, line="ssh-ed25519 AAAAbackup backup@store")
JOB_FILE = FileEvidence(path=CRON, sha256=sha("job"))
NOISE_FILE = FileEvidence(path="/etc/motd.old", sha256=sha("motd"))
OTHER_FILE = FileEvidence(path="/etc/hosts", sha256=sha("hosts"))
BEACON_LINE = LineEvidence(path=TABLE, line=f"* * * * * {PROGRAM} --quiet")
BEACON_FILE = FileEvidence(path=PROGRAM, sha256=sha("program"))
BEACON_PROCESS = ProcessEvidence(pid=77, start=4242)
BEACON_FLOW = FlowEvidence(address=SINK, port=80)
DECOY_PROGRAM = FileEvidence(path="/opt/agent/stock.py", sha256=sha("program"))


def finding(
    host: str, *evidence: Evidence, technique: str = "", fingerprint: str = "", bad: bool = True
) -> Finding:
    return Finding(
        host=host, evidence=evidence, technique=technique, fingerprint=fingerprint, malicious=bad
    )


FOUND_KEY = finding("web01", KEY_LINE, technique="T1098.004")
FOUND_JOB = finding("web01", JOB_FILE, technique="T1053.003")
FOUND_BEACON = finding("desk-1", BEACON_LINE, BEACON_PROCESS, technique="T1071.001")


class Story:
    """An event log in the making; moments are seconds after STARTEX."""

    def __init__(self, artefacts: Sequence[Artefact] = ALL, length: int = 1200) -> None:
        self.events: list[Event] = [
            RunCreated(
                at=moment(-60),
                run="first-light-1",
                exercise="first-light",
                teams=(TEAM,),
                seed=7,
                length=timedelta(seconds=10 * length),
                compression=10,
                hold=timedelta(seconds=150),
            ),
            RangeReady(at=moment(-50), team=TEAM, attempts=40),
        ]
        self.events += [
            Planted(at=moment(-30), team=TEAM, artefact=artefact) for artefact in artefacts
        ]
        if BEACON in artefacts:
            self.back(-10, "i3", "process", pid=77)
        self.events.append(Started(at=moment(0)))

    def finds(self, at: float, what: Finding, *, unproven: Sequence[int] = ()) -> Self:
        checks = tuple(n not in unproven for n in range(len(what.evidence)))
        number = f"f{sum(isinstance(e, Submitted) for e in self.events) + 1}"
        return self.add(
            Submitted(at=moment(at), team=TEAM, id=number, submission=what, checks=checks)
        )

    def gone(self, at: float, artefact: str, *components: str) -> Self:
        for name in components:
            self.add(self._observed(at, artefact, name, present=False))
        return self

    def back(self, at: float, artefact: str, component: str, pid: int | None = None) -> Self:
        return self.add(self._observed(at, artefact, component, present=True, pid=pid))

    def checked(self, begin: float, *ups: bool, excused: bool = False, why: str = "") -> Self:
        for number, up in enumerate(ups):
            self.add(
                ServiceChecked(
                    at=moment(begin + 10 * number),
                    team=TEAM,
                    host="web01",
                    service="intranet",
                    up=up,
                    excused=excused and not up,
                    why="" if up else why,
                )
            )
        return self

    def rebuilt(self, at: float, host: str) -> Self:
        return self.add(Rebuilt(at=moment(at), team=TEAM, host=host, by="partner"))

    def down(self, at: float, host: str, service: str) -> Self:
        check = {"at": moment(at), "team": TEAM, "host": host, "service": service, "up": False}
        return self.add(ServiceChecked.model_validate(check))

    def reacts(self, at: float, do: str, rule: int = 0, **facts: object) -> Self:
        told = {"at": moment(at), "team": TEAM, "actor": "karsk", "rule": rule, "do": do}
        return self.add(Reacted.model_validate({"cause": "test", **told, **facts}))

    def tips(self, at: float, why: str = "scan") -> Self:
        told = {"at": moment(at), "team": TEAM, "why": why, "cause": f"{why}:{at}"}
        return self.add(Tipped.model_validate(told))

    def approved(self, at: float) -> Self:
        return self.add(Answered(at=moment(at), team=TEAM, request="r1", approved=True))

    def done(self, at: float) -> Self:
        return self.add(Submitted(at=moment(at), team=TEAM, id="done", submission=Done()))

    def ends(self, at: float, why: str = "decided") -> Self:
        return self.add(Ended.model_validate({"at": moment(at), "why": why}))

    def add(self, event: Event) -> Self:
        self.events.append(event)
        return self

    def finds_all(self, at: float) -> Self:
        for number, what in enumerate((FOUND_KEY, FOUND_JOB, FOUND_BEACON)):
            self.finds(at + number, what)
        return self

    def removes_all(self, at: float) -> Self:
        self.gone(at, "i1", "key").gone(at + 4, "i2", "job")
        return self.gone(at + 8, "i3", "starter", "process", "program").gone(
            at + 90, "i3", "traffic"
        )

    @staticmethod
    def _observed(
        at: float, artefact: str, name: str, *, present: bool, pid: int | None = None
    ) -> Observed:
        return Observed(
            at=moment(at),
            team=TEAM,
            artefact=artefact,
            component=name,
            present=present,
            pid=pid,
            start=4242 + 10 * (pid - 77) if pid else None,
        )


def moment(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)
