"""What the partner's register explains, and what it does not."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

import pytest

from rangectl.hunter.register import Register, read_register

TOLD: dict[str, Any] = {
    "partner": "Velmora",
    "hosts": [
        {"name": "web01", "address": "10.20.1.10", "segment": "office", "roles": ["base"]},
        {"name": "hunt01", "address": "10.20.9.5", "segment": "kit", "roles": ["kit"]},
    ],
    "zones": {
        "partner": ["10.20.1.0/24"],
        "adversary": ["198.51.100.0/24"],
        "hunt": ["10.20.9.0/24"],
    },
    "clock": {"length_s": 360, "hold_s": 150},
    "keys": [{"host": "web01", "account": "root", "fingerprint": "SHA256:a", "owner": "ops"}],
    "jobs": [
        {
            "host": "web01",
            "path": "/etc/cron.d/x",
            "user": "root",
            "command": "/opt/x/run  -q",
            "purpose": "tidy",
        }
    ],
    "pollers": [
        {
            "host": "web01",
            "command": "/opt/mon/agent --quiet",
            "address": "198.51.100.9",
            "port": 80,
            "purpose": "monitoring",
        }
    ],
    "programs": [{"host": "web01", "path": "/usr/local/bin/v", "sha256": "aa", "purpose": "x"}],
}
KNOWN, OTHER = IPv4Address("198.51.100.9"), IPv4Address("198.51.100.7")
ARGV = ("/usr/bin/python3", "/opt/mon/agent", "--quiet")


@pytest.fixture
def register() -> Register:
    return read_register(TOLD)


def test_only_the_partners_own_hosts_are_hunted_on(register: Register) -> None:
    assert register.hosts == ("web01",)


def test_a_job_is_explained_by_place_user_and_command(register: Register) -> None:
    assert register.explains_job("web01", "/etc/cron.d/x", "root", "/opt/x/run -q")
    assert not register.explains_job("web01", "/etc/cron.d/y", "root", "/opt/x/run -q")
    assert not register.explains_job("web01", "/etc/cron.d/x", "root", "/opt/x/run -q -v")


def test_a_key_is_explained_for_its_account_only(register: Register) -> None:
    assert register.explains_key("web01", "root", "SHA256:a")
    assert not register.explains_key("web01", "anna", "SHA256:a")


def test_a_poller_is_explained_also_behind_its_interpreter(register: Register) -> None:
    assert register.explains_poller("web01", ARGV, {KNOWN})


def test_a_poller_that_asks_another_server_is_not_explained(register: Register) -> None:
    assert not register.explains_poller("web01", ARGV, {KNOWN, OTHER})
    assert not register.explains_poller("web01", (*ARGV[:2], "--loud"), {KNOWN})


def test_a_program_is_explained_with_its_content(register: Register) -> None:
    assert register.explains_program("web01", "/usr/local/bin/v", "aa")
    assert not register.explains_program("web01", "/usr/local/bin/v", "bb")


def test_files_that_something_registered_uses_are_known(register: Register) -> None:
    for path in ("/opt/x/run", "/opt/mon/agent", "/usr/local/bin/v"):
        assert register.mentions("web01", path)
    assert not register.mentions("web01", "/opt/y/run")


def test_hosts_and_paths_that_the_rules_leave_out_are_left_alone() -> None:
    host = {"name": "pacs", "address": "10.20.1.11", "segment": "clinical", "roles": []}
    third = {"name": "customs", "address": "10.20.1.12", "segment": "office", "roles": []}
    rules = {
        "segments": ["office"],
        "exclude_hosts": ["customs"],
        "exclude_paths": ["/srv/patients/**", "/etc/secret"],
    }
    read = read_register(TOLD | {"hosts": [*TOLD["hosts"], host, third], "rules": rules})
    assert read.hosts == ("web01",)
    assert read.excluded == ("/srv/patients", "/etc/secret")


def test_without_rules_everything_of_the_partners_is_in_scope(register: Register) -> None:
    assert register.excluded == ()
