"""Planting, over a folder that stands for a container's root."""

from __future__ import annotations

import base64
import hashlib
import os
import time
from pathlib import Path

import pytest

from rangectl.node import digests, plant
from rangectl.node.values import NodeError


def me(top: Path) -> str:
    (top / "etc/passwd").write_text(f"bad:line\nme:x:{os.getuid()}:{os.getgid()}::/:/bin/sh\n")
    return "me"


def edit(root: int, top: Path, kind: str, **words: object) -> None:
    look = {"mode": 0o644, "owner": me(top), "mtime": None}
    plant.edit(root, {"kind": kind, **look, **words})


def write(root: int, top: Path, path: str, content: bytes = b"x", **words: object) -> None:
    edit(root, top, "Write", path=path, content=base64.b64encode(content).decode(), **words)


def test_a_file_is_written_with_all_its_looks(top: Path, root: int) -> None:
    write(root, top, "/etc/x", b"hi", mode=0o4711, mtime=1e9)
    found = (top / "etc/x").stat()
    assert (top / "etc/x").read_bytes() == b"hi"
    assert (found.st_mode & 0o7777, found.st_mtime) == (0o4711, 1e9)


def test_nothing_is_left_beside_a_written_file(top: Path, root: int) -> None:
    write(root, top, "/etc/x")
    assert sorted(one.name for one in (top / "etc").iterdir()) == ["passwd", "x"]


def test_a_symlink_in_the_place_is_replaced_and_not_followed(top: Path, root: int) -> None:
    (top / "victim").write_text("safe")
    (top / "etc/x").symlink_to("/victim")
    write(root, top, "/etc/x")
    assert (top / "victim").read_text() == "safe"
    assert not (top / "etc/x").is_symlink()


def test_a_folder_that_leads_out_leads_nowhere(top: Path, root: int) -> None:
    outside = top.parent / "outside"
    outside.mkdir()
    (top / "etc/way").symlink_to("../../outside")
    with pytest.raises(OSError, match=r"."):
        write(root, top, "/etc/way/x")
    assert list(outside.iterdir()) == []


def test_an_account_that_is_not_there_is_named(top: Path, root: int) -> None:
    with pytest.raises(NodeError, match="no account 'nobody-here'"):
        write(root, top, "/etc/x", owner="nobody-here")


@pytest.mark.parametrize("path", ["etc/x", "/", "/etc/..", "/etc/"])
def test_a_path_that_names_no_file_is_refused(top: Path, root: int, path: str) -> None:
    with pytest.raises(NodeError, match="not an absolute path"):
        write(root, top, path)


def test_a_line_is_added_on_a_line_of_its_own(top: Path, root: int) -> None:
    (top / "etc/x").write_text("one")
    edit(root, top, "AppendLine", path="/etc/x", line="two")
    edit(root, top, "AppendLine", path="/etc/x", line="three")
    assert (top / "etc/x").read_text() == "one\ntwo\nthree\n"


def test_a_line_that_stands_there_is_not_added_again(top: Path, root: int) -> None:
    (top / "etc/x").write_text("one\ntwo")
    for line in ("two", "on", "on"):
        edit(root, top, "AppendLine", path="/etc/x", line=line, mtime=1e9)
    assert (top / "etc/x").read_text() == "one\ntwo\non\n"
    assert (top / "etc/x").stat().st_mtime == 1e9


def test_a_line_makes_the_file_it_needs(top: Path, root: int) -> None:
    edit(root, top, "AppendLine", path="/etc/new", line="one", mode=0o600)
    assert (top / "etc/new").read_text() == "one\n"
    assert (top / "etc/new").stat().st_mode & 0o777 == 0o600


def test_a_line_is_never_added_to_a_fifo(top: Path, root: int) -> None:
    os.mkfifo(top / "etc/x")
    with pytest.raises(OSError, match="regular"):
        edit(root, top, "AppendLine", path="/etc/x", line="two")


def test_a_copy_has_the_content_and_its_own_looks(top: Path, root: int) -> None:
    (top / "etc/a").write_text("hi")
    edit(root, top, "Copy", source="/etc/a", path="/etc/b", mode=0o755)
    assert (top / "etc/b").read_text() == "hi"
    assert (top / "etc/b").stat().st_mode & 0o777 == 0o755


def test_a_folder_is_made_and_a_second_time_changed(top: Path, root: int) -> None:
    for mode in (0o700, 0o750):
        edit(root, top, "MakeFolder", path="/etc/own", mode=mode)
    assert (top / "etc/own").stat().st_mode & 0o777 == 0o750


def test_what_is_gone_already_can_be_removed_again(top: Path, root: int) -> None:
    write(root, top, "/etc/x")
    edit(root, top, "Remove", path="/etc/x")
    edit(root, top, "Remove", path="/etc/x")
    assert not (top / "etc/x").exists()


def test_a_refresh_renews_every_ctime_and_nothing_else(top: Path, root: int) -> None:
    (top / "etc/deep").mkdir()
    (top / "etc/deep/suid").write_text("x")
    (top / "etc/deep/suid").chmod(0o4755)
    (top / "etc/link").symlink_to("/nowhere")
    os.mkfifo(top / "etc/pipe")
    spots = [top / "etc/deep", top / "etc/deep/suid", top / "etc/link", top / "etc/pipe"]
    before = [spot.lstat() for spot in spots]
    time.sleep(0.02)
    edit(root, top, "Refresh", roots=["/etc", "/none"])
    after = [spot.lstat() for spot in spots]
    assert all(a.st_ctime_ns > b.st_ctime_ns for a, b in zip(after, before, strict=True))
    assert [(a.st_mode, a.st_mtime_ns) for a in after] == [
        (b.st_mode, b.st_mtime_ns) for b in before
    ]


@pytest.mark.parametrize("ids", ["99999999999999:1", "1:" + "9" * 5000, ":5", "-1:-1", "1", "x:y"])
def test_a_list_of_accounts_that_makes_no_sense_is_named(top: Path, root: int, ids: str) -> None:
    (top / "etc/passwd").write_text(f"odd:x:{ids}:/:/bin/sh\n")
    with pytest.raises(NodeError, match="no account 'odd'"):
        plant.account(root, "odd")


def test_a_refresh_of_far_too_much_ends_in_time(
    top: Path, root: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plant, "_REFRESH_SECONDS", -1.0)
    (top / "etc/x").write_text("x")
    with pytest.raises(NodeError, match="too much"):
        edit(root, top, "Refresh", roots=["/etc", "/"])


def test_what_was_planted_and_refreshed_need_not_be_opened_to_be_known(
    top: Path, root: int
) -> None:
    write(root, top, "/etc/x", b"hi")
    edit(root, top, "Refresh", roots=["/etc"])
    assert digests.DIGESTS.of((top / "etc/x").stat()) == hashlib.sha256(b"hi").hexdigest()
    (top / "etc/x").chmod(0o600)
    assert digests.DIGESTS.of((top / "etc/x").stat()) is None


def test_what_cannot_be_put_in_place_is_named(top: Path, root: int) -> None:
    (top / "etc/x").write_text("a file, no folder")
    with pytest.raises(NotADirectoryError, match="/etc/x/y: "):
        write(root, top, "/etc/x/y")
