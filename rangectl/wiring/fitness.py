"""What this machine is, and what crashed commands left on it, for `doctor`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

from rangectl.app.down import orphans
from rangectl.app.ranges import ids
from rangectl.engine.docker_engine import DockerEngine, connect
from rangectl.engine.docker_stills import DockerStills
from rangectl.engine.docker_traces import DockerTraces
from rangectl.engine.facts import read as read_facts
from rangectl.plan.fitness import Facts, Leftover
from rangectl.provision import locks, owner
from rangectl.provision.engine_cli import DockerCli
from rangectl.store import library


def facts() -> Facts:
    """Return what this machine's engine and kernel are, and what crashed commands left."""
    client = connect()
    return replace(read_facts(client), home=_home_trouble(), leftovers=tuple(_leftovers()))


def _leftovers() -> Iterator[Leftover]:
    client = connect()
    engine = DockerEngine(client)
    seen = engine.seen()
    for one in engine.mistold():
        runs = "stands still" if one.running else "runs"
        what = f"{one.range}: {one.host} {runs}, and the engine lists it otherwise"
        yield Leftover(what, "rangectl up puts it right; its disk was full when that happened")
    for name in ids(orphans(seen)):
        mend = f"rangectl up makes it whole; rangectl down {name.name}, or down --orphans, removes"
        yield Leftover(f"{name}: the switch of this range is gone", mend)
    there = set(ids(seen))
    found = list(DockerTraces(client).find())
    gone = [one for one in DockerStills(client).snapshots() if one.range not in there]
    containers, folders = owner.orphans(DockerCli())
    files = locks.stale(locks.folder(library.home() / "locks"))
    counted = {
        "snapshots of ranges that are gone": gone,
        "containers of builds that were killed": containers,
        "folders of builds that were killed": folders,
        "lock files of commands that were killed": files,
    }
    found += [f"{len(some)} {what}" for what, some in counted.items() if some]
    yield from (Leftover(what, "rangectl down --orphans removes it") for what in found)


def _home_trouble() -> str | None:
    """Say why no state can be kept; None when it can."""
    folder = library.home()
    there = next(one for one in (folder, *folder.parents) if one.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return None
    return f"no state can be kept in {folder}"
