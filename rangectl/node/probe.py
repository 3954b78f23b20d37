"""Answering questions about the files of a host, within bounds of bytes, entries and time."""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rangectl.node import covering, digests, files, lines, processes
from rangectl.node.bounds import Budget, telling
from rangectl.node.folders import Page, Tree
from rangectl.node.inits import GoneError, Init
from rangectl.node.layers import Layers
from rangectl.node.values import Json, NodeError

_HASH_LIMIT = 16 << 20
_NAMES_READ = 4096
_HOST_SECONDS = 8.0
_HOST_WORK = 0.9
_LATE = "gave up: nothing more is asked of this host now"
_FILES = 1000
_TYPES = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "folder",
    stat.S_IFLNK: "link",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


@dataclass(frozen=True, slots=True)
class Group:
    """Queries, by their places, that are answered by one: `together`."""

    together: Json
    own: tuple[tuple[int, Json], ...]


def plan(queries: Mapping[int, Json]) -> list[Group]:
    """Return what is to be asked to answer all queries about a host, what costs most last.

    What looks at the same places is done together: how often a folder is read says nothing.
    """
    alike: dict[str, list[int]] = {}
    wide = _widest([query["roots"] for query in queries.values() if query["kind"] == "FindContent"])
    for place, query in queries.items():
        alike.setdefault(_places_of(query, wide), []).append(place)
    return [
        Group(
            _together([queries[place] for place in places]),
            tuple((place, queries[place]) for place in places),
        )
        for places in sorted(
            alike.values(), key=lambda one: queries[one[0]]["kind"] == "FindContent"
        )
    ]


def answers(
    layers: Layers, init: Init, asked: Sequence[Group], groups: processes.Groups
) -> dict[int, Json]:
    """Answer all that is planned to be asked about one host within its time.

    One host gets one thread, so long, and so much of the agent's own time, so that no host's
    folders keep the others waiting.
    """
    end = time.monotonic() + _HOST_SECONDS
    worked = time.thread_time() + _HOST_WORK
    found: dict[int, Json] = {}
    for group in asked:
        if group.together["kind"] == "FindContent":
            layers.survey(group.together["roots"])
    for group in asked:
        left = worked - time.thread_time()
        late = left < 0 or time.monotonic() > end
        said = {"error": _LATE} if late else answer(layers, init, group.together, groups, left)
        found |= {place: _own(query, said) for place, query in group.own}
    return found


def failed(asked: Sequence[Group], why: str) -> dict[int, Json]:
    """Answer all that is planned to be asked about a host that cannot be asked."""
    return {place: {"error": why} for group in asked for place, _ in group.own}


def _widest(roots: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return those roots that no others of these hold whole, the longest first."""
    found: list[list[str]] = []
    for one in sorted(roots, key=len, reverse=True):
        if not any(set(one) <= set(other) for other in found):
            found.append(list(one))
    return found


def _places_of(query: Json, wide: Sequence[Sequence[str]] = ()) -> str:
    """Return what is the same for queries that can be answered together: of searches, the `wide`
    roots that hold all their own.
    """
    key = {"Grep": "patterns", "FindContent": "roots"}.get(query["kind"])
    if key is None or key not in query:
        return json.dumps(query, sort_keys=True)
    around = (one for one in wide if key == "roots" and set(query[key]) <= set(one))
    return json.dumps([query["kind"], next(around, query[key]), query.get("few", False)])


def _together(queries: Sequence[Json]) -> Json:
    first = queries[0]
    match first["kind"]:
        case "Grep":
            needles = (needle for query in queries for needle in query["needles"])
            return {**first, "needles": list(dict.fromkeys(needles))}
        case "FindContent":
            roots = max((query["roots"] for query in queries), key=len)
            return {**first, "roots": roots, "any": list(queries)}
        case _:
            return first


def _own(query: Json, said: Json) -> Json:
    """Return the part of a common answer that answers this query."""
    match query["kind"]:
        case "Grep" if "lines" in said:
            return {**said, "lines": [x for x in said["lines"] if x["needle"] in query["needles"]]}
        case "FindContent" if "files" in said:
            mine = tuple(f"{top.rstrip('/')}/" for top in query["roots"])
            near = [fact for fact in said["files"] if fact["path"].startswith(mine)]
            return {**said, "files": [fact for fact in near if _is_wanted(query, fact)]}
        case _:
            return said


def answer(
    layers: Layers, init: Init, query: Json, groups: processes.Groups, left: float = _HOST_WORK
) -> Json:
    """Answer one query; what was found before a failure is part of the answer."""
    found: Json = {}
    try:
        match query["kind"]:
            case "Processes":
                found["processes"] = processes.of(init, groups)
            case "Mounts":
                found["covered"] = covering.covered(init)
            case _:
                _ask(layers, query, Budget(left), found)
    except (OSError, NodeError) as error:
        found["error"] = str(error)
    except GoneError:
        found["error"] = "the host does not run"
    except Exception as error:  # noqa: BLE001 - whatever a host shows, the others are answered
        found["error"] = repr(error)[:200]
    return found


def _ask(layers: Layers, query: Json, budget: Budget, found: Json) -> None:
    root = layers.root
    match query["kind"]:
        case "Stat":
            found["stat"] = _stat(root, query, budget)
        case "Grep":
            lines.grep(layers, query, budget, found.setdefault("lines", []))
        case "FindContent":
            _find(layers, query, budget, found.setdefault("files", []))
        case "ReadFolder":
            found["folder"] = _read_folder(root, query)
        case "ReadTail":
            found["data"] = base64.b64encode(_tail(root, query)).decode()
        case unknown:
            msg = f"no such query: {unknown}"
            raise NodeError(msg)


def _stat(root: int, query: Json, budget: Budget) -> Json | None:
    """Say what is at a path: the thing itself, not what a symlink there points to."""
    path = query["path"]
    try:
        with files.place(root, path, follow=False) as spot:
            return _fact(spot, path, budget if query.get("content", True) else None)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _fact(spot: int, path: str, budget: Budget | None) -> Json:
    """Describe what is held; without a budget its content is not looked at."""
    now = os.fstat(spot)
    hashed = stat.S_ISREG(now.st_mode) and now.st_size <= _HASH_LIMIT
    sha256 = _digest(spot, budget) if hashed and budget is not None else None
    return _described(path, now, sha256, cap=hashed and _has_capabilities(spot))


def _known(path: str, now: os.stat_result, budget: Budget) -> Json | None:
    """Describe a file of which nothing has changed since it was held; None if that is not known."""
    sha256, cap = digests.DIGESTS.of(now), digests.CAPS.of(now)
    if sha256 is None or cap is None:
        return None
    budget.spend()
    return _described(path, now, sha256, cap=cap)


def _described(path: str, now: os.stat_result, sha256: str | None, *, cap: bool) -> Json:
    return {
        "path": path,
        "type": _TYPES.get(stat.S_IFMT(now.st_mode), "other"),
        "mode": stat.S_IMODE(now.st_mode),
        "uid": now.st_uid,
        "gid": now.st_gid,
        "size": now.st_size,
        "mtime": now.st_mtime,
        "ctime": now.st_ctime,
        "sha256": sha256,
        "cap": cap,
    }


def _has_capabilities(spot: int) -> bool:
    before = os.fstat(spot)
    try:
        os.getxattr(f"/proc/self/fd/{spot}", "security.capability")
    except OSError as error:
        if error.errno == errno.ENODATA:
            digests.CAPS.learn(before, spot, fact=False)
        return False
    digests.CAPS.learn(before, spot, fact=True)
    return True


def _digest(spot: int, budget: Budget) -> str:
    before = os.fstat(spot)
    budget.spend()
    if (there := digests.DIGESTS.of(before)) is not None:
        return there
    digest = hashlib.sha256()
    left = _HASH_LIMIT + 1
    with files.reading(spot) as file:
        while left > 0 and (part := os.read(file, min(1 << 20, left))):
            budget.spend(len(part))
            digest.update(part)
            left -= len(part)
        digests.DIGESTS.learn(before, file, digest.hexdigest())
    return digest.hexdigest()


def _find(layers: Layers, query: Json, budget: Budget, found: list[Json]) -> None:
    wanted = query.get("any", [query])
    if not all(one["sha256"] for one in wanted):  # also what the image brought
        layers = layers.entire()
    sieve, every = _Sieve(wanted), _Sieve([{**wanted[0], "sizes": [], "suid": False}])
    held: list[str] = []
    full = False
    for tree, top in [one for root in query["roots"] for one in layers.below(root)]:
        seen = (
            tree is not layers.top
        )  # by who watches files of any size he likes being opened there
        mine = every if seen else sieve
        for path, now in _candidates(tree, top, mine, budget):
            fact = now and _known(path, now, budget)
            if fact is None:
                with telling(path, held), files.place(tree.root, path, follow=False) as spot:
                    if mine.passes(os.fstat(spot)):
                        fact = _fact(spot, path, budget)
            if fact and any(_is_wanted(query, fact) for query in wanted):
                full = full or len(found) >= _FILES
                found += [] if full else [fact]
    if full:
        msg = f"gave up after {_FILES} files"
        raise NodeError(msg)
    if held:
        msg = f"held by somebody: {', '.join(held[:3])}"
        raise NodeError(msg)


def _candidates(
    tree: Tree, top: str, sieve: _Sieve, budget: Budget
) -> Iterator[tuple[str, os.stat_result | None]]:
    """Yield what may be wanted below a folder, or a file itself: its path, and what was told of it
    where it was met.
    """
    try:
        for path, page in tree.walk(top):
            budget.step()
            for name, now in sieve.through(page):
                yield f"{path}/{name}", now
    except FileNotFoundError:
        pass
    except NotADirectoryError:
        yield top, None


class _Sieve:
    """What can be told of a file without holding it: whether one of some searches may want it."""

    def __init__(self, wanted: Sequence[Json]) -> None:
        self._sizes = _sizes([query for query in wanted if not query["suid"]])
        self._suid_sizes = _sizes([query for query in wanted if query["suid"]])

    def through(self, page: Page) -> list[tuple[str, os.stat_result]]:
        """Return the files that may be some."""
        sizes, some = self._sizes, page.files
        if sizes is not None:  # nearly none has such a size
            some = [one for one in some if one[1].st_size in sizes or one[1].st_mode & stat.S_ISUID]
        return [one for one in some if self.passes(one[1])]

    def passes(self, now: os.stat_result) -> bool:
        """Say whether it may be one."""
        if self._sizes is None or now.st_size in self._sizes:
            return True
        suid = now.st_mode & stat.S_ISUID
        return bool(suid) and (self._suid_sizes is None or now.st_size in self._suid_sizes)


def _sizes(queries: Sequence[Json]) -> frozenset[int] | None:
    """Return the sizes that searches look for; None when one looks for any."""
    if any(not query["sizes"] for query in queries):
        return None
    return frozenset(size for query in queries for size in query["sizes"])


def _may_be(query: Json, size: int, mode: int) -> bool:
    sized = not query["sizes"] or size in query["sizes"]
    return sized and (not query["suid"] or bool(mode & stat.S_ISUID))


def _is_wanted(query: Json, fact: Json) -> bool:
    """Whether a file is one that this query looks for."""
    known = not query["sha256"] or fact["sha256"] in query["sha256"]
    return known and _may_be(query, fact["size"], fact["mode"])


def _read_folder(root: int, query: Json) -> Json:
    """Read the regular files of a folder, in the order of their names, but those that are large."""
    kept: list[tuple[str, str]] = []
    with files.held(files.open_in(root, query["path"], files.FOLDER)) as folder:
        entries = files.names_in(folder, 100_000)
        regular = sorted(entry.name for entry in entries if entry.is_file)
        cut = len(regular) > query["entries"] or len(entries) == 100_000
        for name in regular[:_NAMES_READ]:
            if len(kept) == query["entries"]:
                break
            content = _small_file(folder, name, query["size"])
            if content is None:
                cut = True
            else:
                kept.append((name, base64.b64encode(content).decode()))
    return {"files": kept, "cut": cut}


def _small_file(folder: int, name: str, size: int) -> bytes | None:
    flags = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with files.held(os.open(name, flags, dir_fd=folder)) as spot, files.reading(spot) as file:
            content = files.read_up_to(file, size + 1)
    except OSError:
        return None
    return content if len(content) <= size else None


def _tail(root: int, query: Json) -> bytes:
    size = min(query["size"], _HASH_LIMIT)
    with files.place(root, query["path"]) as spot, files.reading(spot) as file:
        os.lseek(file, max(0, os.fstat(file).st_size - size), os.SEEK_SET)
        return files.read_up_to(file, size)
