"""Who checks log in as: what a topology cannot know of a range, filled in."""

from __future__ import annotations

from rangectl.model.topology import Expect, Login, Service
from rangectl.people import Person
from rangectl.plan.partner import entry_of, password_of, people
from rangectl.plan.services import APP_ACCOUNT, app_password, organisation
from rangectl.plan.spec import RangeSpec

STAFF = "staff"


def settled(service: Service, spec: RangeSpec, secret: str) -> Service:
    """Return a service with the accounts and passwords that this range gave."""
    login, expect = service.login, service.expect
    person = None if login is None and STAFF not in _named(expect) else _first(spec)
    if person is not None:
        expect = _expected(expect, person, organisation(spec).domain)
    if login is not None:
        login = _login(login, service, spec, secret)
    return service.model_copy(update={"login": login, "expect": expect})


def _named(expect: Expect) -> tuple[str | None, ...]:
    return (expect.recipient, expect.entry)


def _first(spec: RangeSpec) -> Person | None:
    found = people(spec)
    staff = found.staff if found is not None else ()
    return next((one for one in staff if one.host), staff[0] if staff else None)


def _expected(expect: Expect, person: Person, domain: str) -> Expect:
    recipient = person.mail if expect.recipient == STAFF else expect.recipient
    entry = entry_of(person, domain) if expect.entry == STAFF else expect.entry
    return expect.model_copy(update={"recipient": recipient, "entry": entry})


def _login(login: Login, service: Service, spec: RangeSpec, secret: str) -> Login:
    if login.password is not None:
        return login
    if service.check == "sql" and login.user == APP_ACCOUNT:
        return Login(user=login.user, password=app_password(secret))
    person = _who(login.user, spec)
    if person is None:
        return Login(user=login.user, password="")
    password = password_of(secret, person)
    if service.check == "ldap":
        return Login(user=entry_of(person, organisation(spec).domain), password=password)
    return Login(user=person.account, password=password)


def _who(user: str, spec: RangeSpec) -> Person | None:
    """Return whose account, or whose entry in the directory, this is."""
    if user == STAFF:
        return _first(spec)
    found, domain = people(spec), organisation(spec).domain
    staff = found.staff if found is not None else ()
    mine = (one for one in staff if user in {one.account, entry_of(one, domain)})
    return next(mine, None)
