"""What a team hands in: findings with evidence, requests, replies to messages, and `done`."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from rangectl.model.base import Model, Name

Text = Annotated[str, StringConstraints(max_length=2000)]
Path = Annotated[str, StringConstraints(max_length=512, pattern=r"^/")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Pid = Annotated[int, Field(ge=1, le=2**22)]


class FileEvidence(Model):
    """A file with the digest of its content."""

    kind: Literal["file"] = "file"
    path: Path
    sha256: Sha256


class LineEvidence(Model):
    """A line of a file, word for word."""

    kind: Literal["line"] = "line"
    path: Path
    line: Annotated[str, StringConstraints(max_length=4096)]


class ProcessEvidence(Model):
    """A process as seen in its host: its id and its start time in clock ticks since boot (field 22
    of /proc/PID/stat).
    """

    kind: Literal["process"] = "process"
    pid: Pid
    start: Annotated[int, Field(ge=0, lt=2**63)]


class FlowEvidence(Model):
    """A connection the host makes."""

    kind: Literal["flow"] = "flow"
    address: IPv4Address
    port: Annotated[int, Field(ge=1, le=65535)]


Evidence = Annotated[
    FileEvidence | LineEvidence | ProcessEvidence | FlowEvidence, Field(discriminator="kind")
]


class Finding(Model):
    """What a team believes the adversary left on a host, with at least one piece of evidence."""

    kind: Literal["finding"] = "finding"
    host: Name
    evidence: Annotated[tuple[Evidence, ...], Field(min_length=1, max_length=10)]
    technique: Annotated[str, StringConstraints(pattern=r"^(T\d{4}(\.\d{3})?|TA\d{4})?$")] = ""
    fingerprint: Annotated[str, StringConstraints(max_length=100)] = ""
    malicious: bool = True
    confidence: Annotated[int, Field(ge=0, le=100)] = 80
    note: Text = ""


class Request(Model):
    """What a team asks the partner for: his seat on the hosts, or a clean rebuild of one host."""

    kind: Literal["request"] = "request"
    action: Literal["partner-seat", "rebuild"]
    host: Name | None = None
    why: Text = ""


class Reply(Model):
    """What a team says to a message that reached it, named as `hunt messages` names it."""

    kind: Literal["reply"] = "reply"
    message: Name
    text: Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class Done(Model):
    """The team has nothing more to hand in; holds that run go on."""

    kind: Literal["done"] = "done"
    note: Text = ""


Submission = Annotated[Finding | Request | Reply | Done, Field(discriminator="kind")]
