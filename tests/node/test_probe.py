"""Probing, over a folder that stands for a container's root and is as hostile as one."""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rangectl.node import bounds, files, folders, probe
from rangectl.node.inits import Init
from rangectl.node.layers import Layers
from tests.node.watching import Watcher, ask

SHA = hashlib.sha256(b"found me\n").hexdigest()


def answers(root: int, queries: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return probe.answers(Layers(root, root), Init(1, 0), probe.plan(queries), {})


def grep(root: int, *patterns: str, needles: tuple[str, ...] = ("found",)) -> dict[str, Any]:
    return ask(root, "Grep", patterns=list(patterns), needles=list(needles))


def find(root: int, *roots: str, suid: bool = False) -> list[str]:
    answer = ask(root, "FindContent", roots=roots, sha256=[SHA], sizes=[9], suid=suid)
    return [fact["path"] for fact in answer["files"]]


def test_a_file_is_described_with_its_digest(top: Path, root: int) -> None:
    (top / "etc/x").write_text("found me\n")
    fact = ask(root, "Stat", path="/etc/x")["stat"]
    assert (fact["type"], fact["size"], fact["sha256"]) == ("file", 9, SHA)


def test_what_is_not_there_is_no_error(root: int) -> None:
    assert ask(root, "Stat", path="/etc/none") == {"stat": None}


def test_a_symlink_is_described_and_not_followed(top: Path, root: int) -> None:
    (top / "etc/loop").symlink_to("loop")
    assert ask(root, "Stat", path="/etc/loop")["stat"]["type"] == "link"


@pytest.mark.parametrize("way", ["../../secret", "/secret", "../../../../../../../secret"])
def test_no_symlink_leads_out_of_the_root(top: Path, root: int, way: str) -> None:
    (top / "etc/x").symlink_to(way)
    assert grep(root, "/etc/x")["lines"] == []


def test_a_symlink_leads_where_it_would_in_the_host(top: Path, root: int) -> None:
    (top / "real").write_text("found me\n")
    (top / "etc/x").symlink_to("/real")
    assert grep(root, "/etc/x")["lines"][0]["path"] == "/etc/x"


def test_a_magic_link_is_refused(top: Path, root: int) -> None:
    (top / "etc/x").symlink_to("/proc/self/root/etc/passwd")
    assert grep(root, "/etc/x", needles=("root",))["lines"] == []


def test_a_fifo_is_never_opened(top: Path, root: int) -> None:
    os.mkfifo(top / "etc/pipe")
    began = time.monotonic()
    assert grep(root, "/etc/*")["lines"] == []
    assert "regular" in ask(root, "ReadTail", path="/etc/pipe", size=10)["error"]
    assert time.monotonic() - began < 1


def test_a_huge_sparse_file_has_no_digest_and_costs_nothing(top: Path, root: int) -> None:
    with (top / "etc/big").open("wb") as file:
        file.truncate(10 << 30)
    began = time.monotonic()
    assert ask(root, "Stat", path="/etc/big")["stat"]["sha256"] is None
    assert grep(root, "/etc/big")["lines"] == []
    assert time.monotonic() - began < 2


def test_names_that_are_no_text_survive_the_wire(top: Path, root: int) -> None:
    name = os.fsencode(top) + b"/etc/\xff\nx"
    with files.held(os.open(name, os.O_CREAT | os.O_WRONLY)) as file:
        os.write(file, b"found me\n")
    (path,) = find(root, "/etc")
    assert os.fsencode(path) == b"/etc/\xff\nx"
    assert ask(root, "Stat", path=path)["stat"]["sha256"] == SHA


def test_lines_are_numbered_cut_and_named_by_their_needle(top: Path, root: int) -> None:
    (top / "etc/a").write_text("one\n" + "x" * 5000 + "found\n")
    (top / "etc/b").write_text("two found\n")
    lines = grep(root, "/etc/*", needles=("found", "x"))["lines"]
    assert [(one["path"], one["number"], one["needle"]) for one in lines] == [
        ("/etc/a", 2, "found"),
        ("/etc/a", 2, "x"),
        ("/etc/b", 1, "found"),
    ]
    assert len(lines[0]["line"]) == 4096


def test_a_star_stands_within_one_name(top: Path, root: int) -> None:
    (top / "etc/cron.d/deep").mkdir(parents=True)
    (top / "etc/cron.d/job").write_text("found\n")
    (top / "etc/cron.d/deep/job").write_text("found\n")
    assert [one["path"] for one in grep(root, "/etc/*/job")["lines"]] == ["/etc/cron.d/job"]


def test_content_is_found_under_whatever_name(top: Path, root: int) -> None:
    (top / "opt/a/b").mkdir(parents=True)
    (top / "opt/a/b/.hidden").write_text("found me\n")
    (top / "opt/link").symlink_to("a/b/.hidden")
    assert find(root, "/opt", "/none") == ["/opt/a/b/.hidden"]


def test_only_set_user_id_files_are_found_when_asked_so(top: Path, root: int) -> None:
    for name, mode in (("plain", 0o755), ("suid", 0o4755)):
        (top / "etc" / name).write_text("found me\n")
        (top / "etc" / name).chmod(mode)
    assert find(root, "/etc", suid=True) == ["/etc/suid"]


def test_a_wide_folder_loses_nothing(top: Path, root: int) -> None:
    for number in range(700):
        (top / f"opt/{number}").mkdir(parents=True)
        (top / f"opt/{number}/x").write_text("found me\n")
    assert len(find(root, "/opt")) == 700


def test_a_bottomless_folder_ends(top: Path, root: int) -> None:
    folder = os.open(top, os.O_RDONLY | os.O_DIRECTORY)
    for _ in range(600):
        os.mkdir("d" * 200, dir_fd=folder)
        below = os.open("d" * 200, os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(folder)
    assert find(root, "/") == []


def test_time_runs_out_with_what_was_found_so_far(
    top: Path, root: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "_SECONDS", -1.0)
    answer = ask(root, "FindContent", roots=["/"], sha256=[SHA], sizes=[], suid=False)
    assert answer["files"] == []
    assert "gave up" in answer["error"]
    assert top.exists()


def test_a_folder_is_read_in_the_order_of_names_and_within_bounds(top: Path, root: int) -> None:
    for name, size in (("b", 3), ("a", 2), ("c", 50)):
        (top / "etc" / name).write_bytes(b"x" * size)
    (top / "etc/d").symlink_to("a")
    folder = ask(root, "ReadFolder", path="/etc", entries=64, size=10)["folder"]
    assert [(name, base64.b64decode(body)) for name, body in folder["files"]] == [
        ("a", b"xx"),
        ("b", b"xxx"),
    ]
    assert folder["cut"]


def test_files_that_are_too_large_keep_no_other_out(top: Path, root: int) -> None:
    for name, size in (("a", 50), ("b", 50), ("c", 3), ("d", 3)):
        (top / "etc" / name).write_bytes(b"x" * size)
    folder = ask(root, "ReadFolder", path="/etc", entries=1, size=10)["folder"]
    assert [name for name, _ in folder["files"]] == ["c"]


def test_the_tail_of_a_file_is_its_last_bytes(top: Path, root: int) -> None:
    (top / "etc/log").write_text("one\ntwo\n")
    assert base64.b64decode(ask(root, "ReadTail", path="/etc/log", size=4)["data"]) == b"two\n"


def test_the_needle_of_a_long_line_is_never_cut_off(top: Path, root: int) -> None:
    (top / "etc/a").write_text(" " * 9000 + "found" + " " * 9000)
    (one,) = grep(root, "/etc/a")["lines"]
    assert "found" in one["line"]
    assert len(one["line"]) == 4096


def test_millions_of_lines_cost_little(top: Path, root: int) -> None:
    (top / "etc/a").write_bytes(b"\n" * (7 << 20) + b"found")
    tracemalloc.start()
    (one,) = grep(root, "/etc/a")["lines"]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert one["number"] == (7 << 20) + 1
    assert peak < 32 << 20


def test_more_lines_than_anyone_asks_for_are_not_sent(top: Path, root: int) -> None:
    (top / "etc/a").write_bytes((b"found" + b"\xff" * 4000 + b"\n") * 1500)
    answer = grep(root, "/etc/a")
    assert len(answer["lines"]) < 100
    assert "gave up" in answer["error"]


def test_a_file_too_large_to_be_looked_through_is_no_proof_of_absence(top: Path, root: int) -> None:
    (top / "etc/a").write_bytes(b"#" * (9 << 20) + b"\nfound\n")
    (top / "etc/b").write_text("found\n")
    answer = grep(root, "/etc/*")
    assert [one["path"] for one in answer["lines"]] == ["/etc/b"]
    assert "too large" in answer["error"]


HOLDER = """
import fcntl, signal, sys, time
signal.signal(signal.SIGIO, signal.SIG_IGN)
file = open(sys.argv[1], "r+b")
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def held(top: Path) -> Iterator[None]:
    """A file with what is looked for, on which somebody holds a lease."""
    (top / "etc/x").write_text("found me\n")
    command = [sys.executable, "-c", HOLDER, str(top / "etc/x")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:  # noqa: S603
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield
        holder.kill()


@pytest.mark.usefixtures("held")
def test_a_file_that_somebody_holds_is_no_proof_of_absence(root: int) -> None:
    assert "held" in grep(root, "/etc/*")["error"]
    answer = ask(root, "FindContent", roots=["/etc"], sha256=[SHA], sizes=[9], suid=False)
    assert "held" in answer["error"]
    assert "temporarily" in ask(root, "Stat", path="/etc/x")["error"]


def test_what_nothing_is_left_to_read_with_is_no_proof_of_absence(
    top: Path, root: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (top / "etc/x").write_text("found me\n")
    open_in = files.open_in

    def used_up(at: int, path: str, flags: int, mode: int = 0, *, plain: bool = False) -> int:
        if path in {"/etc/x", "/etc/link"}:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return open_in(at, path, flags, mode, plain=plain)

    (top / "etc/link").symlink_to("x")
    monkeypatch.setattr(files, "open_in", used_up)
    error = grep(root, "/etc/*")["error"]
    assert "/etc/x" in error
    assert "/etc/link" in error


def test_a_host_costs_no_more_of_the_agents_own_time_than_it_may(
    top: Path, root: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "_WORK", 0.05)
    monkeypatch.setattr(probe, "_HOST_WORK", 0.1)
    for folder in ("etc", "opt", "srv"):
        (top / folder).mkdir(exist_ok=True)
        for number in range(4000):
            (top / folder / f"{number}").touch()
    kinds = [{"roots": [f"/{one}"] * 9, "sizes": [0]} for one in ("etc", "opt", "srv")]
    queries = {
        place: {"kind": "FindContent", "sha256": [SHA], "suid": False, **one}
        for place, one in enumerate(kinds)
    }
    began = time.thread_time()
    told = answers(root, queries)
    assert time.thread_time() - began < 0.5
    assert ["gave up" in told[place]["error"] for place in queries] == [True] * 3


def test_twelve_implants_cost_a_host_no_more_looks_than_one(
    top: Path, root: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (top / "opt").mkdir()
    opened: list[str] = []
    open_in = files.open_in

    def counting(at: int, path: str, flags: int, mode: int = 0, *, plain: bool = False) -> int:
        opened.append(path)
        return open_in(at, path, flags, mode, plain=plain)

    monkeypatch.setattr(files, "open_in", counting)
    looks = []
    for implants in (1, 12):
        opened.clear()
        asked = [
            {"kind": "FindContent", "roots": ["/etc", "/opt"], "sha256": [f"{n}"], "sizes": [n]}
            for n in range(implants)
        ]
        answers(root, {n: {**query, "suid": False} for n, query in enumerate(asked)})
        looks.append(list(opened))
    assert looks[0] == looks[1]
    assert set(looks[0]) == {"/", "/etc", "/opt"}


def test_names_past_the_limit_are_no_proof_of_absence(
    top: Path, root: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_WIDE", 3)
    for name in "abcd":
        (top / "etc" / name).write_text("nothing\n")
    assert "more than 3 names" in grep(root, "/etc/*")["error"]


def test_what_lies_too_deep_is_no_proof_of_absence(top: Path, root: int) -> None:
    folder = top / "opt" / "/".join("d" * 140)
    folder.mkdir(parents=True)
    (folder / "x").write_text("found me\n")
    (top / "opt/y").write_text("found me\n")
    answer = ask(root, "FindContent", roots=["/opt"], sha256=[SHA], sizes=[9], suid=False)
    assert [one["path"] for one in answer["files"]] == ["/opt/y"]
    assert "too deep" in answer["error"]


def test_a_probe_that_stumbles_is_an_answer(root: int) -> None:
    assert "KeyError" in ask(root, "Stat")["error"]


def test_who_watches_a_folder_sees_no_probe_of_a_known_file(top: Path, root: int) -> None:
    (top / "etc/x").write_text("found me\n")
    time.sleep(0.15)
    watcher = Watcher(top / "etc")
    assert find(root, "/etc") == ["/etc/x"]
    assert watcher.events() != []
    assert ask(root, "Stat", path="/etc/x")["stat"]["sha256"] == SHA
    assert find(root, "/etc") == ["/etc/x"]
    assert watcher.events() == []


def test_a_file_that_changed_is_read_again(top: Path, root: int) -> None:
    (top / "etc/x").write_text("found me\n")
    time.sleep(0.15)
    assert find(root, "/etc") == ["/etc/x"]
    was = (top / "etc/x").stat()
    (top / "etc/x").write_text("found it\n")
    os.utime(top / "etc/x", ns=(was.st_atime_ns, was.st_mtime_ns))
    assert find(root, "/etc") == []


def test_a_host_that_takes_too_long_is_asked_nothing_more(
    top: Path, root: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "_HOST_SECONDS", -1.0)
    queries = {0: {"kind": "Stat", "path": "/etc"}}
    assert "nothing more" in answers(root, queries)[0]["error"]
    assert top.exists()


def test_questions_are_answered_in_their_places_whatever_their_order(top: Path, root: int) -> None:
    (top / "etc/x").write_text("found me\n")
    walk = {"kind": "FindContent", "roots": ["/etc"], "sha256": [SHA], "sizes": [], "suid": False}
    look = {"kind": "Stat", "path": "/etc/x"}
    found = answers(root, {0: walk, 1: look, 2: walk})
    assert [sorted(found[place]) for place in range(3)] == [["files"], ["stat"], ["files"]]
    assert found[0] == found[2]


def test_how_often_a_folder_is_read_does_not_tell_how_much_is_looked_for(
    top: Path, root: int
) -> None:
    (top / "etc/x").write_text("found me\nand me\n")
    asked: list[dict[str, Any]]
    asked = [{"kind": "Grep", "patterns": ["/etc/*"], "needles": [one]} for one in ("me", "and")]
    find = {"kind": "FindContent", "roots": ["/etc"], "sizes": [], "suid": False}
    asked += [{**find, "sha256": [one]} for one in (SHA, hashlib.sha256(b"x").hexdigest())]
    watcher = Watcher(top / "etc")
    found = answers(root, dict(enumerate(asked)))
    assert [len(found[place]["lines"]) for place in (0, 1)] == [2, 1]
    assert [found[place]["files"] for place in (2, 3)] == [[], []]
    assert watcher.opened() == 2


def test_a_found_file_is_held_again_only_when_it_changed(
    top: Path, root: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (top / "etc/x").write_text("found me\n")
    time.sleep(0.2)
    held, capable = list[str](), list[bytes]()

    def getxattr(path: str, _: str) -> bytes:
        held.append(path)
        if not capable:
            raise OSError(errno.ENODATA, "no capabilities")
        return capable[0]

    monkeypatch.setattr(os, "getxattr", getxattr)
    wanted = {"roots": ["/etc"], "sha256": [SHA], "sizes": [9], "suid": False}
    facts = [ask(root, "FindContent", **wanted)["files"] for _ in range(2)]
    assert (facts[0] == facts[1], facts[0][0]["cap"], len(held)) == (True, False, 1)
    capable.append(b"some")
    (top / "etc/x").chmod(0o640)  # as a change of capabilities does, it sets the ctime
    time.sleep(0.2)
    (fact,) = ask(root, "FindContent", **wanted)["files"]
    assert (fact["cap"], fact["mode"], len(held)) == (True, 0o640, 2)


def test_files_are_opened_again_only_when_they_changed(top: Path, root: int) -> None:
    for name, text in (("with", "found me\n"), ("without", "nothing\n")):
        (top / "etc" / name).write_text(text)
    time.sleep(0.2)
    first = grep(root, "/etc/*")
    assert [line["path"] for line in first["lines"]] == ["/etc/with"]
    watcher = Watcher(top / "etc")
    assert grep(root, "/etc/*") == first
    assert watcher.events() == []
    with (top / "etc/without").open("a") as file:
        file.write("found me\n")
    watcher.events()
    assert [line["number"] for line in grep(root, "/etc/*")["lines"]] == [1, 2]
    assert set(watcher.events()) == {"without"}
    assert grep(root, "/etc/*", needles=("nothing",))["lines"][0]["path"] == "/etc/without"


def test_one_walk_answers_for_its_folder_and_for_folders_around_it(top: Path, root: int) -> None:
    for name in ("etc/x", "opt/deep/y"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text("found me\n")
    search = {"kind": "FindContent", "sha256": [SHA], "sizes": [9], "suid": False}
    roots = (["/etc"], ["/etc", "/opt"], ["/opt/deep", "/etc"])
    asked = {place: {**search, "roots": one} for place, one in enumerate(roots)}
    watcher = Watcher(top / "etc")
    found = answers(root, asked)
    paths = [sorted(fact["path"] for fact in found[place]["files"]) for place in range(3)]
    assert paths == [["/etc/x"], ["/etc/x", "/opt/deep/y"], ["/etc/x", "/opt/deep/y"]]
    assert watcher.opened() == 2  # roots that none of the others hold whole are walked apart
