"""Folders of a host, each looked at once, and remembered as long as nothing in them changes."""

from __future__ import annotations

import errno
import os
import resource
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from rangectl.node import digests, files, folders
from rangectl.node.folders import Tree, WideError
from rangectl.node.values import NodeError


@pytest.fixture
def listings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note, for each folder that is listed, how many names it has."""
    sizes: list[int] = []
    sort = folders._sorted

    def noting(entries: list[os.DirEntry[str]]) -> folders.Names:
        sizes.append(len(entries))
        return sort(entries)

    monkeypatch.setattr(folders, "_sorted", noting)
    return sizes


def fill(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()


def met(tree: Tree, top: str, limit: int = 100_000) -> list[str]:
    return sorted(
        f"{path}/{name}" for path, page in tree.walk(top, limit) for name, _ in page.files
    )


def test_a_walk_meets_the_same_with_and_without_a_survey(top: Path, root: int) -> None:
    for folder in ("etc", "etc/a", "etc/a/b", "etc/c"):
        fill(top / folder, "x", "y")
    (top / "etc/link").symlink_to("a")
    tree = Tree(root)
    tree.survey("/etc")
    assert met(tree, "/etc") == met(Tree(root), "/etc")
    assert len(met(tree, "/etc")) == 8


def test_a_folder_is_looked_at_once_by_all_who_ask(
    top: Path, root: int, listings: list[int]
) -> None:
    fill(top / "etc", "x", "y")
    tree = Tree(root)
    tree.survey("/etc")
    assert [name for name, _ in tree.folder("/etc").files] == [*dict(tree.folder("/etc").files)]
    assert met(tree, "/etc") == ["/etc/x", "/etc/y"]
    assert listings == [2]


def look(root: int, merged: int | None = None) -> list[str]:
    tree = Tree(root, merged=merged)
    tree.survey("/etc")
    return met(tree, "/etc")


def test_a_folder_in_which_nothing_came_or_went_is_not_listed_again(
    top: Path, root: int, listings: list[int]
) -> None:
    fill(top / "etc", "x")
    fill(top / "etc/a", "y")
    (top / "etc/empty").mkdir()
    time.sleep(0.2)
    assert look(root) == look(root) == ["/etc/a/y", "/etc/x"]
    assert sorted(listings) == [0, 1, 3]
    (top / "etc/x").write_text("more")
    size = {name: now.st_size for name, now in Tree(root).folder("/etc").files}
    assert size == {"x": 4}
    assert len(listings) == 3


def test_a_folder_that_an_overlay_makes_of_several_is_listed_each_time(
    top: Path, root: int, listings: list[int]
) -> None:
    fill(top / "etc", "x")
    time.sleep(0.2)
    assert look(root, top.stat().st_dev) == look(root, top.stat().st_dev) == ["/etc/x"]
    assert listings == [1, 1]


def made(etc: Path) -> list[str]:
    fill(etc / "b", "y")
    return ["/etc/a/x", "/etc/b/y"]


def moved(etc: Path) -> list[str]:
    (etc / "a/x").rename(etc / "b/x")
    return ["/etc/b/x"]


def swapped(etc: Path) -> list[str]:
    (etc / "a").rename(etc / "c")
    (etc / "b").rename(etc / "a")
    return ["/etc/c/x"]


def removed(etc: Path) -> list[str]:
    (etc / "a/x").unlink()
    return []


def dated_back(etc: Path) -> list[str]:
    was = (etc / "b").stat()
    fill(etc / "b", "y")
    os.utime(etc / "b", ns=(was.st_atime_ns, was.st_mtime_ns))
    return ["/etc/a/x", "/etc/b/y"]


@pytest.mark.parametrize("change", [made, moved, swapped, removed, dated_back])
def test_whatever_comes_or_goes_is_seen_at_once(
    top: Path, root: int, change: Callable[[Path], list[str]]
) -> None:
    fill(top / "etc/a", "x")
    fill(top / "etc/b")
    time.sleep(0.2)
    assert look(root) == ["/etc/a/x"]
    now = change(top / "etc")
    assert look(root) == now


def test_what_changed_a_moment_ago_is_not_relied_on(
    top: Path, root: int, listings: list[int]
) -> None:
    fill(top / "etc", "x")
    assert look(root) == look(root) == ["/etc/x"]
    assert listings == [1, 1]


def test_a_file_that_went_while_its_folder_was_looked_at_is_none(
    top: Path, root: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(top / "etc", "x", "y")
    sort = folders._sorted

    def late(entries: list[os.DirEntry[str]]) -> folders.Names:
        names = sort(entries)
        (top / "etc/x").unlink()
        return names

    monkeypatch.setattr(folders, "_sorted", late)
    assert met(Tree(root), "/etc") == ["/etc/y"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each path that the kernel is asked for from the root."""
    paths: list[str] = []
    open_in = files.open_in

    def noting(root: int, path: str, flags: int, mode: int = 0, *, plain: bool = False) -> int:
        paths.append(path)
        return open_in(root, path, flags, mode, plain=plain)

    monkeypatch.setattr(files, "open_in", noting)
    return paths


def test_of_what_the_root_does_not_hold_the_kernel_is_not_asked(
    top: Path, root: int, asked: list[str]
) -> None:
    fill(top / "etc", "x")
    (top / "file").touch()
    (top / "link").symlink_to("etc")
    tree = Tree(root)
    names = ("/etc", "/file", "/link", "/none")
    assert [tree.is_plain(one) for one in names] == [True, True, False, True]
    for one in names:
        tree.survey(one)
    assert met(tree, "/link") == ["/link/x"]
    with pytest.raises(NotADirectoryError):
        met(tree, "/file")
    with pytest.raises(FileNotFoundError):
        met(tree, "/none")
    assert met(tree, "/") == ["/etc/x", "/file"]
    assert "/none" not in asked


def test_of_a_root_with_odd_things_nothing_is_taken_for_missing(top: Path, root: int) -> None:
    os.mkfifo(top / "pipe")
    tree = Tree(root)
    assert tree.is_plain("/pipe")
    with pytest.raises(NotADirectoryError):
        tree.folder("/pipe")


def test_a_root_too_wide_to_be_listed_hides_no_symlink(
    top: Path, root: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(top, *(f"{number}" for number in range(9)))
    (top / "link").symlink_to("0")
    monkeypatch.setattr(folders, "_WIDE", 5)
    tree = Tree(root)
    assert not tree.is_plain("/link")
    assert tree.is_plain("/0")


def test_what_a_symlink_leads_to_is_asked_once(top: Path, root: int, asked: list[str]) -> None:
    fill(top / "etc", "x")
    for name, target in (("file", "etc/x"), ("folder", "etc"), ("dangling", "none")):
        (top / name).symlink_to(target)
    tree = Tree(root)
    led = {name: tree.leads_to(f"/{name}") for name in ("file", "folder", "dangling")}
    assert led["file"] is not None
    assert led["file"].st_ino == (top / "etc/x").stat().st_ino
    assert led["dangling"] is None
    assert [tree.listed(f"/{name}").size for name in led] == [0, 1, 0]
    assert [tree.leads_to(f"/{name}") for name in led] == [*led.values()]
    assert asked == ["/file", "/folder", "/dangling", "/folder"]


def test_symlinks_fill_no_more_room_than_there_is(
    top: Path, root: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_ROOM", 3)
    (top / "x").touch()
    for number in range(5):
        (top / f"{number}").symlink_to("x")
    tree = Tree(root)
    assert all(tree.leads_to(f"/{number}") for number in range(5))
    assert len(tree._led) == 3


def test_what_cannot_be_told_is_not_taken_for_nothing(
    top: Path, root: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (top / "x").symlink_to("y")

    def used_up(*_: object, **__: object) -> int:
        raise OSError(errno.EMFILE, "none left")

    monkeypatch.setattr(files, "open_in", used_up)
    with pytest.raises(OSError, match="none left"):
        Tree(root).leads_to("/x")


def test_a_walk_that_met_too_many_says_so(top: Path, root: int) -> None:
    fill(top / "etc", *"abcd")
    with pytest.raises(NodeError, match="more than 3"):
        met(Tree(root), "/etc", 3)
    assert len(met(Tree(root), "/etc", 4)) == 4


def test_a_wide_folder_is_met_bit_by_bit_but_never_whole(
    top: Path, root: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_WIDE", 300)
    fill(top / "etc", *(str(number) for number in range(700)))
    fill(top / "etc/7000", "x")
    tree = Tree(root)
    tree.survey("/etc")
    assert len(met(tree, "/etc")) == 701
    with pytest.raises(WideError, match="more than 300 names in /etc"):
        tree.folder("/etc")


def test_many_wide_folders_below_each_other_fill_no_memory(
    top: Path, root: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_ROOM", 500)
    monkeypatch.setattr(folders, "_WIDE", 100)
    folder = top / "opt"
    for _ in range(8):
        folder = folder / "0"
        fill(folder, *(f"{number:04}{'x' * 200}" for number in range(1500)))
    tracemalloc.start()
    tree = Tree(root)
    tree.survey("/opt")
    with pytest.raises(NodeError, match="more than 9000"):
        for _ in tree.walk("/opt", 9000):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_500_000


def test_a_walk_that_has_no_descriptors_left_says_so(
    top: Path, root: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_WIDE", 0)
    (top / "opt" / "/".join("d" * 100)).mkdir(parents=True)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = len(list(Path("/proc/self/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (held + 50, hard))
    try:
        with pytest.raises(NodeError, match="gave up"):
            met(Tree(root), "/opt")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_what_is_remembered_is_bounded_by_its_weight(top: Path) -> None:
    known: digests.Known[str] = digests.Known(10, len)
    for number, fact in enumerate(("aaaa", "bbbb", "cccc", "dd")):
        (top / f"{number}").touch()
        known.keep((top / f"{number}").stat(), fact)
    assert [known.of((top / f"{n}").stat()) for n in range(4)] == [None, "bbbb", "cccc", "dd"]
    known.keep((top / "1").stat(), "bb")
    known.keep((top / "0").stat(), "aa")
    assert [known.of((top / f"{n}").stat()) for n in range(4)] == ["aa", "bb", "cccc", "dd"]
