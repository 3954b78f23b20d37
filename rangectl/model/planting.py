"""What was put into a range, component by component: the answer key, as the event log keeps it."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Address
from typing import Annotated, Literal

from pydantic import Field

from rangectl.model.base import Duration, Model

Nature = Literal["implant", "decoy", "noise"]
ComponentKind = Literal[
    "file", "line", "suid", "cap", "link", "lost", "process", "traffic", "mount"
]
EvidenceKind = Literal["file", "line", "process", "flow"]


class Component(Model):
    """The smallest part of an artefact that is either present or gone.

    `file`: the content `sha256` anywhere below `look_in`, under whatever name. `line`: `needle` in
    any file that matches `look_in`. `suid`: `path` (or any file with `sha256` below `look_in`)
    carries the set-user-id bit; `cap`: file capabilities. `link`: a symbolic link stands at `path`.
    `lost`: no line of `path` is `needle`, which belongs there. `process`: a process whose command
    line holds `needle`. `traffic`: `source` asked `address`:`port` for `needle`, not longer than
    `lately` ago. `mount`: something is mounted over such a process. `size` is the content's, in
    bytes; a `line` with a `sha256` has its file for itself; `others` are paths of the same content
    that belong to other artefacts. A `neighbour` belongs to the partner: whoever removes it did too
    much. `host` is where it stands, if that is not the host of its artefact.
    """

    id: str
    kind: ComponentKind
    required: bool = True
    persistence: bool = False
    neighbour: bool = False
    path: str | None = None
    look_in: tuple[str, ...] = ()
    needle: str | None = None
    sha256: str | None = None
    user: str | None = None
    address: IPv4Address | None = None
    port: int | None = None
    size: int | None = None
    others: tuple[str, ...] = ()
    source: IPv4Address | None = None
    lately: Duration = timedelta(0)
    host: Annotated[str | None, Field(exclude_if=lambda host: host is None)] = None

    @property
    def is_whole(self) -> bool:
        """Whether the whole of what stands at `path` is the component's, not a line of it only."""
        return self.kind in {"file", "suid", "cap", "link", "lost"} or self.sha256 is not None


class Technique(Model):
    """An ATT&CK technique, with every number it has had."""

    id: str
    version: str
    tactic: str
    aliases: tuple[str, ...] = ()


class Artefact(Model):
    """One implant, decoy or noise edit, with all that adjudication and scoring need to know of it.

    It stands on `host`; some kinds have components on another host as well.
    """

    id: str
    nature: Nature
    host: str
    components: tuple[Component, ...]
    entry: str | None = None
    actor: str | None = None
    weight: int = 0
    technique: Technique | None = None
    evidence: tuple[EvidenceKind, ...] = ()
    period: Duration = timedelta(0)
    fingerprint: str | None = None
    imitates: str | None = None

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host that holds something of it, its own first."""
        return tuple(dict.fromkeys((self.host, *map(self.host_of, self.components))))

    def host_of(self, component: Component) -> str:
        """Return where a component stands."""
        return component.host or self.host

    def on(self, host: str) -> tuple[Component, ...]:
        """Return the components that stand on a host."""
        return tuple(one for one in self.components if self.host_of(one) == host)
