"""The people of a host, over a folder that stands for its root."""

from __future__ import annotations

import base64
import json
import os
import zlib
from pathlib import Path

import pytest

from rangectl.node import people
from rangectl.node.people import Shelf, settle, with_groups, with_lines, with_secrets
from rangectl.node.values import NodeError

ME = f"{os.getuid()}:{os.getgid()}"
PASSWD = f"root:x:0:0::/root:/bin/sh\nme:x:{ME}::/home/me:/bin/sh\n"


@pytest.fixture
def top(tmp_path: Path) -> Path:
    for folder in ("etc/skel", "home"):
        (tmp_path / "root" / folder).mkdir(parents=True)
    (tmp_path / "root/etc/passwd").write_text(PASSWD)
    (tmp_path / "root/etc/shadow").write_text("root:*:1:0:99999:7:::\n")
    (tmp_path / "root/etc/group").write_text("root:x:0:\nsudo:x:27:old")
    (tmp_path / "root/etc/skel/.profile").write_text("umask 022\n")
    return tmp_path / "root"


def pack(**words: object) -> bytes:
    whole: dict[str, object] = {"at": 1e9, "accounts": [], "groups": [], "homes": [], "files": []}
    return zlib.compress(json.dumps(whole | words).encode())


STAFF = pack(
    accounts=[["ann:x:10001:10001:Ann:/home/ann:/bin/bash", "ann:*:1:0:99999:7:::"]],
    groups=[["ann", 10001, []], ["sudo", None, ["ann"]]],
    homes=[["/home/me", "me", 5e8]],
    files=[
        ["/home/me/Documents", 0o750, "me", 6e8, None],
        ["/home/me/Documents/a.txt", 0o640, "me", 7e8, "caf\u00c3\u00a9"],
    ],
)


def test_accounts_are_appended_and_others_stay(top: Path, root: int) -> None:
    settle(root, STAFF)
    lines = (top / "etc/passwd").read_text()
    assert lines == PASSWD + "ann:x:10001:10001:Ann:/home/ann:/bin/bash\n"
    assert (top / "etc/shadow").read_text().splitlines()[-1].startswith("ann:*:")
    assert (top / "etc/group").read_text() == "root:x:0:\nsudo:x:27:old,ann\nann:x:10001:\n"
    assert (top / "etc/passwd").stat().st_mtime == 1e9


def test_doing_it_again_changes_nothing(top: Path, root: int) -> None:
    settle(root, STAFF)
    before = {path: path.read_bytes() for path in top.rglob("*") if path.is_file()}
    settle(root, STAFF)
    assert {path: path.read_bytes() for path in top.rglob("*") if path.is_file()} == before


def test_a_name_that_is_there_is_not_changed() -> None:
    assert with_lines(b"ann:x:0:0::/:/bin/sh\n", ["ann:x:10001:10001:::"]) == (
        b"ann:x:0:0::/:/bin/sh\n"
    )


def test_a_list_without_an_end_gets_one() -> None:
    assert with_lines(b"a:x", ["b:x"]) == b"a:x\nb:x\n"


def test_members_join_a_group_once_and_odd_lines_stay() -> None:
    groups = [("sudo", None, ["ann"]), ("nowhere", None, ["ann"])]
    text = b"sudo:x:27:ann\nsudo\n:::\nadm:x:4:\n"
    assert with_groups(text, groups) == text
    assert with_secrets(b"sudo:*::\n", groups) == b"sudo:*::ann\n"


def test_files_have_their_looks_and_folders_their_times(top: Path, root: int) -> None:
    settle(root, STAFF)
    folder, file = top / "home/me/Documents", top / "home/me/Documents/a.txt"
    assert file.read_text() == "café"
    assert (file.stat().st_mode & 0o777, file.stat().st_mtime) == (0o640, 7e8)
    assert (folder.stat().st_mode & 0o777, folder.stat().st_mtime) == (0o750, 6e8)


def test_a_home_begins_as_the_hosts_own_skeleton(top: Path, root: int) -> None:
    settle(root, STAFF)
    assert (top / "home/me/.profile").read_text() == "umask 022\n"
    assert (top / "home/me/.profile").stat().st_mtime == 5e8
    assert (top / "home/me").stat().st_mtime == 5e8


def test_a_list_that_leads_out_of_the_host_leads_nowhere(
    top: Path, root: int, tmp_path: Path
) -> None:
    (tmp_path / "shadow").write_text("mine\n")
    (top / "etc/shadow").unlink()
    (top / "etc/shadow").symlink_to("../../../shadow")
    settle(root, STAFF)
    assert (tmp_path / "shadow").read_text() == "mine\n"


def test_a_skeleton_that_is_a_trap_is_passed_over(top: Path, root: int) -> None:
    os.mkfifo(top / "etc/skel/pipe")
    (top / "etc/skel/link").symlink_to("/etc/shadow")
    settle(root, STAFF)
    assert not (top / "home/me/pipe").exists()
    assert not (top / "home/me/link").exists()


def test_a_list_without_bounds_is_refused(top: Path, root: int) -> None:
    (top / "etc/passwd").write_bytes(b"x" * ((1 << 20) + 1))
    with pytest.raises(NodeError, match="larger than"):
        settle(root, STAFF)


def test_a_pipe_in_place_of_a_list_keeps_nobody_waiting(top: Path, root: int) -> None:
    (top / "etc/shadow").unlink()
    os.mkfifo(top / "etc/shadow")
    with pytest.raises(OSError, match="not a regular file"):
        settle(root, STAFF)


def test_a_pack_that_swells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "_PACK_LIMIT", 100)
    with pytest.raises(NodeError, match="too much"):
        people.unpacked(pack(files=[["/a", 0o644, "root", 1.0, "a" * 1000]]))


def test_an_unknown_owner_is_named(root: int) -> None:
    with pytest.raises(NodeError, match="no account 'nobody-here'"):
        settle(root, pack(files=[["/a", 0o644, "nobody-here", 1.0, "a"]]))


def test_a_file_may_be_of_a_group(top: Path, root: int) -> None:
    (top / "etc/group").write_text(f"sudo:x:27:\nus:x:{os.getgid()}:\n")
    settle(root, pack(files=[["/a", 0o640, "me:us", 1.0, "a"]]))
    assert (top / "a").stat().st_gid == os.getgid()
    with pytest.raises(NodeError, match="no group 'them'"):
        settle(root, pack(files=[["/a", 0o640, "me:them", 1.0, "a"]]))


def message(digest: str, data: bytes) -> dict[str, object]:
    packed = {"digest": digest, "data": base64.b64encode(data).decode()}
    return {"machines": [{"container": "1", "pack": packed}, {"container": "2", "pack": None}]}


def test_a_shelf_keeps_packs_and_the_wiring_names_them(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    taken = shelf.take(message("ab12", b"data"))
    assert taken["machines"][0] == {"container": "1", "pack": {"digest": "ab12"}}
    assert shelf.take(taken) == taken
    assert shelf.read("ab12") == b"data"
    assert (shelf.holds("ab12"), shelf.holds("cd34")) == (True, False)


def test_what_no_range_wants_leaves_the_shelf(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    shelf.take(message("ab12", b"data"))
    shelf.take(message("cd34", b"more"))
    shelf.keep_only({"cd34"})
    assert shelf.read("cd34") == b"more"
    with pytest.raises(NodeError, match="gone from the agent"):
        shelf.read("ab12")


def test_a_digest_that_is_a_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NodeError, match="not a digest"):
        Shelf(tmp_path / "shelf").take(message("../x", b"data"))
