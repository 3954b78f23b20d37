"""Who makes files and watches them learns nothing of what is looked for."""

from __future__ import annotations

import time
from pathlib import Path

from tests.node.watching import Watcher, ask


def test_files_full_of_what_is_looked_for_are_opened_no_oftener_than_others(
    top: Path, root: int
) -> None:
    for name, text in (("full", "found me\n"), ("other", "nothing\n")):
        (top / "etc" / name).write_text(text * 1000)
    time.sleep(0.2)
    words = {"patterns": ["/etc/*"], "needles": ["found", "me"], "few": True}
    watcher = Watcher(top / "etc")
    first = ask(root, "Grep", **words)
    assert [line["number"] for line in first["lines"]] == [1, 1, 2, 2]
    assert sorted(set(watcher.events())) == ["full", "other"]
    assert ask(root, "Grep", **words) == first
    assert watcher.events() == []


def test_more_than_is_sent_of_some_files_keeps_no_other_from_being_opened(
    top: Path, root: int
) -> None:
    for number in range(600):
        (top / "etc" / f"{number:03}").write_text("found me\n" * 2)
    (top / "etc/last").write_text("nothing\n")
    watcher = Watcher(top / "etc")
    answer = ask(root, "Grep", patterns=["/etc/*"], needles=["found"], few=True)
    assert len(answer["lines"]) == 1000
    assert "gave up" in answer["error"]
    assert "last" in watcher.events()


def test_a_long_line_is_cut_short_where_few_are_asked_for_but_not_its_needle(
    top: Path, root: int
) -> None:
    (top / "etc/x").write_text("a" * 5000 + "found" * 100 + "b" * 5000 + "\n")
    answer = ask(root, "Grep", patterns=["/etc/x"], needles=["found" * 100], few=True)
    (line,) = answer["lines"]
    assert len(line["line"]) == 1000
    assert "found" * 100 in line["line"]


def test_content_that_nobody_asks_for_is_not_opened(top: Path, root: int) -> None:
    (top / "etc/x").write_text("found me\n")
    watcher = Watcher(top / "etc")
    assert ask(root, "Stat", path="/etc/x", content=False)["stat"]["sha256"] is None
    assert watcher.events() == []
