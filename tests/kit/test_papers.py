"""The partner's papers, as the trainee's client shows them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.kit.test_hunt import Kit


@pytest.fixture
def papers(tmp_path: Path) -> Kit:
    kit = Kit(tmp_path)
    folder = kit.root / "briefing/papers"
    folder.mkdir(parents=True)
    (folder / "README.txt").write_text("hr-list.csv  who works here\n")
    (folder / "hr-list.csv").write_text('name,note\n"Novak, Ana",\x1b[2Jnew\nPeter Kos,\n')
    return kit


def test_papers_are_listed_by_the_page_on_top(papers: Kit) -> None:
    told = papers.run("papers")
    assert (told.returncode, told.stdout) == (0, "hr-list.csv  who works here\n")


@pytest.mark.parametrize("name", ["hr-list", "hr-list.csv"])
def test_a_paper_is_shown_as_a_table_that_steers_no_terminal(papers: Kit, name: str) -> None:
    told = papers.run("papers", name)
    assert told.stdout.splitlines()[0].split() == ["NAME", "NOTE"]
    assert "Novak, Ana" in told.stdout
    assert "\x1b" not in told.stdout


def test_who_reads_no_further_gets_no_complaint(papers: Kit) -> None:
    read, write = os.pipe()
    os.close(read)
    told = papers.run("papers", "hr-list", stdout=write)
    os.close(write)
    assert (told.returncode, told.stderr) == (0, "")


def test_a_word_picks_rows_of_a_paper(papers: Kit) -> None:
    assert "Novak" not in papers.run("papers", "hr-list", "Kos").stdout


def test_a_paper_that_is_not_there_is_named_with_those_that_are(papers: Kit) -> None:
    told = papers.run("papers", "nothing")
    assert told.returncode == 2
    assert "no paper 'nothing'" in told.stderr
    assert "hr-list.csv" in told.stderr


def test_a_partner_without_papers_is_said_to_have_none(tmp_path: Path) -> None:
    told = Kit(tmp_path).run("papers")
    assert told.returncode == 4
    assert "no papers" in told.stderr


def test_what_has_several_lines_keeps_to_its_row(papers: Kit) -> None:
    text = 'path,line,ticket\n/var/lib/dpkg/status,"Package: x\nStatus: ok\nPriority: low",CHG-1\n'
    (papers.root / "briefing/papers/file-changes.csv").write_text(text)
    rows = papers.run("papers", "file-changes").stdout.splitlines()
    assert len(rows) == 2
    assert rows[1].split("  ") == ["/var/lib/dpkg/status", "Package: x (and 2 more lines)", "CHG-1"]
