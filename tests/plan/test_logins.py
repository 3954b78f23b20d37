"""Who checks log in as."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rangectl.model.people import People
from rangectl.model.topology import CheckKind, Expect, Login, Service
from rangectl.plan.desired import desired
from rangectl.plan.logins import settled
from rangectl.plan.partner import password_of, people
from rangectl.plan.services import app_password
from rangectl.plan.spec import RangeId
from tests.app.world import TOPOLOGY

SECRET = "5" * 32
SPEC = replace(
    desired(TOPOLOGY, RangeId("minimal", "alder"), {}),
    people=People(organisation="Velmora Works", domain="works.velmora.example"),
)
FOUND = people(SPEC)
STAFF = FOUND.staff if FOUND else ()
FIRST = next(one for one in STAFF if one.host)


def service(check: CheckKind, user: str, password: str | None = None, **expect: str) -> Service:
    login = Login(user=user, password=password)
    return Service(name="it", check=check, port=1, login=login, expect=Expect(**expect))


def login_of(one: Service) -> tuple[str, str | None]:
    login = settled(one, SPEC, SECRET).login
    assert login is not None
    return login.user, login.password


def test_a_password_that_is_given_stays() -> None:
    assert login_of(service("imap", FIRST.account, "winter")) == (FIRST.account, "winter")


@pytest.mark.parametrize("user", ["staff", FIRST.account])
def test_a_person_has_one_password_for_mail_and_files(user: str) -> None:
    wanted = (FIRST.account, password_of(SECRET, FIRST))
    assert login_of(service("imap", user)) == login_of(service("smb", user)) == wanted


def test_in_the_directory_a_person_is_an_entry() -> None:
    dn = f"uid={FIRST.account},ou=people,dc=works,dc=velmora,dc=example"
    assert login_of(service("ldap", "staff")) == (dn, password_of(SECRET, FIRST))


def test_the_application_has_the_password_of_its_range() -> None:
    assert login_of(service("sql", "app")) == ("app", app_password(SECRET))


def test_mail_and_entries_of_the_staff_are_those_of_a_person() -> None:
    found = settled(service("smtp", "staff", recipient="staff"), SPEC, SECRET).expect
    assert found.recipient == f"{FIRST.account}@works.velmora.example"
    entry = settled(service("ldap", "staff", entry="staff"), SPEC, SECRET).expect.entry
    assert entry == f"uid={FIRST.account},ou=people,dc=works,dc=velmora,dc=example"


def test_a_service_without_login_is_left_as_it_is() -> None:
    one = Service(name="it", check="http", port=80)
    assert settled(one, SPEC, SECRET) == one


def test_ranges_have_passwords_of_their_own() -> None:
    assert password_of(SECRET, FIRST) != password_of("6" * 32, FIRST)
    assert len({password_of(SECRET, one) for one in STAFF}) > len(STAFF) * 0.9
