"""What every implementation of the port Node promises."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from rangectl.plan.containment import attempt_problems, structure_problems
from rangectl.plan.fabric import Fabric, Wired
from rangectl.plan.matrix import Try
from rangectl.plan.probing import (
    Answer,
    AppendLine,
    Copy,
    Edit,
    FindContent,
    Grep,
    Hide,
    Mounts,
    Processes,
    Query,
    ReadFolder,
    ReadTail,
    Refresh,
    Remove,
    Stat,
    Write,
)
from rangectl.ports import Crosser, Node, Onlooker

OUTSIDE, NAME = "203.0.113.77", "example.com"


class NodeContract:
    """Subclass it in a module with the fixtures `node`, `fabric` and `first`.

    `fabric` is a range (of tests/engine/ranges.py) whose containers run, and `first` is what
    `node.wire(fabric)` said when it was called for the first time.
    """

    @pytest.fixture
    def desk(self, first: Wired, fabric: Fabric) -> str:
        assert first.missing == ()
        return next(one.container for one in fabric.machines if one.spec.name == "desk")

    def plant(self, node: Node, host: str, *edits: Edit) -> tuple[str | None, ...]:
        return node.plant([(host, edits)])[0]

    def ask(self, node: Node, host: str, query: Query) -> Answer:
        return node.probe([(host, [query])])[0][0]

    def test_wiring_lets_every_machine_through(self, first: Wired, fabric: Fabric) -> None:
        assert set(first.opened) == {machine.spec.name for machine in fabric.machines}
        assert first.missing == ()

    def test_wiring_twice_changes_nothing(self, node: Node, first: Wired, fabric: Fabric) -> None:
        assert isinstance(node, Onlooker)
        assert node.differences(fabric) == ()
        again = node.wire(fabric)
        assert first.changed
        assert (again.changed, again.opened, again.missing) == ((), (), ())

    def test_a_machine_has_its_files(self, node: Node, desk: str) -> None:
        found = self.ask(node, desk, Stat("/etc/own")).stat
        assert found is not None
        assert found.sha256 == hashlib.sha256(b"mine").hexdigest()

    def test_a_wired_range_is_as_planned(self, node: Node, desk: str, fabric: Fabric) -> None:
        assert desk
        assert structure_problems(fabric, node.structure(fabric)) == ()

    def test_a_wired_range_is_contained(self, node: Node, desk: str, fabric: Fabric) -> None:
        attempts = node.attempts(fabric, None, OUTSIDE, NAME)
        assert desk
        assert attempt_problems(fabric, attempts) == ()
        assert any(not one.control for one in attempts)

    def test_who_reaches_whom_is_seen_at_both_ends(
        self, node: Node, desk: str, fabric: Fabric
    ) -> None:
        assert isinstance(node, Crosser)
        there = {machine.spec.name: machine.container for machine in fabric.machines}
        near = Try(there["client"], desk, "10.20.1.20", "tcp", 9, awaited=True)
        ways = [near, replace(near, protocol="udp"), replace(near, protocol="icmp", port=0)]
        gone = replace(near, target="0" * 64, awaited=False)
        *found, lost = node.cross([*ways, gone])
        assert [(one.reached, one.arrived) for one in found] == [(True, True)] * 3
        assert not lost.arrived
        assert node.cross([]) == ()

    def test_what_was_written_is_there(self, node: Node, desk: str) -> None:
        errors = self.plant(node, desk, Write("/etc/w", b"hi\n", 0o640, mtime=1e9))
        found = self.ask(node, desk, Stat("/etc/w")).stat
        assert errors == (None,)
        assert found is not None
        assert (found.type, found.mode, found.size, found.mtime) == ("file", 0o640, 3, 1e9)

    def test_what_is_not_there_is_no_error(self, node: Node, desk: str) -> None:
        assert self.ask(node, desk, Stat("/etc/none")) == Answer()

    def test_a_line_that_was_added_is_found(self, node: Node, desk: str) -> None:
        self.plant(node, desk, *(AppendLine("/etc/cron.d/l", one) for one in ("# a", "# needle")))
        (found,) = self.ask(node, desk, Grep(("/etc/cron.d/*",), ("needle",))).lines
        assert (found.path, found.number, found.line) == ("/etc/cron.d/l", 2, "# needle")

    def test_a_line_that_stands_there_is_not_added_again(self, node: Node, desk: str) -> None:
        edits = [AppendLine("/etc/cron.d/m", one) for one in ("# a", "# needle", "# a")]
        assert self.plant(node, desk, *edits, *edits) == (None,) * 6
        found = self.ask(node, desk, Grep(("/etc/cron.d/m",), ("# a", "needle"))).lines
        assert [(one.number, one.line) for one in found] == [(1, "# a"), (2, "# needle")]

    def test_a_copy_is_found_by_its_content(self, node: Node, desk: str) -> None:
        copy = Copy("/usr/bin/true", "/opt/kept", 0o4755)
        assert self.plant(node, desk, copy) == (None,)
        source = self.ask(node, desk, Stat("/usr/bin/true")).stat
        assert source is not None
        assert source.sha256 is not None
        query = FindContent(("/opt",), (source.sha256,), suid=True)
        assert [one.path for one in self.ask(node, desk, query).files] == ["/opt/kept"]

    def test_what_is_mounted_is_looked_through_too(self, node: Node, desk: str) -> None:
        edits = (Write("/run/w", b"a mark\n"), AppendLine("/etc/hostname", "# a mark"))
        assert self.plant(node, desk, *edits) == (None, None)
        lines = self.ask(node, desk, Grep(("/run/*", "/etc/*"), ("a mark",))).lines
        assert sorted(one.path for one in lines) == ["/etc/hostname", "/run/w"]
        query = FindContent(("/run", "/etc"), (hashlib.sha256(b"a mark\n").hexdigest(),))
        assert [one.path for one in self.ask(node, desk, query).files] == ["/run/w"]

    def test_an_edit_that_fails_says_so_and_the_others_are_made(
        self, node: Node, desk: str
    ) -> None:
        edits = (Copy("/none", "/etc/n1"), Write("/etc/n2", b""))
        failed, made = self.plant(node, desk, *edits)
        assert failed is not None
        assert made is None

    def test_what_is_gone_already_can_be_removed_again(self, node: Node, desk: str) -> None:
        edits = (Write("/etc/r", b""), Remove("/etc/r"), Remove("/etc/r"), Refresh(("/etc",)))
        assert self.plant(node, desk, *edits) == (None,) * 4
        assert self.ask(node, desk, Stat("/etc/r")).stat is None

    def test_a_folder_is_read_by_name(self, node: Node, desk: str) -> None:
        self.plant(node, desk, *(Write(f"/srv/f/{name}", b"x" * size) for name, size in FILES))
        folder = self.ask(node, desk, ReadFolder("/srv/f", 9, 10)).folder
        assert folder is not None
        assert (folder.files, folder.cut) == ((("a", b"x"), ("b", b"xx")), True)

    def test_the_tail_of_a_file_is_its_last_bytes(self, node: Node, desk: str) -> None:
        self.plant(node, desk, Write("/srv/log", b"one\ntwo\n"))
        assert self.ask(node, desk, ReadTail("/srv/log", 4)).data == b"two\n"

    def test_nothing_is_covered_where_nothing_runs(self, node: Node, desk: str) -> None:
        (failed,) = self.plant(node, desk, Hide("/opt/nothing", "/opt"))
        assert failed == "no process runs /opt/nothing"
        assert self.ask(node, desk, Mounts()).covered == ()

    def test_a_host_that_is_not_there_is_an_error_and_no_failure(self, node: Node) -> None:
        nobody = "0" * 64
        assert self.plant(node, nobody, Write("/etc/x", b"")) != (None,)
        assert self.ask(node, nobody, Processes()).error is not None


FILES = (("b", 2), ("a", 1), ("c", 50))
