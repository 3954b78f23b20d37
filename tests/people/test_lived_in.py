"""What servers of a partner hold beside documents: the wiki's history, lists, records."""

from __future__ import annotations

import csv
import gzip
import io
import re

import pytest

from rangectl.plan.partner import people
from rangectl.plan.services import with_role
from tests.people.partners import Kept, kept, partners, spec

PARTNERS = partners()
DATA = "/var/lib/dokuwiki/data"
pytestmark = pytest.mark.parametrize("name", PARTNERS)


def with_file(name: str, path: str) -> list[Kept]:
    return [one for one in kept(name) if path in one.files]


def test_every_page_of_a_wiki_was_written_by_somebody_at_a_desk(name: str) -> None:
    desks = {str(one.nics[0].address.ip) for one in with_role(spec(name), "workstation")}
    for one in with_file(name, f"{DATA}/pages/start.txt"):
        pages = [path for path in one.files if re.match(f"{DATA}/pages/.*[.]txt", path)]
        for path in pages:
            place = path.removeprefix(f"{DATA}/pages/").removesuffix(".txt")
            lines = one.text(f"{DATA}/meta/{place}.changes").splitlines()
            stamp, address, _, ident, *_ = lines[-1].split("\t")
            assert int(stamp) == int(one.files[path][2])
            assert address in desks
            assert ident == place.replace("/", ":")
            copy = one.files[f"{DATA}/attic/{place}.{stamp}.txt.gz"][3]
            assert gzip.decompress(copy or b"") == one.files[path][3]
        whole = one.text(f"{DATA}/meta/_dokuwiki.changes").splitlines()
        assert len(whole) >= len(pages)
        assert whole == sorted(whole, key=lambda line: (int(line.split("\t")[0]), line))


def test_addresses_of_departments_lead_to_those_who_work_there(name: str) -> None:
    so = people(spec(name))
    assert so is not None
    for one in with_file(name, "/etc/postfix/virtual"):
        rows = dict(
            line.split(" ", 1)
            for line in one.text("/etc/postfix/virtual").splitlines()
            if not line.startswith("#")
        )
        domain = so.site.about.domain
        assert rows[f"all@{domain}"] == ", ".join(person.mail for person in so.staff)
        assert set(rows) >= {f"{one.key}@{domain}" for one in so.departments}


def test_what_a_list_is_written_to_is_an_address_that_there_is(name: str) -> None:
    form = re.compile(r"^To: [^<@]*<([a-z]+@[^>]+)>$", re.MULTILINE)
    said, there = set(), set()
    for one in with_file(name, "/etc/postfix/virtual"):
        there = {line.split()[0] for line in one.text("/etc/postfix/virtual").splitlines()}
        for path in one.files:
            if path.startswith("/var/vmail/") and one.files[path][3] is not None:
                said.update(form.findall(one.text(path)))
    staff = {one.mail for one in so.staff} if (so := people(spec(name))) else set()
    assert {one for one in said if one.startswith("all@")} <= there
    assert said - staff <= there


def test_records_say_who_opened_them_and_who_changed_them(name: str) -> None:
    for one in with_file(name, "/var/lib/postgresql/import/10-records.sql"):
        text = one.text("/var/lib/postgresql/import/10-records.sql")
        count = len(re.findall("^INSERT INTO records", text, re.MULTILINE))
        opened = re.findall(r"^INSERT INTO audit .*, (\d+), 'opened'\);$", text, re.MULTILINE)
        assert sorted(map(int, opened)) == list(range(1, count + 1))
        assert "state: open -> closed" in text


def test_an_application_without_a_database_lists_something(name: str) -> None:
    apps = {one.name for one in with_role(spec(name), "webapp")}
    fed = {one.name for one in with_role(spec(name), "database")}
    for one in kept(name):
        told = next((dict(r.boot) for h in spec(name).hosts if h.name == one.host for r in h.roles
                     if r.name == "webapp"), {})  # fmt: skip
        own = one.host in apps - fed and "database" not in told
        assert own == ("/var/lib/webapp/records.csv" in one.files)
        if own:
            rows = list(csv.DictReader(io.StringIO(one.text("/var/lib/webapp/records.csv"))))
            assert len(rows) > 30
            assert list(rows[0]) == ["id", "noted", "subject", "owner", "state"]
