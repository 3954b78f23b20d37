"""What came to a host is looked for in its top layer, and in what no layer holds."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rangectl.node import digests, files, layers, probe
from rangectl.node.inits import Init, start_of
from rangectl.node.layers import Layers

CONTENT = b"found me\n"
SHA = hashlib.sha256(CONTENT).hexdigest()
MOUNTS = ("/etc/hosts", "/run", "/srv/data")


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Layers]:
    for name in ("whole/etc", "whole/run/lock", "whole/srv/data/deep", "top/etc", "top/opt"):
        (tmp_path / name).mkdir(parents=True)
    with (
        files.held(os.open(tmp_path / "whole", files.FOLDER)) as whole,
        files.held(os.open(tmp_path / "top", files.FOLDER)) as top,
    ):
        yield Layers(whole, top, MOUNTS)


def put(tmp_path: Path, *names: str) -> None:
    for name in names:
        (tmp_path / name).write_bytes(CONTENT)


def ask(host: Layers, kind: str, **words: object) -> dict[str, Any]:
    answer = probe.answer(host, Init(1, 0), {"kind": kind, **words}, {})
    assert "error" not in answer
    return answer


def find(
    host: Layers, *roots: str, sha256: tuple[str, ...] = (SHA,), sizes: tuple[int, ...] = ()
) -> list[str]:
    words = {"sha256": sha256, "sizes": sizes, "suid": False}
    return sorted(one["path"] for one in ask(host, "FindContent", roots=roots, **words)["files"])


def grep(host: Layers, *patterns: str) -> list[str]:
    found = ask(host, "Grep", patterns=patterns, needles=["found"])["lines"]
    return sorted(one["path"] for one in found)


def test_content_is_looked_for_in_the_top_layer_and_in_mounts(tmp_path: Path, host: Layers) -> None:
    put(tmp_path, "top/etc/new", "whole/etc/of-the-image", "whole/etc/hosts")
    put(tmp_path, "whole/run/lock/pid", "whole/srv/data/deep/file")
    assert find(host, "/etc", "/srv") == ["/etc/hosts", "/etc/new", "/srv/data/deep/file"]
    assert find(host, "/run/lock") == ["/run/lock/pid"]
    assert find(host, "/nowhere") == []


def test_who_looks_for_any_content_gets_what_the_image_brought_too(
    tmp_path: Path, host: Layers
) -> None:
    put(tmp_path, "whole/etc/of-the-image")
    assert find(host, "/etc", sha256=()) == ["/etc/of-the-image"]


def test_lines_are_looked_for_in_the_top_layer_and_in_mounts(tmp_path: Path, host: Layers) -> None:
    put(tmp_path, "top/etc/new", "whole/etc/of-the-image", "whole/etc/hosts")
    put(tmp_path, "whole/run/lock/pid", "whole/etc/literal")
    assert grep(host, "/etc/*") == ["/etc/hosts", "/etc/new"]
    assert grep(host, "/run/*/*") == ["/run/lock/pid"]
    assert grep(host, "/etc/literal") == ["/etc/literal"]


def test_a_symlink_in_the_top_layer_leads_to_what_the_host_has(
    tmp_path: Path, host: Layers
) -> None:
    put(tmp_path, "whole/etc/of-the-image")
    for layer in ("top", "whole"):
        (tmp_path / layer / "etc/link").symlink_to("/etc/of-the-image")
    assert grep(host, "/etc/*") == ["/etc/link"]


def test_files_of_any_size_are_opened_where_that_can_be_watched(
    tmp_path: Path, host: Layers
) -> None:
    sizes = {1, 8, 9, 10, 4096}
    for size in sizes:
        (tmp_path / "whole/run" / str(size)).write_bytes(b"x" * size)
        os.utime(tmp_path / "whole/run" / str(size), (0, 0))
    time.sleep(0.15)
    find(host, "/run", sizes=(9,))
    known = {int(one.name) for one in (tmp_path / "whole/run").glob("[0-9]*") if _is_known(one)}
    assert known == sizes


def _is_known(file: Path) -> bool:
    return digests.DIGESTS.of(file.stat()) is not None


def test_folders_moved_behind_a_symlink_that_only_the_image_leads_to_are_looked_at(
    tmp_path: Path, host: Layers
) -> None:
    put(tmp_path, "whole/srv/data/deep/x")
    (tmp_path / "whole/bin").symlink_to("srv")
    for layer in ("top", "whole"):
        (tmp_path / layer / "home").mkdir()
        (tmp_path / layer / "home/kim").symlink_to("/bin/data/deep")
        (tmp_path / layer / "var").symlink_to("/bin/data/deep")
    assert find(host, "/var") == ["/var/x"]
    assert grep(host, "/var/*") == ["/var/x"]
    assert grep(host, "/home/*/*") == ["/home/kim/x"]


def table(tmp_path: Path, text: str) -> bytes:
    return text.replace("TOP", str(tmp_path)).encode()


@pytest.mark.parametrize(
    "options",
    [
        "rw,lowerdir=/l",
        "rw,lowerdir=/l,upperdir=short/diff",
        "rw,lowerdir=/l,upperdir=TOP,metacopy=on",
    ],
)
def test_a_top_layer_that_cannot_be_told_or_holds_less_is_none(
    tmp_path: Path, options: str
) -> None:
    row = f"1 0 0:1 / / rw - overlay overlay {options}"
    assert layers.upper_of(table(tmp_path, row), b"0:1") is None


def test_the_top_layer_and_what_is_mounted_are_read_from_the_table_of_mounts(
    tmp_path: Path,
) -> None:
    rows = [
        "1 0 0:1 / / rw master:1 - overlay overlay rw,upperdir=/a\\040b,workdir=/w",
        "2 1 0:2 / /proc rw - proc proc rw",
        "3 2 0:3 / /proc/7 rw - tmpfs tmpfs rw",
        "4 1 0:4 / /run rw - tmpfs tmpfs rw",
        "5 4 0:5 / /run/lock rw - tmpfs tmpfs rw",
        "6 1 0:6 /hosts /etc/hosts rw - ext4 /dev/vda rw",
    ]
    told = table(tmp_path, "\n".join(rows))
    assert layers.upper_of(told, b"0:1") == b"/a b"
    assert layers.upper_of(told, b"0:9") is None
    assert layers.mounts_of(told) == ("/etc/hosts", "/run")


def test_a_host_without_layers_is_looked_at_as_a_whole() -> None:
    with files.held(os.open(f"/proc/{os.getpid()}", files.FOLDER)) as own:
        init = Init(os.getpid(), start_of(own))
    with init.root() as root, layers.of(init, root) as found:
        assert found.root == root
        assert {tree for tree, _ in found.below("/etc")} <= {found.top, found.whole}
