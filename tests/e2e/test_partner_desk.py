"""What the clients that everybody has see of a partner's network, from his people's desks."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import docker
import pytest

from rangectl.people import Person
from rangectl.plan.containers import Seen, range_from, secret_of
from rangectl.plan.partner import password_of, people
from rangectl.plan.services import app_password
from rangectl.plan.spec import RangeId
from tests.e2e.program import Program, Range

pytestmark = [pytest.mark.engine, pytest.mark.slow]

TEAM = "a"
SUFFIX = "dc=grid,dc=velmora,dc=example"


@dataclass(frozen=True)
class Site:
    """A partner's range, and two of his people."""

    range: Range
    secret: str
    me: Person
    other: Person

    @property
    def password(self) -> str:
        return password_of(self.secret, self.me)

    def desk(self, script: str) -> str:
        return self.range.sh("desk-1", f"cd /tmp; {script} 2>&1")[1]


@pytest.fixture(scope="module")
def site(program: Program, client: docker.DockerClient) -> Iterator[Site]:
    name = f"par-{secrets.token_hex(3)}"
    try:
        program.run("up", "energy-utility", "--name", name, "--teams", TEAM)
        yield found(Range(program, client, name, TEAM), client)
    finally:
        program.run("down", name)


def found(range_: Range, client: docker.DockerClient) -> Site:
    api: Any = client.api
    label = f"rangectl.range={range_.name}/{TEAM}"
    rows = api.containers(all=True, filters={"label": [label]})
    seen = [
        Seen(
            id=row["Id"],
            range=RangeId(range_.name, TEAM),
            kind=row["Labels"]["rangectl.kind"],
            host=row["Labels"]["rangectl.host"],
            running=True,
            labels=tuple(row["Labels"].items()),
        )
        for row in rows
    ]
    spec, secret = range_from(seen), secret_of(seen)
    assert spec is not None
    assert secret is not None
    everybody = people(spec)
    assert everybody is not None
    return Site(range_, secret, *everybody.staff[:2])


def test_nmap_finds_what_stands_in_the_office(site: Site) -> None:
    said = site.desk("nmap -sT -p 22,53,80,389,445,5432 ns01 files wiki hr")
    assert "Nmap scan report for files" in said
    assert "files.grid.velmora.example" in said  # what its address is called
    opened = [line.split()[0] for line in said.splitlines() if " open " in line]
    wanted = {"22/tcp", "53/tcp", "80/tcp", "389/tcp", "445/tcp", "5432/tcp"}
    assert set(opened) == wanted


def test_the_plant_is_not_seen_from_the_office(site: Site) -> None:
    said = site.desk("nmap -Pn -n -sT -p 502 --max-retries 0 plc01")
    assert "502/tcp filtered" in said


def test_curl_shows_the_portal_and_the_wiki(site: Site) -> None:
    assert "<h1>Customer portal</h1>" in site.desk("curl -s http://web-portal/")
    assert "Server: nginx" in site.desk("curl -sI http://wiki/")
    assert "Velmora Grid wiki" in site.desk("curl -s http://wiki/")


def test_dig_knows_names_both_ways_and_no_strangers(site: Site) -> None:
    assert site.desk("dig +short files.grid.velmora.example") == "10.10.20.20\n"
    assert site.desk("dig +short -x 10.10.20.20") == "files.grid.velmora.example.\n"
    assert site.desk("dig +short mx grid.velmora.example").startswith("10 mail.")
    assert "NXDOMAIN" in site.desk("dig www.example.org")


def test_ldapsearch_finds_colleagues(site: Site) -> None:
    ask = f"ldapsearch -x -LLL -H ldap://ns01 -b {SUFFIX} uid={site.other.account} mail"
    assert f"mail: {site.other.mail}" in site.desk(ask)
    entry = f"uid={site.me.account},ou=people,{SUFFIX}"
    who = f"ldapwhoami -x -H ldap://ns01 -D {entry} -w '{site.password}'"
    assert site.me.account in site.desk(who)


def test_swaks_delivers_mail_that_is_then_read(site: Site) -> None:
    to, sender = site.me.mail, site.other.mail
    send = f"swaks --server mail --from {sender} --to {to} --header 'Subject: Line 7' --body ok"
    assert "250 2.0.0 Ok: queued" in site.desk(send)
    assert "550" in site.desk("swaks --server mail --to nobody.here@grid.velmora.example")
    search = f"curl -s --insecure -u {site.me.account}:'{site.password}' imaps://mail/INBOX -X"
    assert "* SEARCH " in site.desk(f"sleep 2; {search} 'SEARCH SUBJECT \"Line 7\"'")


def test_smbclient_lists_and_reads_the_departments_folders(site: Site) -> None:
    account = f"-U '{site.me.account}%{site.password}'"
    listed = site.desk(f"smbclient -L //files {account}")
    shares = [line.split()[0] for line in listed.splitlines() if " Disk " in line]
    assert site.me.department.key in shares
    assert "blocks of size" in site.desk(f"smbclient //files/{shares[0]} {account} -c ls")
    assert "NT_STATUS" in site.desk("smbclient -L //files -U nobody%x")


def test_psql_reads_what_the_application_shows(site: Site) -> None:
    ask = "psql -h hr -U app app -Atc 'SELECT count(*) FROM records'"
    said = site.desk(f"PGPASSWORD={app_password(site.secret)} {ask}")
    assert int(said) > 0
    assert "password authentication failed" in site.desk(f"PGPASSWORD=x {ask}")


def test_a_modbus_client_reads_the_controller_from_the_engineers_host(site: Site) -> None:
    said = site.range.must("remote", "mbpoll -1 -0 -t 4 -r 0 -c 2 plc01 2>&1")
    assert "[0]: \t2300" in said
    assert "[1]: \t4998" in said
    site.range.must("remote", "mbpoll -1 -0 -t 4 -r 0 plc01 7 2>&1")
    assert "[0]: \t2300" in site.range.must("remote", "mbpoll -1 -0 -t 4 -r 0 -c 1 plc01 2>&1")


def test_the_site_s_logs_come_together(site: Site) -> None:
    site.range.must("files", "logger -t probe a-line-of-files")
    script = (
        "for i in $(seq 20); do grep -hs a-line /var/log/hosts/files.log && break; sleep 1; done"
    )
    assert "a-line-of-files" in site.range.must("ns01", script)
