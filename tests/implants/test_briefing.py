import json

import pytest

from rangectl.implants.briefing import briefing, register, seat_keys
from rangectl.implants.item import Job, Key
from tests.implants import samples

EXERCISE = samples.exercise()
SPEC = samples.small_range()
ITEMS = samples.items()
REGISTER = register(EXERCISE, SPEC, ITEMS)


def rows(kind: str) -> list[dict[str, object]]:
    found = REGISTER[kind]
    assert isinstance(found, list)
    return found


def test_the_register_has_the_agreed_shape() -> None:
    assert list(REGISTER) == [
        *("partner", "hosts", "zones", "clock", "rules", "keys", "jobs", "pollers", "programs"),
        *("changes", "accounts", "baselines", "files"),
    ]
    assert REGISTER["clock"] == {"length_s": 360, "hold_s": 150}
    assert REGISTER["zones"] == {
        "partner": ["10.20.1.0/24"],
        "adversary": ["198.51.100.0/24"],
        "hunt": ["10.20.9.0/24"],
    }


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("hosts", ["name", "address", "segment", "roles"]),
        ("keys", ["host", "account", "fingerprint", "owner"]),
        ("jobs", ["host", "path", "user", "command", "purpose"]),
        ("pollers", ["host", "command", "address", "port", "purpose"]),
        ("programs", ["host", "path", "sha256", "purpose"]),
    ],
)
def test_every_row_has_the_agreed_keys(kind: str, keys: list[str]) -> None:
    assert rows(kind)
    assert all(list(row) == keys for row in rows(kind))


def test_no_implant_is_in_the_register() -> None:
    text = json.dumps([rows(kind) for kind in ("keys", "jobs", "pollers", "programs")])
    for item in ITEMS:
        if item.artefact.nature == "implant":
            for part in item.artefact.components:
                assert part.needle is None or f'{part.needle} "' not in text
                assert item.artefact.fingerprint is None or item.artefact.fingerprint not in text
                assert part.kind != "suid" or f'"{part.path}"' not in text


def test_every_decoy_is_in_the_register() -> None:
    text = json.dumps(REGISTER)
    for item in ITEMS:
        if item.artefact.nature == "decoy":
            mark = item.artefact.fingerprint or item.artefact.components[0].path
            assert mark is not None
            assert mark in text


def test_the_order_of_planting_does_not_show() -> None:
    assert register(EXERCISE, SPEC, ITEMS[::-1]) == REGISTER


def test_the_adversarys_servers_are_not_listed() -> None:
    assert [row["name"] for row in rows("hosts")] == [
        *("desk-1", "desk-2", "desk-3", "edge", "hunt01", "names", "web01"),
    ]


def test_what_the_images_hold_is_listed_too() -> None:
    key = Key("web01", "hunter", "SHA256:abc", "the guests")
    job = Job("web01", "/etc/cron.d/popularity", "root", "/usr/bin/true", "counts packages")
    more = register(EXERCISE, SPEC, (), (job, key, key))
    assert more["keys"] == [
        {"host": "web01", "account": "hunter", "fingerprint": "SHA256:abc", "owner": "the guests"}
    ]
    assert isinstance(more["jobs"], list)
    assert "/etc/cron.d/popularity" in {row["path"] for row in more["jobs"]}


def test_the_jobs_of_the_base_role_are_listed() -> None:
    tasks = (samples.HERE.parent.parent / "roles/base/files/siteops-cron").read_text()
    jobs = [row for row in rows("jobs") if row["path"] == "/etc/cron.d/siteops"]
    assert len(jobs) == 2 * 6
    assert all(f"root {row['command']}\n" in tasks for row in jobs)


def test_the_seats_keys_can_be_listed() -> None:
    keys = seat_keys(SPEC, "secret")
    assert {(key.host, key.account) for key in keys} >= {("web01", "hunter"), ("edge", "partner")}
    assert len({key.fingerprint for key in keys}) == 2


def test_the_register_is_json() -> None:
    assert json.loads(json.dumps(REGISTER)) == REGISTER


@pytest.mark.parametrize(
    "said",
    [
        *("Velmora invites you", "| web01 | 10.20.1.10 | office | partner |", "There are decoys"),
        *(
            "All that you do here is recorded",
            "6 minutes",
            "150 seconds",
            "hunt submit",
            "hunt reply",
        ),
        *("hunt request partner-seat", "register.json", "Do not contact the adversary's servers"),
    ],
)
def test_the_briefing_says(said: str) -> None:
    assert said in briefing(EXERCISE, SPEC)


def test_the_briefing_names_no_server_of_the_adversary() -> None:
    text = briefing(EXERCISE, SPEC)
    assert "sink01" not in text
    assert "198.51.100.20" not in text


def test_the_exercises_own_text_is_part_of_the_briefing() -> None:
    assert "Mind the printers." in briefing(EXERCISE, SPEC, "Mind the printers.\n")


def test_the_rules_of_engagement_are_told_and_registered() -> None:
    scope = {"segments": ["office"], "exclude_hosts": ["desk-1"], "exclude_paths": ["/srv/x/**"]}
    roe = {"scope": scope, "prohibited": ["active_scan"], "notes": ["Nobody scans here."]}
    exercise = samples.exercise(roe=roe)
    text = briefing(exercise, SPEC)
    assert "* In scope: office." in text
    assert "* Out of scope, whatever else is said: desk-1, `/srv/x/**`." in text
    assert "| desk-1 | 10.20.1.21 | office | partner, out of scope |" in text
    assert "| web01 | 10.20.1.10 | office | partner |" in text
    assert "* Never: active scan.\n* Nobody scans here." in text
    rules = register(exercise, SPEC, ITEMS)["rules"]
    assert isinstance(rules, dict)
    assert rules["exclude_paths"] == ["/srv/x/**"]
    assert "Rules of engagement" not in briefing(EXERCISE, SPEC)


def test_the_briefing_shows_a_finding_in_both_forms_with_a_host_of_the_partner() -> None:
    text = briefing(EXERCISE, SPEC)
    assert "hunt submit --host desk-1 --path /etc/cron.d/NAME --line " in text
    assert "hunt submit finding.yaml" in text
    assert "  - {kind: file, path: /etc/cron.d/NAME, sha256: DIGITS}" in text
    assert max(map(len, text.splitlines())) < 120
