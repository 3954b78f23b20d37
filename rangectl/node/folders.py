"""What the folders of a host hold, each looked at once by all questions of a look.

Listing is most of what a look costs. A folder of the top layer is listed again only when its times
changed, as they do whenever an entry comes, goes or is renamed; what its files tell is asked anew.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from rangectl.node import digests, files
from rangectl.node.values import NodeError

_WIDE = 4096
_ROOM = 8192
_PAGE = 256
_REMEMBERED = 128 << 20
_BYTES, _BYTES_A_NAME = 500, 60  # and one for each character, mostly
_DEPTH = 128
_INTO = files.FOLDER | os.O_NOFOLLOW
_LONGEST = 900  # a file's path below must fit the kernel's 4096 bytes, whatever its characters
UNSEEN = files.USED_UP | {errno.EAGAIN, errno.ENAMETOOLONG}
"""What keeps a folder from being listed though it may be there."""


class WideError(NodeError):
    """A folder with so many names that they are only met bit by bit."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names in a folder; `size` counts also what is none of these."""

    folders: tuple[str, ...]
    links: tuple[str, ...]
    files: tuple[str, ...]
    size: int


def _weigh(names: Names) -> int:
    every = (*names.folders, *names.links, *names.files)
    return _BYTES + sum(_BYTES_A_NAME + len(name) for name in every)


_LISTED: digests.Known[Names] = digests.Known(_REMEMBERED, _weigh)


@dataclass(slots=True)
class Page:
    """What a folder holds, or some of it: names, and of its regular files also what they tell."""

    folders: Sequence[str] = ()
    links: Sequence[str] = ()
    files: Sequence[tuple[str, os.stat_result]] = ()
    size: int = 0


class Tree:
    """The folders below a root, as they are when first met; who wants news makes another."""

    def __init__(self, root: int, *, merged: int | None = None) -> None:
        """`merged` is the device of folders that are listed anew each time: those that an overlay
        makes of several, whose times need not tell of all of them.
        """
        self.root = root
        self._merged = merged
        self._kept: dict[str, Page] = {}
        self._surveyed: dict[str, list[tuple[str, Page]] | None] = {}
        self._wide: set[str] = set()
        self._led: dict[str, os.stat_result | None] = {}
        self._room = _ROOM

    def survey(self, top: str) -> None:
        """Look at a folder and all below it at one go, where nothing of it is wide, deep or odd: it
        is what costs least, and what is asked later is known then.
        """
        if top in self._surveyed or not self._room or self.why_none(top):
            return
        met: list[tuple[str, Page]] = []
        self._surveyed[top] = None
        with suppress(OSError), files.held(files.open_in(self.root, top, files.FOLDER)) as folder:
            if self._meet(folder, top.rstrip("/"), met):
                self._surveyed[top] = met

    def folder(self, path: str) -> Page:
        """Return all that a folder holds; WideError when that is too much, OSError when there is
        none.
        """
        if (kept := self._kept.get(path)) is not None:
            return kept
        whole = None if path in self._wide else self._whole(path)
        if whole is None:
            self._wide.add(path)
            msg = f"gave up: more than {_WIDE} names in {path or '/'}"
            raise WideError(msg)
        self._keep(path, whole)
        return whole

    def listed(self, path: str) -> Page:
        """Return all that a folder holds: nothing, where there is none."""
        if (kept := self._kept.get(path)) is not None:
            return kept
        if self.why_none(path):
            return Page()
        try:
            return self.folder(path)
        except OSError as error:
            if error.errno in UNSEEN:
                raise
            return Page()

    def is_plain(self, path: str) -> bool:
        """Whether no part of a path is a symlink."""
        above, _, name = path.rpartition("/")
        if not above:
            with suppress(WideError, OSError):
                return name not in self.folder("").links
        return files.is_plain(self.root, path)

    def leads_to(self, path: str) -> os.stat_result | None:
        """Return what is told of what a path leads to, its symlinks followed; None where that is
        nothing, OSError where it cannot be told.
        """
        if path in self._led:
            return self._led[path]
        now = self._followed(path)
        if self._room:
            self._room -= 1
            self._led[path] = now
        return now

    def why_none(self, path: str) -> int | None:
        """Return the error's number where it is known already that there is no folder at a path;
        None where that is not known.
        """
        if path in self._led:
            led = self._led[path]
            there = led is not None and stat.S_ISDIR(led.st_mode)
            return None if there else errno.ENOENT if led is None else errno.ENOTDIR
        above, _, name = path.rpartition("/")
        if above or not name or (root := self._kept.get("")) is None:
            return None
        names = {*root.folders, *root.links, *(one for one, _ in root.files)}
        return errno.ENOENT if name not in names and len(names) == root.size else None

    def walk(self, top: str, limit: int = 100_000) -> Iterator[tuple[str, Page]]:
        """Yield a folder and all folders below it, wide ones in several pages, following no symlink
        and entering no kernel tree.

        What is moved meanwhile may be met elsewhere or not at all, but nothing leads out of the
        root. NodeError at the end when not all of it was met: what lies too deep or is too much.
        """
        if (surveyed := self._surveyed.get(top)) is not None:
            yield from surveyed
            return
        walk = _Walk(self, limit)
        yield from walk.below(top.rstrip("/"))
        if walk.cut:
            msg = f"gave up: {top} is too deep, or holds more than {limit} files"
            raise NodeError(msg)

    def pages(self, path: str) -> Iterator[Page]:
        """Yield what a folder holds, in as few pages as may be kept."""
        try:
            yield self.folder(path)
        except WideError:
            yield from self._bits(path)

    def _whole(self, path: str) -> Page | None:
        if (code := self.why_none(path)) is not None:
            raise OSError(code, os.strerror(code))
        folder = files.open_in(self.root, path or "/", files.FOLDER)
        try:
            names = self._names(folder)
            return None if names is None else _page(folder, names)
        finally:
            os.close(folder)

    def _followed(self, path: str) -> os.stat_result | None:
        try:
            with files.place(self.root, path) as spot:
                return os.fstat(spot)
        except OSError as error:
            if error.errno in UNSEEN:
                raise
            return None

    def _keep(self, path: str, page: Page) -> bool:
        """Keep what a folder holds, as long as there is room."""
        if page.size > self._room:
            self._room = 0
            return False
        self._room -= page.size
        self._kept[path] = page
        return True

    def _meet(
        self, folder: int, path: str, met: list[tuple[str, Page]], names: Names | None = None
    ) -> bool:
        """Look at a held folder and all below it; say whether that could be done at one go."""
        names = names or self._names(folder)
        if names is None or len(path) > _LONGEST or path.count("/") > _DEPTH:
            return False
        page = _page(folder, names)
        met.append((path, page))
        if not self._keep(path, page):
            return False
        for name in names.folders:
            if (below := f"{path}/{name}") in files.KERNEL_TREES:
                continue
            now = os.stat(name, dir_fd=folder, follow_symlinks=False)
            told = self._remembered(now)
            if told is None or told.files or told.folders:
                if not self._meet_in(folder, name, below, met, told):
                    return False
            else:  # nothing in it needs to be asked anew
                page = Page((), told.links, (), told.size)
                met.append((below, page))
                if not self._keep(below, page):
                    return False
        return True

    def _meet_in(
        self, above: int, name: str, path: str, met: list[tuple[str, Page]], names: Names | None
    ) -> bool:
        folder = os.open(name, _INTO, dir_fd=above)
        try:
            return self._meet(folder, path, met, names)
        finally:
            os.close(folder)

    def _names(self, folder: int) -> Names | None:
        """Return the names in a held folder; None when there are too many."""
        before = os.fstat(folder)
        if (there := self._remembered(before)) is not None:
            return there
        with os.scandir(folder) as listing:
            names = _sorted(list(islice(listing, _WIDE + 1)))
        if names.size > _WIDE:
            return None
        if before.st_dev != self._merged:
            _LISTED.learn(before, folder, names)
        return names

    def _remembered(self, now: os.stat_result) -> Names | None:
        """Return the names in a folder of which nothing changed since it was listed."""
        return None if now.st_dev == self._merged else _LISTED.of(now)

    def _bits(self, path: str) -> Iterator[Page]:
        with (
            files.held(files.open_in(self.root, path or "/", files.FOLDER)) as folder,
            os.scandir(folder) as listing,
        ):
            while entries := list(islice(listing, _PAGE)):
                yield _page(folder, _sorted(entries))


@dataclass(slots=True)
class _Level:
    """A folder that is being walked through, and those of its folders that are still to come."""

    path: str
    pages: Iterator[Page]
    below: Iterator[str]


class _Walk:
    """A walk through folders; `cut` once there were too many entries, or some too deep."""

    def __init__(self, tree: Tree, limit: int) -> None:
        self.cut = False
        self._tree = tree
        self._left = limit
        self._levels: list[_Level] = []

    def below(self, top: str) -> Iterator[tuple[str, Page]]:
        self._enter(top)
        while self._levels:
            level = self._levels[-1]
            if (name := next(level.below, None)) is not None:
                self._enter(f"{level.path}/{name}")
            elif (page := self._next(level)) is None:
                self._levels.pop()
            elif page.size > self._left:
                self.cut = True
                return
            else:
                self._left -= page.size
                yield level.path, page
                level.below = iter(page.folders)

    def _enter(self, path: str) -> None:
        if len(self._levels) == _DEPTH or len(path) > _LONGEST:
            self.cut = True
        elif path not in files.KERNEL_TREES:
            self._levels.append(_Level(path, self._tree.pages(path), iter(())))

    def _next(self, level: _Level) -> Page | None:
        """Return a folder's next page; one below the first that cannot be read is passed over."""
        try:
            return next(level.pages, None)
        except OSError as error:
            if len(self._levels) == 1:
                raise
            self.cut |= error.errno in UNSEEN
            return None


def _sorted(entries: Sequence[os.DirEntry[str]]) -> Names:
    """Return the names of entries by what they are."""
    folders, links, regular = [], [], []
    for one in entries:
        name = sys.intern(one.name)  # hosts of an image have most of them in common
        if one.is_file(follow_symlinks=False):
            regular.append(name)
        elif one.is_symlink():
            links.append(name)
        elif one.is_dir(follow_symlinks=False):
            folders.append(name)
    return Names(tuple(folders), tuple(links), tuple(regular), len(entries))


def _page(folder: int, names: Names) -> Page:
    try:
        told = [(name, os.stat(name, dir_fd=folder, follow_symlinks=False)) for name in names.files]
    except FileNotFoundError:  # one is gone already
        told = [one for name in names.files for one in _told(folder, name)]
    return Page(names.folders, names.links, told, names.size)


def _told(folder: int, name: str) -> Iterator[tuple[str, os.stat_result]]:
    with suppress(FileNotFoundError):
        yield name, os.stat(name, dir_fd=folder, follow_symlinks=False)
