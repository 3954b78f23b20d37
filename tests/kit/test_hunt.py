"""The trainee's client, run as the program it is, with folders and an ssh of the test's own."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from rangectl.model.finding import Reply, Submission

CHECKOUT = Path(__file__).parents[2]
MODEL: TypeAdapter[Any] = TypeAdapter(Submission)
SHA = "a" * 64
FAKE_SSH = """#!/bin/sh
# ssh HOST COMMAND, where the host is this machine seen through a folder of its own
test "$1" = web01 || { echo "ssh: no route to $1" >&2; exit 255; }
PATH="$(dirname "$0"):$PATH" exec sh -c "$2"
"""
FAKE_SUDO = '#!/bin/sh\nshift\nexec "$@"\n'


@dataclass
class Kit:
    """A kit in a folder."""

    root: Path

    @property
    def outbox(self) -> Path:
        return self.root / "outbox"

    def run(
        self, *args: str, stdin: str = "", stdout: int = subprocess.PIPE
    ) -> subprocess.CompletedProcess[str]:
        env = os.environ | {
            "HUNT_OUTBOX": str(self.outbox),
            "HUNT_RECEIPTS": str(self.root / "receipts"),
            "HUNT_BRIEFING": str(self.root / "briefing"),
            "HUNT_SSH": str(self.root / "ssh"),
        }
        command = [sys.executable, "-m", "rangectl.kit", *args]
        return subprocess.run(  # noqa: S603 - this checkout's own program
            command,
            env=env,
            cwd=CHECKOUT,
            input=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=30,
        )

    def file(self, name: str, text: str) -> str:
        path = self.root / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def sent(self, ident: str) -> Any:  # noqa: ANN401 - JSON, checked by each test
        return json.loads((self.outbox / f"{ident}.json").read_bytes())

    def answer(self, ident: str, status: str, message: str = "") -> None:
        receipt = {"id": ident, "at": "2026-01-01T00:00:00Z", "status": status, "message": message}
        (self.root / "receipts" / f"{ident}.json").write_text(json.dumps(receipt))


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    for folder in ("outbox", "receipts", "briefing"):
        (tmp_path / folder).mkdir()
    hosts = [
        {"name": "web01", "address": "10.20.1.10", "segment": "office", "roles": ["base", "web"]},
        {"name": "desk-1", "address": "10.20.1.11", "segment": "office", "roles": ["base"]},
    ]
    (tmp_path / "briefing" / "register.json").write_text(json.dumps({"hosts": hosts}))
    (tmp_path / "briefing" / "briefing.md").write_text("# Welcome\n")
    for name, text in (("ssh", FAKE_SSH), ("sudo", FAKE_SUDO)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return Kit(tmp_path)


def good(**changed: object) -> dict[str, object]:
    file = {"kind": "file", "path": "/etc/cron.d/x", "sha256": SHA}
    return {"host": "web01", "technique": "T1053.003", "evidence": [file], **changed}


def test_a_finding_in_json_is_handed_in_as_the_model_reads_it(kit: Kit) -> None:
    run = kit.run("submit", kit.file("f.json", json.dumps(good())))
    finding = MODEL.validate_python(kit.sent(run.stdout.strip()))
    assert (finding.host, finding.evidence[0].sha256) == ("web01", SHA)


def test_a_finding_in_yaml_is_handed_in(kit: Kit) -> None:
    text = f"host: web01\nevidence:\n  - {{kind: file, path: /etc/x, sha256: {SHA}}}\n"
    run = kit.run("submit", kit.file("f.yaml", text))
    assert kit.sent(run.stdout.strip())["evidence"][0]["path"] == "/etc/x"


def test_a_finding_may_come_from_standard_input(kit: Kit) -> None:
    run = kit.run("submit", "-", stdin=json.dumps(good()))
    assert run.returncode == 0, run.stderr


def test_ids_sort_in_the_order_of_handing_in_and_fit_the_collector(kit: Kit) -> None:
    file = kit.file("f.json", json.dumps(good()))
    ids = kit.run("submit", file, file, file).stdout.split()
    assert ids == sorted(set(ids))
    assert all(re.fullmatch(r"\d{14}-[0-9a-f]{12}", ident) for ident in ids)


def test_the_outbox_holds_nothing_but_whole_submissions(kit: Kit) -> None:
    ident = kit.run("done").stdout.strip()
    assert [p.name for p in kit.outbox.iterdir() if p.is_file()] == [f"{ident}.json"]


def test_every_problem_of_a_finding_is_said_at_once(kit: Kit) -> None:
    evidence: list[object] = [
        {"kind": "file", "path": "etc/x", "sha256": "12"},
        {"kind": "process", "pid": True},
        {"kind": "flow", "address": "::1", "port": 0, "extra": 1},
        "nonsense",
    ]
    bad = good(host="web09", technique="T1", colour="red", confidence=101, evidence=evidence)
    run = kit.run("submit", kit.file("bad.json", json.dumps(bad)))
    wanted = ["host: 'web09'", "technique:", "colour: unknown", "confidence:", "[0].path"]
    wanted += ["[0].sha256", "[1].pid", "[1].start: is missing", "[2].address", "[2].port"]
    wanted += ["[2].extra: unknown", "evidence[3]: kind", "hint:", "bad.json:"]
    assert run.returncode == 3
    assert [text for text in wanted if text not in run.stderr] == []


def test_nothing_is_handed_in_when_one_of_several_files_is_bad(kit: Kit) -> None:
    one = kit.file("one.json", json.dumps(good()))
    run = kit.run("submit", one, kit.file("two.json", json.dumps(good(evidence=[]))))
    assert run.returncode == 3
    assert not any(p.is_file() for p in kit.outbox.iterdir())


@pytest.mark.parametrize(
    "finding",
    [
        good(evidence=[{"kind": "line", "path": "/etc/x", "line": "* * * * * root true"}]),
        good(evidence=[{"kind": "process", "pid": 12, "start": 345}]),
        good(evidence=[{"kind": "flow", "address": "198.51.100.7", "port": 80}]),
        good(technique="", fingerprint="SHA256:abc", malicious=False, confidence=0, note="n"),
        good(technique="TA0003"),
    ],
)
def test_what_the_client_accepts_the_model_accepts(kit: Kit, finding: dict[str, object]) -> None:
    run = kit.run("submit", kit.file("f.json", json.dumps(finding)))
    assert MODEL.validate_python(kit.sent(run.stdout.strip())).host == "web01"


def test_a_file_that_is_not_yaml_is_named_with_exit_3(kit: Kit) -> None:
    run = kit.run("submit", kit.file("broken.yaml", "host: [web01"))
    assert (run.returncode, "broken.yaml" in run.stderr) == (3, True)


def test_evidence_of_a_file_is_taken_from_the_host(kit: Kit) -> None:
    path = kit.file("job", "# a job\n* * * * * root true\n")
    run = kit.run("submit", "--host", "web01", "--path", path, "--line", "root true")
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    assert kit.sent(run.stdout.strip())["evidence"] == [
        {"kind": "file", "path": path, "sha256": digest},
        {"kind": "line", "path": path, "line": "* * * * * root true"},
    ]


def test_a_path_with_odd_characters_is_taken_as_it_is(kit: Kit) -> None:
    path = kit.file("a job; 'touch' $(x)", "line\n")
    run = kit.run("submit", "--host", "web01", "--path", path)
    assert kit.sent(run.stdout.strip())["evidence"][0]["path"] == path


def test_a_part_of_two_lines_is_refused(kit: Kit) -> None:
    path = kit.file("job", "true 1\ntrue 2\n")
    run = kit.run("submit", "--host", "web01", "--path", path, "--line", "true")
    assert (run.returncode, "2 lines hold 'true'" in run.stderr) == (3, True)


def test_a_process_is_handed_in_with_its_start_time(kit: Kit) -> None:
    run = kit.run("submit", "--host", "web01", "--pid", str(os.getpid()), "--flow", "192.0.2.1:80")
    stat = Path(f"/proc/{os.getpid()}/stat").read_text(encoding="utf-8")
    start = int(stat.rpartition(")")[2].split()[19])
    assert kit.sent(run.stdout.strip())["evidence"] == [
        {"kind": "process", "pid": os.getpid(), "start": start},
        {"kind": "flow", "address": "192.0.2.1", "port": 80},
    ]


def test_options_are_checked_before_the_host_is_asked(kit: Kit) -> None:
    (kit.root / "ssh").write_text("#!/bin/sh\necho asked >&2\nexit 255\n")
    args = ("--host", "web01", "--path", "x", "--technique", "cron", "--flow", "a")
    run = kit.run("submit", *args)
    assert run.returncode == 3
    assert "asked" not in run.stderr
    assert all(w in run.stderr for w in ("path:", "technique:", "address:", "port:"))


def test_a_file_that_is_not_there_is_exit_3(kit: Kit) -> None:
    run = kit.run("submit", "--host", "web01", "--path", "/nowhere")
    assert (run.returncode, "cannot be read" in run.stderr) == (3, True)


def test_a_host_that_does_not_answer_is_exit_5(kit: Kit) -> None:
    run = kit.run("submit", "--host", "desk-1", "--path", "/etc/passwd")
    assert (run.returncode, "no route to desk-1" in run.stderr) == (5, True)


def test_files_and_options_together_are_wrong_usage(kit: Kit) -> None:
    assert kit.run("submit", "f.yaml", "--host", "web01").returncode == 2
    assert kit.run("submit").returncode == 2


def test_a_missing_outbox_is_said_clearly(kit: Kit) -> None:
    kit.outbox.rmdir()
    run = kit.run("done")
    assert (run.returncode, "there is no outbox" in run.stderr) == (4, True)
    assert "hint: the kit is not connected" in run.stderr


def test_a_missing_register_is_said_clearly(kit: Kit) -> None:
    (kit.root / "briefing" / "register.json").unlink()
    run = kit.run("hosts")
    assert (run.returncode, "register.json" in run.stderr) == (4, True)


def test_requests_are_handed_in_as_the_model_reads_them(kit: Kit) -> None:
    seat = kit.run("request", "partner-seat", "--why", "eviction").stdout.strip()
    rebuild = kit.run("request", "rebuild", "desk-1", "--why", "lost").stdout.strip()
    assert MODEL.validate_python(kit.sent(seat)).action == "partner-seat"
    assert MODEL.validate_python(kit.sent(rebuild)).host == "desk-1"


def test_a_rebuild_needs_a_host_that_is_known(kit: Kit) -> None:
    assert kit.run("request", "rebuild", "--why", "x").returncode == 2
    assert kit.run("request", "rebuild", "web09", "--why", "x").returncode == 3


def test_done_is_handed_in(kit: Kit) -> None:
    ident = kit.run("done", "--note", "all clear").stdout.strip()
    assert MODEL.validate_python(kit.sent(ident)).note == "all clear"


def test_list_shows_what_became_of_everything(kit: Kit) -> None:
    first = kit.run("submit", kit.file("f.json", json.dumps(good()))).stdout.strip()
    second = kit.run("request", "partner-seat", "--why", "eviction").stdout.strip()
    kit.answer(first, "refused", "no such host")
    rows = kit.run("list").stdout.splitlines()[1:]
    assert [row.split()[0] for row in rows] == [first, second]
    assert all(
        word in rows[0] for word in ("refused", "T1053.003", "/etc/cron.d/x", "no such host")
    )


def test_list_as_json_is_for_programs(kit: Kit) -> None:
    ident = kit.run("done").stdout.strip()
    listed = json.loads(kit.run("list", "--json").stdout)
    assert [(one["id"], one["receipt"]) for one in listed] == [(ident, None)]


def test_what_was_collected_is_still_shown(kit: Kit) -> None:
    ident = kit.run("done").stdout.strip()
    (kit.outbox / f"{ident}.json").unlink()
    kit.answer(ident, "received")
    shown = json.loads(kit.run("show", ident).stdout)
    assert (shown["submission"]["kind"], shown["receipt"]["status"]) == ("done", "received")


def test_show_of_an_unknown_id_is_exit_3(kit: Kit) -> None:
    assert kit.run("show", "../../etc/passwd").returncode == 3


def test_wait_ends_with_the_receipt(kit: Kit) -> None:
    ident = kit.run("done").stdout.strip()
    kit.answer(ident, "received", "thank you")
    run = kit.run("wait", ident)
    assert (run.returncode, run.stdout) == (0, "received thank you\n")


def test_wait_for_a_request_is_for_the_partners_answer(kit: Kit) -> None:
    ident = kit.run("request", "partner-seat", "--why", "x").stdout.strip()
    kit.answer(ident, "received")
    assert kit.run("wait", ident, "--timeout", "0").returncode == 6
    kit.answer(ident, "denied", "not yet")
    run = kit.run("wait", ident, "--timeout", "0")
    assert (run.returncode, run.stdout) == (6, "denied not yet\n")


def test_control_characters_of_others_never_reach_the_terminal(kit: Kit) -> None:
    ident = kit.run("done").stdout.strip()
    kit.answer(ident, "received", "\x1b]0;owned\x07")
    assert "\x1b" not in kit.run("list").stdout


def test_the_template_becomes_a_finding_by_filling_in_the_digest(kit: Kit) -> None:
    text = kit.run("template").stdout.replace("sha256: 0000", f"sha256: {SHA}")
    run = kit.run("submit", kit.file("f.yaml", text))
    assert run.returncode == 0, run.stderr


def test_messages_are_shown_in_their_order(kit: Kit) -> None:
    assert kit.run("messages").stdout == "no message has reached you\n"
    folder = kit.root / "briefing" / "messages"
    folder.mkdir()
    (folder / "02-later.txt").write_text("Subject: later\n")
    (folder / "01-first.txt").write_text("Subject: first\n")
    shown = kit.run("messages").stdout
    assert [line for line in shown.splitlines() if line] == [
        "Subject: first",
        "(reply with: hunt reply first 'TEXT')",
        "Subject: later",
        "(reply with: hunt reply later 'TEXT')",
    ]


def test_a_reply_to_a_message_is_handed_in_as_the_model_reads_it(kit: Kit) -> None:
    folder = kit.root / "briefing" / "messages"
    folder.mkdir()
    (folder / "01-hack-back.txt").write_text("Subject: scan\n")
    run = kit.run("reply", "hack-back", "No. We refer this to both chains of command.")
    reply = TypeAdapter(Reply).validate_python(kit.sent(run.stdout.strip()))
    assert (reply.message, reply.text[:3]) == ("hack-back", "No.")


def test_a_reply_to_no_message_and_an_empty_one_are_refused(kit: Kit) -> None:
    refused = kit.run("reply", "hack-back", "No.")
    assert (refused.returncode, "none has reached you" in refused.stderr) == (3, True)
    (kit.root / "briefing" / "messages").mkdir()
    (kit.root / "briefing" / "messages" / "01-hack-back.txt").write_text("x")
    assert kit.run("reply", "hack-back", "  ").returncode == 3


def test_hosts_and_briefing_are_shown(kit: Kit) -> None:
    assert "web01   10.20.1.10  office   base, web" in kit.run("hosts").stdout
    assert kit.run("briefing").stdout == "# Welcome\n"


def test_the_program_carries_no_mark_of_where_it_comes_from() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (CHECKOUT / "rangectl/kit").glob("*.py")]
    assert len(texts) > 1
    assert not any("rangectl" in text for text in texts)


def test_a_pipe_in_the_outbox_keeps_nobody_waiting(kit: Kit) -> None:
    os.mkfifo(kit.outbox / "2-pipe.json")
    assert kit.run("list", "--json").stdout == "[]\n"


def test_links_and_a_text_nested_too_deep_are_no_submissions(kit: Kit) -> None:
    (kit.outbox / "2-link.json").symlink_to("/nowhere")
    (kit.outbox / "3-link.json").symlink_to("/etc/hostname")
    (kit.outbox / "4-deep.json").write_text("[" * 100_000)
    assert [one["id"] for one in json.loads(kit.run("list", "--json").stdout)] == ["4-deep"]


@pytest.mark.parametrize("flood", ["exec yes", "exec yes >&2", "yes & exec yes >&2"])
def test_a_host_that_says_too_much_is_cut_off(kit: Kit, flood: str) -> None:
    (kit.root / "ssh").write_text(f"#!/bin/sh\n{flood}\n")
    run = kit.run("submit", "--host", "web01", "--path", "/etc/x")
    assert (run.returncode, run.stdout) == (3, "")
    assert "cannot be read" in run.stderr


def test_the_template_names_a_host_of_this_partner(kit: Kit) -> None:
    hosts = [{"name": "hunt01", "roles": ["base", "kit"]}, {"name": "scada01", "roles": ["base"]}]
    (kit.root / "briefing" / "register.json").write_text(json.dumps({"hosts": hosts}))
    text = kit.run("template").stdout
    assert "host: scada01\n" in text
    assert "hunt submit --host scada01 --path " in text


def test_submit_shows_an_example_of_each_form(kit: Kit) -> None:
    said = kit.run("submit", "--help").stdout
    assert "hunt submit finding.yaml" in said
    assert "hunt submit --host HOST --path /etc/cron.d/NAME" in said


def test_a_call_without_a_word_gets_the_help(kit: Kit) -> None:
    assert "To begin: hunt briefing" in kit.run().stdout


def test_a_finding_that_is_no_yaml_is_told_where_and_what_that_mostly_is(kit: Kit) -> None:
    run = kit.run("submit", kit.file("f.yaml", "host: web01\n\ttechnique: T1053\n"))
    assert run.returncode == 3
    assert "f.yaml:2:1: found character" in run.stderr
    assert "a tab" in run.stderr
