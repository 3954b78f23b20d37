"""Answering questions about the files of a host, within bounds of bytes, entries and time."""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from rangectl.node import covering, digests, files, processes
from rangectl.node.inits import GoneError, Init
from rangectl.node.values import Json, NodeError

_HASH_LIMIT = 16 << 20
_NAMES_READ = 4096
_STEPS = 32
_GREP_LIMIT = 8 << 20
_TOTAL_BYTES = 256 << 20
_SECONDS = 5.0
_HOST_SECONDS = 8.0
# What a host may cost of the agent's own time: what it costs, all others wait for. A host of a
# partner's costs a few hundredths.
_WORK = 0.6
_HOST_WORK = 0.9
_LATE = "gave up: nothing more is asked of this host now"
_LINES = 1000
_LINE = 4096
_LINES_BYTES = 256 << 10
_MATCHES = 4096
_FEW_LINES = 8
_Needles = tuple[tuple[str, bytes], ...]
_Line = tuple[int, str, str]
_LINES_KNOWN: digests.Known[tuple[_Line, ...]] = digests.Known(1 << 18)
_TYPES = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "folder",
    stat.S_IFLNK: "link",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


class Budget:
    """What one query may still use: bytes, time, and `left` seconds of this thread's own time."""

    def __init__(self, left: float = _WORK) -> None:
        self._end = time.monotonic() + _SECONDS
        self._worked = time.thread_time() + min(left, _WORK)
        self._bytes = _TOTAL_BYTES
        self._steps = 0

    def step(self) -> None:
        """Count one of many small things; raise NodeError when time has run out."""
        if self._steps % _STEPS == 0:
            self.spend()
        self._steps += 1

    def spend(self, size: int = 0) -> None:
        """Take bytes off; raise NodeError when bytes or time have run out."""
        self._bytes -= size
        if self._bytes < 0:
            msg = f"gave up: more than {_TOTAL_BYTES} bytes to read"
            raise NodeError(msg)
        if time.thread_time() > self._worked or time.monotonic() > self._end:
            msg = "gave up: it takes too long"
            raise NodeError(msg)


def answers(
    root: int, init: Init, queries: Mapping[int, Json], groups: processes.Groups
) -> dict[int, Json]:
    """Answer all queries about one host within its time, what costs most last.

    One host gets one thread, so long, and so much of the agent's own time, so that no host's
    folders keep the others waiting. What looks at the same places is done together: how often a
    folder is read says nothing.
    """
    end = time.monotonic() + _HOST_SECONDS
    worked = time.thread_time() + _HOST_WORK
    alike: dict[str, list[int]] = {}
    wide = _widest([query["roots"] for query in queries.values() if query["kind"] == "FindContent"])
    for place, query in queries.items():
        alike.setdefault(_places_of(query, wide), []).append(place)
    found: dict[int, Json] = {}
    for places in sorted(alike.values(), key=lambda one: queries[one[0]]["kind"] == "FindContent"):
        left = worked - time.thread_time()
        late = left < 0 or time.monotonic() > end
        query = _together([queries[place] for place in places])
        said = {"error": _LATE} if late else answer(root, init, query, groups, left)
        found |= {place: _own(queries[place], said) for place in places}
    return found


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
    return json.dumps([query["kind"], next(around, query[key])])


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
    root: int, init: Init, query: Json, groups: processes.Groups, left: float = _WORK
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
                _ask(root, query, Budget(left), found)
    except (OSError, NodeError) as error:
        found["error"] = str(error)
    except GoneError:
        found["error"] = "the host does not run"
    except Exception as error:  # noqa: BLE001 - whatever a host shows, the others are answered
        found["error"] = repr(error)[:200]
    return found


def _ask(root: int, query: Json, budget: Budget, found: Json) -> None:
    match query["kind"]:
        case "Stat":
            found["stat"] = _stat(root, query["path"], budget)
        case "Grep":
            _grep(root, query, budget, found.setdefault("lines", []))
        case "FindContent":
            _find(root, query, budget, found.setdefault("files", []))
        case "ReadFolder":
            found["folder"] = _read_folder(root, query)
        case "ReadTail":
            found["data"] = base64.b64encode(_tail(root, query)).decode()
        case unknown:
            msg = f"no such query: {unknown}"
            raise NodeError(msg)


def _stat(root: int, path: str, budget: Budget) -> Json | None:
    """Say what is at a path: the thing itself, not what a symlink there points to."""
    try:
        with files.place(root, path, follow=False) as spot:
            return _fact(spot, path, budget)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _fact(spot: int, path: str, budget: Budget) -> Json:
    now = os.fstat(spot)
    hashed = stat.S_ISREG(now.st_mode) and now.st_size <= _HASH_LIMIT
    return {
        "path": path,
        "type": _TYPES.get(stat.S_IFMT(now.st_mode), "other"),
        "mode": stat.S_IMODE(now.st_mode),
        "uid": now.st_uid,
        "gid": now.st_gid,
        "size": now.st_size,
        "mtime": now.st_mtime,
        "ctime": now.st_ctime,
        "sha256": _digest(spot, budget) if hashed else None,
        "cap": hashed and _has_capabilities(spot),
    }


def _has_capabilities(spot: int) -> bool:
    try:
        os.getxattr(f"/proc/self/fd/{spot}", "security.capability")
    except OSError:
        return False
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


def _grep(root: int, query: Json, budget: Budget, found: list[Json]) -> None:
    """Look through all that matches; what was too large to be looked through, or could not be
    opened though it is there, is an error, last.
    """
    look = _Look(root, tuple((one, os.fsencode(one)) for one in query["needles"]), budget)
    for pattern in query["patterns"]:
        for path, entry in matching(root, pattern, budget):
            with _telling(path, look.cut):
                for number, line, needle in look.lines(path, entry):
                    _add(found, {"path": path, "number": number, "line": line, "needle": needle})
    if look.cut:
        msg = f"too large to be looked through, or held: {', '.join(look.cut[:3])}"
        raise NodeError(msg)


@dataclass(slots=True)
class _Look:
    """A look for needles in files; `cut` are the paths of those that were not looked at whole."""

    root: int
    needles: _Needles
    budget: Budget
    cut: list[str] = field(default_factory=list)

    def lines(self, path: str, entry: files.Entry | None) -> Iterator[_Line]:
        """Yield the lines of a file that hold needles; `entry` is where it was met, if it was."""
        if entry is None or entry.is_link:
            with files.place(self.root, path) as spot:
                yield from self._at(spot, path)
        elif entry.is_file:
            self.budget.step()
            there = _LINES_KNOWN.of(entry.stat(), self.needles)
            if there is not None:
                yield from there
                return
            with entry.held() as spot:
                yield from self._at(spot, path)

    def _at(self, spot: int, path: str) -> Iterator[_Line]:
        before = os.fstat(spot)
        there = _LINES_KNOWN.of(before, self.needles)
        if there is not None:
            yield from there
            return
        if stat.S_ISLNK(before.st_mode):  # somebody put it there a moment ago
            self.cut.append(path)
            return
        with files.reading(spot) as file:
            content = files.read_up_to(file, _GREP_LIMIT + 1)
            self.budget.spend(len(content))
            if len(content) > _GREP_LIMIT:
                self.cut.append(path)
            met: list[_Line] = []
            for number, line, needle in _lines_with(content, self.needles):
                self.budget.spend()
                met.append((number, os.fsdecode(_around(line, os.fsencode(needle))), needle))
                yield met[-1]
            if len(content) <= _GREP_LIMIT and len(met) <= _FEW_LINES:
                _LINES_KNOWN.learn(before, file, tuple(met), self.needles)


@contextmanager
def _telling(path: str, held: list[str]) -> Iterator[None]:
    """Pass over what cannot be read; note what somebody keeps from being read at this moment, by a
    lease on it, or by moving about what leads there.
    """
    try:
        yield
    except BlockingIOError:
        held.append(path)
    except OSError:
        pass


def _add(found: list[Json], line: Json) -> None:
    if len(found) >= _LINES or sum(len(one["line"]) for one in found) > _LINES_BYTES:
        msg = f"gave up after {len(found)} lines"
        raise NodeError(msg)
    found.append(line)


def _around(line: bytes, needle: bytes) -> bytes:
    """Cut a long line, but not its needle: what runs a line reads past any number of blanks."""
    begin = max(0, line.find(needle) - _LINE // 2)
    return line[max(0, min(begin, len(line) - _LINE)) :][:_LINE]


def _lines_with(content: bytes, needles: _Needles) -> Iterator[tuple[int, bytes, str]]:
    """Yield (number, line, needle) without making all the lines: there may be millions."""
    number, counted, at = 1, 0, 0
    spots = {needle: content.find(raw) for needle, raw in needles}
    while True:
        for needle, raw in needles:
            if 0 <= spots[needle] < at:
                spots[needle] = content.find(raw, at)
        ahead = [spot for spot in spots.values() if spot >= 0]
        if not ahead:
            return
        begin = content.rfind(b"\n", 0, min(ahead)) + 1
        end = content.find(b"\n", min(ahead))
        end = len(content) if end < 0 else end
        number += content.count(b"\n", counted, begin)
        for needle, raw in needles:
            if raw in content[begin:end]:
                yield number, content[begin:end], needle
        counted, at = begin, end + 1


def matching(root: int, pattern: str, budget: Budget) -> Iterator[tuple[str, files.Entry | None]]:
    """Yield the paths that match an absolute pattern, where `*` stands within one name, each with
    where it was met if its folder was listed.
    """
    yield from _matching(root, "", pattern.strip("/").split("/"), budget)


def _matching(
    root: int, path: str, parts: list[str], budget: Budget
) -> Iterator[tuple[str, files.Entry | None]]:
    head, rest = parts[0], parts[1:]
    budget.spend()
    if "*" not in head:
        below = f"{path}/{head}"
        if rest:
            yield from _matching(root, below, rest, budget)
        else:
            yield below, None
        return
    for entry in _named(root, path, head):
        if not rest:
            yield entry.path, entry
        elif entry.is_folder or entry.is_link:
            yield from _matching(root, entry.path, rest, budget)


def _named(root: int, path: str, pattern: str) -> Iterator[files.Entry]:
    """Yield what of a folder has such a name, in the order of names, while the folder is open."""
    literal = pattern.replace("[", "[[]").replace("?", "[?]")
    try:
        folder = files.open_in(root, path or "/", files.FOLDER)
    except OSError:
        return
    with files.held(folder):
        try:
            entries = files.names_in(folder, _MATCHES + 1, path)
        except OSError:
            return
        if len(entries) > _MATCHES:
            msg = f"gave up: more than {_MATCHES} names in {path or '/'}"
            raise NodeError(msg)
        meant = (one for one in entries if fnmatch.fnmatchcase(one.name, literal))
        yield from sorted(meant, key=lambda one: one.name)


def _find(root: int, query: Json, budget: Budget, found: list[Json]) -> None:
    wanted = query.get("any", [query])
    sieve = _Sieve(wanted)
    held: list[str] = []
    for top in query["roots"]:
        with suppress(FileNotFoundError, NotADirectoryError):
            for entry in files.walk(root, top):
                budget.step()
                if entry.is_file and sieve.passes(entry):
                    with _telling(entry.path, held), entry.held() as spot:
                        fact = _fact(spot, entry.path, budget)
                        if any(_is_wanted(query, fact) for query in wanted):
                            _add_file(found, fact)
    if held:
        msg = f"held by somebody: {', '.join(held[:3])}"
        raise NodeError(msg)


def _add_file(found: list[Json], fact: Json) -> None:
    found.append(fact)
    if len(found) >= _LINES:
        msg = f"gave up after {_LINES} files"
        raise NodeError(msg)


class _Sieve:
    """What can be told of a file without holding it: whether one of some searches may want it."""

    def __init__(self, wanted: Sequence[Json]) -> None:
        self._sizes = _sizes([query for query in wanted if not query["suid"]])
        self._suid_sizes = _sizes([query for query in wanted if query["suid"]])

    def passes(self, entry: files.Entry) -> bool:
        """Say whether it may be one; one that is gone is none."""
        try:
            now = entry.stat()
        except OSError:
            return False
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
