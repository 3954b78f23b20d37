"""The parts that entries of the catalogue are made of: templates of files and lines, never code."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from rangectl.model.base import Model
from rangectl.model.syntaxes import SyntaxName

Template = Annotated[str, StringConstraints(max_length=4000)]
PathTemplate = Annotated[
    str, StringConstraints(pattern=r"^[/{][^\x00-\x1f\x7f*?]*$", max_length=200)
]
Mode = Annotated[str, StringConstraints(pattern=r"^0[0-7]{3}$")]
PartId = Annotated[str, StringConstraints(pattern=r"^[a-z]{1,16}$")]
LookIn = Literal[
    "accounts",
    "atjobs",
    "autostart",
    "audit",
    "cron",
    "everywhere",
    "hooks",
    "keys",
    "logs",
    "packages",
    "pages",
    "pam",
    "preload",
    "programs",
    "python",
    "settings",
    "shells",
    "sudoers",
    "trust",
    "units",
    "web",
    "own",
]
"""Where a component is looked for, whatever it is called by then; `own`: only at its path."""

VALUES = frozenset(
    {
        *("address", "agent", "area", "atjob", "blob", "certificate", "comment", "day", "digits"),
        *("door", "first", "flag", "hostkey", "knownhost", "pages", "pageuri", "second"),
        *(
            "home",
            "hostname",
            "keyfile",
            "keyprint",
            "kthread",
            "minute",
            "name",
            "noun",
            "odd",
            "owner",
            "owneruser",
            "peer",
        ),
        *(
            "person",
            "pid",
            "place",
            "publickey",
            "purpose",
            "row",
            "schedule",
            "service",
            "stamp",
            "ticket",
            "title",
        ),
        *("token", "twin", "uid", "uri", "user", "vendor", "verb", "webroot"),
    }
)
"""What a template may ask for: `{place}`, and `{place2}` for another one of the kind."""


class JobOf(Model):
    """The job that a part is, as the register names it."""

    user: Template = "root"
    command: Template


class Part(Model):
    """One component that every implant of an entry has, on its first host or its second.

    `acts`: noise of this kind mostly lacks it, as it is what makes the rest do something.
    """

    id: PartId
    required: bool = True
    persistence: bool = False
    acts: bool = False
    look_in: LookIn = "own"
    at: Literal["first", "second"] = "first"


class Placed(Part):
    """A part that stands at a path."""

    path: PathTemplate = "{place}"


class ScriptPart(Placed):
    """A shell script that tests for a folder and ends."""

    kind: Literal["script"]
    required: bool = False
    look_in: LookIn = "programs"


class CopyPart(Placed):
    """A copy of a program or library of the host that does nothing, perhaps with a bit set.

    A `fleeting` one is made by the unit that runs it, which removes it again.
    """

    kind: Literal["copy"]
    of: Literal["true", "sleep", "math"] = "true"
    bit: Literal["suid", "cap"] | None = None
    fleeting: bool = False
    look_in: LookIn = "programs"


class ActivityPart(Placed):
    """The activity program, with what it says and to whom, at a `port` if not the server's usual;
    `encoded`: what it says looks like a session's token; `asks`: for what, if not anything.
    """

    kind: Literal["activity"]
    says: Literal["http", "tls", "dns", "icmp", "host", "bulk", "scan"] = "http"
    to: Literal["sinkhole", "inside", "second"] = "sinkhole"
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    encoded: bool = False
    asks: Template | None = None
    required: bool = False
    persistence: bool = True
    look_in: LookIn = "programs"


class FilePart(Placed):
    """A file with a text of one syntax, or with content of a kind.

    It is there as long as something holds `needle`; without one, as long as its content stands
    somewhere. `kept`: where a copy stands that nothing changes. `stomped`: its time of change is
    that of something older, to the second.
    """

    kind: Literal["file"]
    syntax: SyntaxName = "data"
    text: Template = ""
    content: Literal["archive", "capture", "chunk", "journal", "locked-key"] | None = None
    stomped: bool = False
    mode: Mode = "0644"
    owner: Template = "root"
    needle: Template = ""
    kept: PathTemplate | None = None
    job: JobOf | None = None


class LinePart(Placed):
    """A line at the end of a file; it is there as long as something holds `needle`."""

    kind: Literal["line"]
    syntax: SyntaxName
    text: Template
    needle: Template
    mode: Mode = "0644"
    owner: Template = "root"
    job: JobOf | None = None


class ChangePart(Part):
    """A line of the file of another part (`of`) that stands in place of the one that belongs."""

    kind: Literal["change"]
    of: PartId
    line: Template
    becomes: Template


class LinkPart(Placed):
    """A symbolic link."""

    kind: Literal["link"]
    to: Template


class ProcessPart(Placed):
    """A process that runs what stands at a path; `title` is what it calls itself."""

    kind: Literal["process"]
    title: Template = ""
    acts: bool = True


class TrafficPart(Part):
    """What the activity program of the entry asks, as it is seen where it arrives: the first one,
    or that which is named in `by`.
    """

    kind: Literal["traffic"]
    by: PartId | None = None
    acts: bool = True


class MountPart(Part):
    """An empty folder that is mounted over the process of another part, from outside, once it runs.

    A host cannot do that itself, nor undo it, without a right that would let it out; a process that
    ends takes its mount along.
    """

    kind: Literal["mount"]
    of: PartId
    folder: PathTemplate = "{area2}"
    acts: bool = True


AnyPart = Annotated[
    ScriptPart
    | CopyPart
    | ActivityPart
    | FilePart
    | LinePart
    | ChangePart
    | LinkPart
    | MountPart
    | ProcessPart
    | TrafficPart,
    Field(discriminator="kind"),
]
RUNNABLE = (ScriptPart, CopyPart, ActivityPart)
"""Parts that a line of a file may name as a command."""
