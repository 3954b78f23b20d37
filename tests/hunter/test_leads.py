"""From what was seen on a host, and the register, to leads."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from rangectl.hunter.leads import Case, Lead, leads
from rangectl.hunter.reading import read_view
from rangectl.hunter.register import read_register
from tests.hunter.test_register import TOLD

KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIJYeJYAHNpeBd3gwhN0Hv6rGWbNxqCarecxjM23itjZf"
PRINT = "SHA256:D7WXVZqmvIFM3CZmNZfV0CPvSANJVs5fyyRiiGHjFVg"
SPOOL = "/var/spool/cron/crontabs/www-data"
LINE = "* * * * * /usr/local/lib/sync/agent --quiet"
AGENT = '#!/usr/bin/python3\nADDRESS = "198.51.100.7"\nPORT = 80\n'
PROGRAM = "/usr/local/lib/sync/agent"
EMPTY: dict[str, Any] = {
    "set_id": [{"path": "/usr/bin/su", "mode": 0o4755, "user": "root", "size": 72000}],
    "tables": [{"path": "/etc/crontab", "mode": 0o644, "user": "root", "size": 99}],
    "keys": [],
    "homes": {"/root": "root", "/var/www": "www-data"},
    "all": [],
    "files": {
        "/etc/crontab": {
            "sha256": "cc",
            "text": "17 * * * * root cd / && run-parts --report /etc/cron.hourly\n",
        }
    },
    "owners": "cron: /etc/crontab\nutil-linux: /bin/su\n",
    "altered": [],
    "processes": [{"pid": 1, "start": 5, "uid": 0, "argv": ["/sbin/init"]}],
    "peers": [],
    "sockets": "",
}


def host(**more: object) -> dict[str, Any]:
    """A stock host with more to it: lists are added to, maps joined."""
    told = copy.deepcopy(EMPTY)
    for key, value in more.items():
        told[key] = told[key] | value if isinstance(value, dict) else told[key] + value
    return told


def table(path: str, text: str) -> dict[str, Any]:
    row = {"path": path, "mode": 0o644, "user": "root", "size": len(text)}
    return {"tables": [row], "files": {path: {"sha256": "dd", "text": text}}}


def beacon(*, running: bool) -> dict[str, Any]:
    told = host(**table(SPOOL, f"{LINE}\n11 4 * * * /opt/x/run -q\n"))
    told["files"][PROGRAM] = {"sha256": "ee", "text": AGENT}
    if running:
        argv = ["/usr/bin/python3", PROGRAM, "--quiet"]
        told["processes"].append({"pid": 80, "start": 285373, "uid": 33, "argv": argv})
        shell = ["/bin/sh", "-c", f"{PROGRAM} --quiet"]
        told["processes"].append({"pid": 78, "start": 285370, "uid": 33, "argv": shell})
    return told


def found(told: dict[str, Any], **register: list[dict[str, Any]]) -> list[Lead]:
    asked = read_register(TOLD | {"pollers": [], "jobs": [], "keys": [], "programs": []} | register)
    case = Case("web01", read_view(told), asked, frozenset({"SHA256:own"}))
    return list(leads(case))


JOB = {"host": "web01", "path": SPOOL, "user": "www-data", "command": "/opt/x/run -q"}


def test_a_stock_host_gives_no_leads() -> None:
    assert found(EMPTY) == []


def test_a_drop_in_nobody_ordered_is_a_lead_and_goes_whole() -> None:
    text = "# tidy\n*/7 * * * * www-data /usr/local/bin/warm -q\n"
    (lead,) = found(host(**table("/etc/cron.d/warm", text)))
    assert (lead.technique, sorted(lead.strength)) == ("T1053.003", ["file", "line"])
    assert [(step["do"], step["path"]) for step in lead.removal] == [("file", "/etc/cron.d/warm")]


def test_a_drop_in_beside_a_registered_job_loses_its_line_only() -> None:
    text = "* * * * * root /opt/x/run -q\n* * * * * root /bin/true\n"
    job = JOB | {"path": "/etc/cron.d/x", "user": "root"}
    (lead,) = found(host(**table("/etc/cron.d/x", text)), jobs=[job])
    assert [(step["do"], step["line"]) for step in lead.removal] == [
        ("line", "* * * * * root /bin/true")
    ]


def test_a_registered_job_is_no_lead() -> None:
    assert found(host(**table(SPOOL, "11 4 * * * /opt/x/run -q\n")), jobs=[JOB]) == []


def test_a_line_added_to_a_packages_table_is_a_lead() -> None:
    text = "17 * * * * root cd / && run-parts --report /etc/cron.hourly\n* * * * * root /x\n"
    told = host(altered=["/etc/crontab"], files={"/etc/crontab": {"sha256": "d", "text": text}})
    assert [lead.name for lead in found(told)] == ["job /etc/crontab * * * * * root /x"]


def test_a_poller_and_its_starter_are_one_lead() -> None:
    (lead,) = found(beacon(running=True), jobs=[JOB])
    assert lead.technique == "T1071.001"
    assert lead.evidence[:3] == (
        {"kind": "process", "pid": 80, "start": 285373},
        {"kind": "line", "path": SPOOL, "line": LINE},
        {"kind": "file", "path": PROGRAM, "sha256": "ee"},
    )


def test_of_a_program_that_is_started_again_while_it_runs_the_first_process_is_evidence() -> None:
    told = beacon(running=True)
    again = {"pid": 30, "start": 291373, "uid": 33, "argv": ["/usr/bin/python3", PROGRAM]}
    for processes in ([*told["processes"], again], [again, *told["processes"]]):
        (lead,) = found(told | {"processes": processes}, jobs=[JOB])
        assert lead.evidence[0] == {"kind": "process", "pid": 80, "start": 285373}


def test_a_poller_is_removed_from_its_starter_on() -> None:
    (lead,) = found(beacon(running=True), jobs=[JOB])
    steps = [(step["order"], step["do"]) for step in lead.removal]
    assert steps == [(0, "line"), (1, "kill"), (2, "file")]


def test_a_starter_whose_program_does_not_run_yet_is_reported_with_what_there_is() -> None:
    (lead,) = found(beacon(running=False), jobs=[JOB])
    assert (lead.technique, lead.waiting) == ("T1071.001", True)
    assert sorted(lead.strength) == ["file", "line"]


def test_a_poller_keeps_its_name_when_it_starts() -> None:
    before, after = (
        found(beacon(running=False), jobs=[JOB]),
        found(beacon(running=True), jobs=[JOB]),
    )
    assert [lead.name for lead in before] == [lead.name for lead in after]
    assert before[0].strength < after[0].strength


@pytest.mark.parametrize(
    ("peers", "sockets"),
    [
        (["076433C6:0050"], ""),
        ([], 'tcp ESTAB 0 0 10.20.1.10:3900 198.51.100.7:80 users:(("x",pid=80,fd=4))\n'),
    ],
)
def test_a_connection_that_was_seen_is_evidence(peers: list[str], sockets: str) -> None:
    told = beacon(running=True) | {"peers": peers, "sockets": sockets}
    (lead,) = found(told, jobs=[JOB])
    assert {"kind": "flow", "address": "198.51.100.7", "port": 80} in lead.evidence


def test_a_program_that_hides_its_server_is_found_by_its_connection() -> None:
    told = beacon(running=True)
    told["files"][PROGRAM]["text"] = "#!/usr/bin/python3\n"
    told["sockets"] = 'tcp ESTAB 0 0 10.20.1.10:3900 198.51.100.7:80 users:(("x",pid=80,fd=4))\n'
    assert [lead.technique for lead in found(told, jobs=[JOB])] == ["T1071.001"]


def test_a_registered_poller_with_a_registered_job_is_no_lead() -> None:
    job = JOB | {"command": f"{PROGRAM} --quiet"}
    poller = {"host": "web01", "command": f"{PROGRAM} --quiet", "address": "198.51.100.7"}
    assert found(beacon(running=True), jobs=[JOB, job], pollers=[poller]) == []


def test_a_program_that_something_registered_uses_stays() -> None:
    poller = {"host": "web01", "command": f"{PROGRAM} --loud", "address": "198.51.100.7"}
    (lead,) = found(beacon(running=True), jobs=[JOB], pollers=[poller])
    assert [step["do"] for step in lead.removal] == ["line", "kill"]


def test_a_process_that_asks_the_partners_own_servers_is_no_lead() -> None:
    told = host(files={PROGRAM: {"sha256": "e", "text": "#!/bin/sh\nnc 10.20.1.5 80\n"}})
    told["processes"].append({"pid": 9, "start": 1, "uid": 0, "argv": ["/bin/sh", PROGRAM]})
    assert found(told) == []


def keyed(path: str) -> dict[str, Any]:
    row = {"path": path, "mode": 0o600, "user": "root", "size": 80}
    text = f"# ours\nssh-ed25519 {KEY} backup@site\n"
    return host(keys=[row], files={path: {"sha256": "ff", "text": text}})


def test_a_key_nobody_registered_is_a_lead_and_only_its_line_goes() -> None:
    (lead,) = found(keyed("/root/.ssh/authorized_keys2"))
    assert (lead.technique, lead.fingerprint) == ("T1098.004", PRINT)
    assert lead.removal[0]["line"] == f"ssh-ed25519 {KEY} backup@site"


def test_a_registered_key_is_no_lead_but_in_another_account_it_is() -> None:
    keys = [{"host": "web01", "account": "root", "fingerprint": PRINT}]
    assert found(keyed("/root/.ssh/authorized_keys"), keys=keys) == []
    assert len(found(keyed("/home/anna/.ssh/authorized_keys"), keys=keys)) == 1


def test_a_key_added_to_a_seat_is_a_lead() -> None:
    assert len(found(keyed("/home/partner/.ssh/authorized_keys2"))) == 1


def test_a_key_is_looked_up_under_the_account_whose_home_it_is_in() -> None:
    keys = [{"host": "web01", "account": "www-data", "fingerprint": PRINT}]
    assert found(keyed("/var/www/.ssh/authorized_keys"), keys=keys) == []


def marked(path: str) -> dict[str, Any]:
    row = {"path": path, "mode": 0o4755, "user": "root", "size": 35664}
    return host(set_id=[row], files={path: {"sha256": "ab", "text": None}})


def test_a_set_user_id_program_of_nobody_is_a_lead() -> None:
    (lead,) = found(marked("/usr/local/bin/view"))
    assert (lead.technique, lead.file) == ("T1548.001", "/usr/local/bin/view")


def test_a_registered_set_user_id_program_is_no_lead_unless_its_content_is_another() -> None:
    registered = {"host": "web01", "path": "/usr/local/bin/view", "sha256": "ab"}
    assert found(marked("/usr/local/bin/view"), programs=[registered]) == []
    assert len(found(marked("/usr/local/bin/view"), programs=[registered | {"sha256": "cd"}])) == 1


def test_documents_without_a_package_are_no_leads() -> None:
    assert found(host(files={"/etc/notes": {"sha256": "a", "text": "198.51.100.7\n"}})) == []
