"""The papers agree with what is on the hosts, for every partner that is shipped."""

from __future__ import annotations

import gzip
from collections import Counter
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from functools import cache
from itertools import pairwise

import pytest

from rangectl.implants.briefing import listed, seat_accounts, seat_keys
from rangectl.implants.papers import papers, people_listings
from rangectl.people.facts import facts
from rangectl.people.moving import documents
from rangectl.plan.keys import key_pair
from rangectl.plan.partner import people
from rangectl.plan.services import with_role
from tests.people.partners import SECRET, Kept, kept, partners, rows, spec

PARTNERS = partners()
SEATS = {"hunter", "partner"}
pytestmark = pytest.mark.parametrize("name", PARTNERS)


@cache
def paper(name: str, file: str) -> list[dict[str, str]]:
    known = people_listings(spec(name), SECRET)
    also = (*seat_keys(spec(name), SECRET), *seat_accounts(spec(name)), *known)
    found = papers(spec(name), SECRET, listed(spec(name), (), also))
    return rows(next(one.text for one in found if one.name == file))


def hosts(name: str) -> dict[str, Kept]:
    return {one.host: one for one in kept(name)}


def test_every_account_is_on_paper_and_the_other_way(name: str) -> None:
    said = {(row["host"], row["account"]) for row in paper(name, "accounts.csv")}
    there = {(one.host, account) for one in kept(name) for account in one.accounts}
    assert {pair for pair in said if pair[1] not in SEATS} == there
    assert {pair for pair in said if pair[1] in SEATS} == {
        (host.name, seat) for host in spec(name).hosts if host.people for seat in SEATS
    }


def test_accounts_are_as_the_paper_says(name: str) -> None:
    for row in paper(name, "accounts.csv"):
        if row["account"] not in SEATS:
            host = hosts(name)[row["host"]]
            passwd, shadow = host.accounts[row["account"]], host.shadow[row["account"]]
            assert (passwd[2], passwd[4].split(",")[0]) == (row["uid"], row["owner"])
            assert shadow.startswith("!") == (row["state"] == "locked")
            assert shadow.startswith("*") == (row["state"] == "external")


def test_every_account_is_of_the_staff_or_has_a_ticket_in_the_calendar(name: str) -> None:
    staff = {row["account"]: row for row in paper(name, "hr-list.csv")}
    tickets = {row["number"] for row in paper(name, "change-calendar.csv")}
    for row in paper(name, "accounts.csv"):
        if row["account"] not in SEATS:
            assert row["account"] in staff
            assert row["owner"] == staff[row["account"]]["name"]
            assert row["state"] == "active" or row["ticket"] in tickets
            assert row["ticket"] in {"", *tickets}


def test_nobody_has_a_number_or_name_twice(name: str) -> None:
    numbers = {(row[2], row[0]) for one in kept(name) for row in one.accounts.values()}
    assert len({number for number, _ in numbers}) == len(numbers)
    assert len({account for _, account in numbers}) == len(numbers)


def test_every_key_that_may_log_in_is_registered_and_the_other_way(name: str) -> None:
    register = paper(name, "key-register.csv")
    said = {(row["host"], row["account"], row["fingerprint"]) for row in register}
    there = {(one.host, *pair) for one in kept(name) for pair in one.authorised()}
    assert {row for row in said if row[1] not in SEATS} == there
    assert len({row for row in said if row[1] in SEATS}) == 2 * len(kept(name))


def test_every_private_key_opens_what_the_register_says(name: str) -> None:
    so = people(spec(name))
    assert so is not None
    registered = {(row["fingerprint"], row["owner"]) for row in paper(name, "key-register.csv")}
    seen = 0
    for one in kept(name):
        for path in one.files:
            if path.endswith("/id_ed25519"):
                person = so.person(path.split("/")[2])
                pair = key_pair(SECRET, person.key, f"{person.account}@{person.host}")
                assert one.files[path][3] == pair.private
                assert (pair.fingerprint, person.name) in registered
                seen += 1
    assert seen


def test_every_job_is_on_paper_and_the_other_way(name: str) -> None:
    said = {
        (row["host"], row["file"], row["user"], row["schedule"], row["command"])
        for row in paper(name, "jobs.csv")
        if row["file"] != "/etc/cron.d/siteops"
    }
    there = {(one.host, *job) for one in kept(name) for job in one.jobs()}
    assert said == there
    assert there


def test_what_jobs_run_is_there_and_may_be_run(name: str) -> None:
    for one in kept(name):
        for _, owner, _, command in one.jobs():
            mode, whose, _, _ = one.files[command.split()[0]]
            assert (mode & 0o111, whose) == (0o111, owner)


def test_known_hosts_bear_the_keys_of_the_hosts(name: str) -> None:
    keys = {
        host.name: key_pair(SECRET, f"host/{host.name}", "").public.split()[1]
        for host in spec(name).hosts
    }
    addresses = {host.name: str(host.nics[0].address.ip) for host in spec(name).hosts}
    for one in kept(name):
        for path in one.files:
            if path.endswith("/known_hosts"):
                for line in one.text(path).splitlines():
                    names, _, key = line.split()
                    host, address = names.split(",")
                    assert (addresses[host], keys[host]) == (address, key)


def test_every_host_of_the_partner_is_in_the_inventory(name: str) -> None:
    rows_ = paper(name, "asset-inventory.csv")
    wanted = {
        host.name: str(host.nics[0].address.ip)
        for host in spec(name).hosts
        if host.kind in {"host", "router"}
        and any(
            segment.zone == "partner" and segment.name == nic.segment
            for segment in spec(name).segments
            for nic in host.nics
        )
    }
    assert {row["host"]: row["address"] for row in rows_} == wanted


def test_the_calendar_names_hosts_and_people_that_are_there(name: str) -> None:
    here = {row["host"] for row in paper(name, "asset-inventory.csv")}
    staff = {row["account"] for row in paper(name, "hr-list.csv")}
    calendar = paper(name, "change-calendar.csv")
    assert all({*row["hosts"].split()} <= here for row in calendar)
    assert all(row["who"] in staff for row in calendar)
    assert [row["begin"] for row in calendar] == sorted(row["begin"] for row in calendar)
    assert len(calendar) > 10
    assert {row["state"] for row in calendar} == {"done", "approved"}


def test_mailboxes_and_directory_are_those_of_the_staff(name: str) -> None:
    so = people(spec(name))
    assert so is not None
    staff = [one.account for one in so.staff]
    for one in kept(name):
        if "/etc/dovecot/users" in one.files:
            lines = one.text("/etc/dovecot/users").splitlines()
            assert [line.partition(":")[0] for line in lines] == staff
            boxes = {path.split("/")[3] for path in one.files if path.startswith("/var/vmail/")}
            assert boxes == set(staff)
        if "/etc/ldap/import/10-site.ldif" in one.files:
            lines = one.text("/etc/ldap/import/10-site.ldif").splitlines()
            assert [line[5:] for line in lines if line.startswith("uid: ")] == staff
        if "/etc/samba/import" in one.files:
            lines = one.text("/etc/samba/import").splitlines()
            assert [line.partition(":")[0] for line in lines] == staff


def test_documents_lie_where_the_list_of_them_says(name: str) -> None:
    so = people(spec(name))
    assert so is not None
    for document in documents(so):
        _, owner, _, content = hosts(name)[document.host].files[document.path]
        assert owner == document.owner
        assert content


def test_a_gap_of_the_calendar_is_in_the_log_and_no_other(name: str) -> None:
    so = people(spec(name))
    assert so is not None
    gap = facts(so).gap
    for one in kept(name):
        lines = one.text("/var/log/siteops.log").splitlines()
        times = [datetime.fromisoformat(line) for line in lines if line[:2] == "20"]
        steps = [(b - a).total_seconds() for a, b in pairwise(times)]
        long = [times[i] for i, step in enumerate(steps) if step > 7 * 3600]
        if gap is not None and one.host in gap.hosts:
            assert len(long) == 1
            assert long[0] < gap.begin
        else:
            assert long == []


def test_nothing_is_from_the_future_or_all_of_one_second(name: str) -> None:
    since = spec(name).since.timestamp()
    for one in kept(name):
        times = [mtime for _, _, mtime, content in one.files.values() if content is not None]
        assert max(times) < since + 1, one.host
        assert not any(time == int(time) for time in times)
        often = Counter(map(int, times)).most_common(1)[0][1]
        assert often <= max(3, len(times) // 8), one.host


def test_mail_is_dated_as_its_file_and_before_the_range_began(name: str) -> None:
    count = 0
    for one in kept(name):
        for path, (_, _, mtime, content) in one.files.items():
            if path.startswith("/var/vmail/") and content is not None:
                said = parsedate_to_datetime(message_from_bytes(content)["Date"])
                assert said == datetime.fromtimestamp(int(mtime), UTC)
                assert said < spec(name).since
                count += 1
    assert count > 150 or not with_role(spec(name), "mail")


def test_it_stays_within_bounds(name: str) -> None:
    sizes = [len(content or b"") for one in kept(name) for _, _, _, content in one.files.values()]
    assert 300 < len(sizes) < 3000
    assert 100_000 < sum(sizes) < 3_000_000


def test_nothing_says_how_it_was_made(name: str) -> None:
    words = (b"rangectl", b"lorem", b"ipsum", b"faker", b"synthetic", b"{", b"TODO ")
    for one in kept(name):
        for path, (_, _, _, content) in one.files.items():
            if path.startswith(("/home/", "/srv/", "/var/vmail/", "/var/lib/dokuwiki")):
                told = (
                    gzip.decompress(content) if path.endswith(".gz") and content else content or b""
                )
                found = [word for word in words if word in told]
                assert not found or path.endswith((".bash_history", "/bin/note-load")), path


def test_two_teams_have_the_same_people_and_other_keys(name: str) -> None:
    other = {one.host: one for one in kept(name, "6" * 32)}
    for one in kept(name):
        mine = {path: row[:3] for path, row in one.files.items()}
        assert mine == {path: row[:3] for path, row in other[one.host].files.items()}
        assert not {key for _, key in one.authorised()} & {
            key for _, key in other[one.host].authorised()
        }
