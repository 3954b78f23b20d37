"""Keep the state of a host, and bring it back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rangectl.app.edges import Edges
from rangectl.app.ranges import Live, awake, fabric, one
from rangectl.app.ready import wait_ready
from rangectl.app.reset import exchange, host_of, remade
from rangectl.errors import HonestNo, UsageError
from rangectl.plan import snapshots
from rangectl.plan.containers import LABEL
from rangectl.plan.probing import FindContent
from rangectl.plan.snapshots import Snapshot

WORD = "kept"


def take(edges: Edges, text: str, host: str, word: str, *, anyway: bool = False) -> Snapshot:
    """Keep a host's files under a word, in the place of what was kept under it before.

    What is in memory alone is lost: processes, and files on tmpfs. HonestNo where there are such
    files, unless it is to be done `anyway`.
    """
    with edges.hold(text.partition("/")[0], "snapshot"):
        range_ = one(edges, text)
        seen = host_of(range_, host)
        if not anyway:
            _nothing_in_memory(edges, range_, host)
        old = [each.image for each in _of(edges, range_, host) if each.word == word]
        (mine,) = (
            machine for machine in fabric(range_, edges.hunt).machines if machine.spec.name == host
        )
        given = snapshots.furnished(mine.files, mine.pack)
        now = edges.clock.now()
        image = edges.stills.take(seen.id, snapshots.labels(range_.spec.id, host, word, now, given))
        edges.stills.discard(old)
        return next(each for each in edges.stills.snapshots() if each.image == image)


def _nothing_in_memory(edges: Edges, range_: Live, host: str) -> None:
    query = FindContent(snapshots.MEMORY_ONLY, ())
    ((answer,),) = edges.node.probe([(range_.container(host).id, [query])])
    lost = snapshots.lost([file.path for file in answer.files])
    if lost is not None:
        msg = f"{range_.spec.id} {host} has files in memory alone, which a snapshot loses: {lost}"
        raise HonestNo(msg, hint="move them, or say --anyway to go without them")


def restore(edges: Edges, text: str, host: str, word: str) -> Live:
    """Put a host back as it was kept under a word, wired, and wait until its services answer."""
    with edges.hold(text.partition("/")[0], "restore"):
        range_ = one(edges, text)
        awake(range_.containers)
        old = host_of(range_, host)
        mine = _of(edges, range_, host)
        found = next((each for each in mine if each.word == word), None)
        if found is None:
            msg = f"{range_.spec.id} {host}: nothing was kept as {word!r}"
            words = ", ".join(each.word for each in mine) or "nothing; see: rangectl snapshot"
            raise UsageError(msg, hint=f"kept: {words}")
        wanted = remade(range_, old)
        labels = dict(wanted.labels) | {LABEL + "furnished": found.furnished}
        new = replace(wanted, image=found.image, labels=tuple(sorted(labels.items())))
        fresh = exchange(edges, range_, [new])
        wait_ready(edges, [fresh], only=(host,))
        return fresh


@dataclass(frozen=True, slots=True)
class Which:
    """Snapshots: of ranges of a name or of one (NAME/TEAM), of a host, under a word; or of all."""

    ranges: str | None = None
    host: str | None = None
    word: str | None = None

    def means(self, one: Snapshot) -> bool:
        """Say whether a snapshot is among them."""
        mine = self.ranges in {None, one.range.name, str(one.range)}
        return mine and self.host in {None, one.host} and self.word in {None, one.word}


def kept(edges: Edges, which: Which) -> tuple[Snapshot, ...]:
    """Return what is kept of these, the newest first."""
    return tuple(each for each in edges.stills.snapshots() if which.means(each))


def forget(edges: Edges, which: Which) -> tuple[tuple[Snapshot, ...], tuple[Snapshot, ...]]:
    """Remove what is kept of ranges; return what went, and what stayed: hosts are made of it.

    UsageError where no ranges are named, or nothing is kept of these.
    """
    if which.ranges is None:
        msg = "which? ranges must be named for what is kept of them to be removed"
        raise UsageError(msg, hint="rangectl snapshots NAME --remove; with --host and --as, fewer")
    with edges.hold(which.ranges.partition("/")[0], "snapshots"):
        wanted = kept(edges, which)
        if not wanted:
            msg = "nothing of that is kept"
            raise UsageError(msg, hint="rangectl snapshots lists what is")
        used = set(edges.stills.discard([each.image for each in wanted]))
        went = tuple(each for each in wanted if each.image not in used)
        return went, tuple(each for each in wanted if each.image in used)


def _of(edges: Edges, range_: Live, host: str) -> list[Snapshot]:
    return list(kept(edges, Which(str(range_.spec.id), host)))
