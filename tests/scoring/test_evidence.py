"""What is asked of a range to verify a finding, and what its answers prove."""

from __future__ import annotations

import pytest

from rangectl.model.events import Observed
from rangectl.model.finding import (
    Evidence,
    FileEvidence,
    Finding,
    FlowEvidence,
    LineEvidence,
    ProcessEvidence,
)
from rangectl.plan.probing import Answer, FileFact, Grep, LineFact, Processes, ProcessFact, Stat
from rangectl.scoring.evidence import questions, verified
from tests.scoring.story import (
    ALL,
    BEACON_FLOW,
    BEACON_LINE,
    BEACON_PROCESS,
    JOB_FILE,
    KEY_LINE,
    KEYS,
    SINK,
    finding,
    moment,
    sha,
)

SEEN = Observed(
    at=moment(5), team="alder", artefact="i3", component="process", present=True, pid=77, start=4242
)


def stat(path: str, content: str) -> Answer:
    fact = FileFact(path, "file", 0o644, 0, 0, 4, 1.0, 1.0, sha(content))
    return Answer(stat=fact)


def now(what: Finding, *answers: Answer) -> tuple[bool, ...]:
    """Verify against the range alone: nothing was planted."""
    return verified(what, answers, (), ())


def on_record(*items: Evidence, host: str = "web01") -> tuple[bool, ...]:
    """Verify against the answer key alone: the range shows nothing."""
    what = finding(host, *items)
    return verified(what, [Answer() for _ in questions(what)], ALL, (SEEN,))


def test_each_question_is_asked_once() -> None:
    what = finding("desk-1", BEACON_PROCESS, BEACON_FLOW, ProcessEvidence(pid=5, start=5))
    assert questions(what) == (Processes(),)


def test_a_path_is_asked_for_without_its_detours() -> None:
    what = finding("web01", FileEvidence(path="//etc/../../etc/./motd", sha256=sha("x")))
    assert questions(what) == (Stat("/etc/motd"),)


def test_a_line_is_asked_for_by_its_longest_word() -> None:
    assert questions(finding("web01", KEY_LINE)) == (Grep((KEYS,), ("ssh-ed25519",)),)


@pytest.mark.parametrize("path", ["/etc/*", "/etc/[a]", "/etc/a?"])
def test_a_path_that_could_be_a_pattern_is_never_searched(path: str) -> None:
    what = finding("web01", LineEvidence(path=path, line="root"))
    assert questions(what) == (Stat(path),)


@pytest.mark.parametrize("line", ["", "  \t ", "a\0b"])
def test_a_line_without_words_is_never_searched_nor_borne_out(line: str) -> None:
    what = finding("web01", LineEvidence(path=KEYS, line=line))
    assert questions(what) == (Stat(KEYS),)
    assert now(what, stat(KEYS, "x")) == (False,)


@pytest.mark.parametrize(("content", "holds"), [("job", True), ("other", False)])
def test_a_file_is_borne_out_by_its_digest(content: str, holds: bool) -> None:
    assert now(finding("web01", JOB_FILE), stat(JOB_FILE.path, content)) == (holds,)


@pytest.mark.parametrize(
    ("line", "holds"),
    [("ssh-ed25519  AAAAevil ops@edge", True), ("# ssh-ed25519 AAAAevil ops@edge", False)],
)
def test_a_line_is_borne_out_word_for_word_whatever_its_blanks(line: str, holds: bool) -> None:
    answer = Answer(lines=(LineFact(KEYS, 3, line, "ssh-ed25519"),))
    assert now(finding("web01", KEY_LINE), answer) == (holds,)


@pytest.mark.parametrize(("start", "holds"), [(4242, True), (1, False)])
def test_a_process_is_borne_out_by_number_and_start(start: int, holds: bool) -> None:
    fact = ProcessFact(77, 1, start, 33, "/usr/bin/python3", ("python3",))
    assert now(finding("desk-1", BEACON_PROCESS), Answer(processes=(fact,))) == (holds,)


@pytest.mark.parametrize(("port", "holds"), [(80, True), (81, False)])
def test_a_flow_is_borne_out_by_a_process_that_has_it(port: int, holds: bool) -> None:
    fact = ProcessFact(9, 1, 1, 33, "/usr/bin/python3", (), ((str(SINK), port),))
    assert now(finding("desk-1", BEACON_FLOW), Answer(processes=(fact,))) == (holds,)


def test_answers_find_their_evidence_when_a_question_is_shared() -> None:
    what = finding("desk-1", BEACON_PROCESS, JOB_FILE, BEACON_FLOW)
    fact = ProcessFact(77, 1, 4242, 33, "/usr/bin/python3", ())
    answers = (Answer(processes=(fact,)), stat(JOB_FILE.path, "job"))
    assert now(what, *answers) == (True, True, False)


def test_a_host_that_could_not_be_asked_bears_nothing_out() -> None:
    assert now(finding("web01", JOB_FILE, KEY_LINE)) == (False, False)


def test_what_was_removed_since_is_borne_out_by_the_answer_key() -> None:
    assert on_record(JOB_FILE, KEY_LINE) == (True, True)
    assert on_record(BEACON_LINE, BEACON_PROCESS, BEACON_FLOW, host="desk-1") == (True, True, True)


@pytest.mark.parametrize(
    "item",
    [
        FileEvidence(path=JOB_FILE.path, sha256=sha("guessed")),
        FileEvidence(path="/etc/elsewhere", sha256=JOB_FILE.sha256),
        LineEvidence(path="/etc/elsewhere", line=KEY_LINE.line),
        LineEvidence(path=KEYS, line="ssh-ed25519 AAAAguess"),
        LineEvidence(path=KEYS, line=f"{KEY_LINE.line} {'ssh-ed25519 AAAAguess ' * 40}"),
        ProcessEvidence(pid=77, start=1),
        FlowEvidence(address=SINK, port=443),
        BEACON_FLOW,
    ],
    ids=str,
)
def test_the_answer_key_bears_out_nothing_that_did_not_stand_there(item: Evidence) -> None:
    assert on_record(item) == (False,)
